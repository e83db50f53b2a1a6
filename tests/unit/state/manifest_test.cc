// SPDX-License-Identifier: Apache-2.0
#include "engine/state/manifest.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/insights/encoding.h"
#include "engine/insights/stable_hash.h"

namespace millrace::state {
namespace {

Manifest some_manifest() {
  return {.end = {5'000},
          .written_ms = 1'700'000'000'000,
          .counts = "counts",
          .insights = {{"a", "count_by a", "", {{1, 2}, {}, {~uint64_t{0}, 3}, {}}},
                       {"b", "", std::string(300, '\0'), {{}}}}};
}

std::optional<Manifest> parse(std::string_view bytes) {
  uint64_t version = 0;
  return Manifest::parse(bytes, version);
}

// A body with its version and hash, as to_bytes() frames it.
std::string framed(uint64_t version, const std::string& body) {
  insights::Encoder whole;
  whole.number(version);
  whole.number(insights::stable_hash(body));
  whole.text(body);
  return whole.bytes();
}

TEST(Manifest, ComesBackAsItWas) {
  EXPECT_EQ(parse(some_manifest().to_bytes()), some_manifest());
  EXPECT_EQ(parse(Manifest{.end = {0}}.to_bytes()), Manifest{.end = {0}});
}

TEST(Manifest, BeginsWithItsVersion) {
  EXPECT_EQ(some_manifest().to_bytes()[0], '\1');
}

TEST(Manifest, SaysWhichVersionItDoesNotKnow) {
  std::string bytes = some_manifest().to_bytes();
  bytes[0] = 2;
  uint64_t version = 0;

  EXPECT_EQ(Manifest::parse(bytes, version), std::nullopt);
  EXPECT_EQ(version, 2U);
}

TEST(Manifest, OfNothingHasNoVersion) {
  uint64_t version = 7;
  EXPECT_EQ(Manifest::parse("", version), std::nullopt);
  EXPECT_EQ(version, 0U);
}

TEST(Manifest, FindsAnInsightByItsName) {
  const Manifest manifest = some_manifest();
  EXPECT_EQ(manifest.find("b"), &manifest.insights[1]);
  EXPECT_EQ(manifest.find("c"), nullptr);
}

TEST(Manifest, EveryFlippedBitIsFound) {
  const std::string bytes = some_manifest().to_bytes();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_EQ(parse(damaged), std::nullopt) << "bit " << bit;
  }
}

TEST(Manifest, EveryCutIsFound) {
  const std::string bytes = some_manifest().to_bytes();
  for (size_t size = 0; size < bytes.size(); ++size)
    ASSERT_EQ(parse(bytes.substr(0, size)), std::nullopt) << size;
}

TEST(Manifest, WhatFollowsIsNotLookedAt) {
  EXPECT_EQ(parse(some_manifest().to_bytes() + "a piece of a longer one"), some_manifest());
}

// What nobody wrote, though its hash is right.
TEST(Manifest, ABodyThatMakesNoSenseGivesNothing) {
  const auto body = [](const auto& write) {
    insights::Encoder encoder;
    encoder.number(1);
    encoder.signed_number(2);
    encoder.text("counts");
    write(encoder);
    return framed(1, encoder.bytes());
  };
  const auto insight = [](insights::Encoder& to, std::string_view name, size_t chunks) {
    to.text(name);
    to.text("definition");
    to.text("counts");
    to.number(chunks);
    for (size_t i = 0; i < chunks; ++i) to.number(0);
  };
  using Encoder = insights::Encoder;
  const auto good = [&](Encoder& to) { to.number(1), insight(to, "a", 2); };
  ASSERT_TRUE(parse(body(good)));

  EXPECT_FALSE(parse(framed(1, "")));
  EXPECT_FALSE(parse(body([&](Encoder& to) { good(to), to.number(0); }))) << "something is left";
  EXPECT_FALSE(parse(body([&](Encoder& to) { to.number(1), insight(to, "", 2); }))) << "no name";
  EXPECT_FALSE(parse(body([&](Encoder& to) { to.number(1), insight(to, "a", 0); }))) << "no chunk";
  EXPECT_FALSE(parse(body([&](Encoder& to) { to.number(1), insight(to, "a", 3); }))) << "3 chunks";
  EXPECT_FALSE(parse(body([&](Encoder& to) {
    to.number(2), insight(to, "a", 1), insight(to, "a", 1);
  }))) << "twice";
  EXPECT_FALSE(parse(body([&](Encoder& to) { to.number(~uint64_t{0}); }))) << "many insights";
  EXPECT_FALSE(parse(body([&](Encoder& to) {
    to.number(1), to.text("a"), to.text(""), to.text(""), to.number(uint64_t{1} << 60);
  }))) << "many chunks";
  Encoder beyond;
  beyond.number(uint64_t{1} << 63);
  beyond.signed_number(0);
  beyond.text("");
  beyond.number(0);
  EXPECT_FALSE(parse(framed(1, beyond.bytes()))) << "an offset beyond 63 bits";
}

TEST(ManifestDeath, IsOfAStateThatCoversSomething) {
  EXPECT_DEATH((void)Manifest{}.to_bytes(), "end.valid");
}

// A million keys of 256 bytes with a sketch's registers in some: 300 MB.
TEST(Manifest, IsSmallForAMillionKeys) {
  Manifest manifest = some_manifest();
  manifest.insights[0].chunks.assign(2'048, {~uint64_t{0}, 262'144});

  EXPECT_LT(manifest.to_bytes().size(), 32U << 10);
}

// Of any state: names and bytes as they come.
rc::Gen<Manifest> any_manifest() {
  return rc::gen::exec([] {
    Manifest manifest;
    manifest.end.value = *rc::gen::inRange<int64_t>(0, INT64_MAX);
    manifest.written_ms = *rc::gen::arbitrary<int64_t>();
    manifest.counts = *rc::gen::arbitrary<std::string>();
    const auto insights = *rc::gen::inRange(0, 5);
    for (int i = 0; i < insights; ++i) {
      Manifest::Insight insight;
      insight.name = *rc::gen::arbitrary<std::string>() + std::to_string(i);
      insight.definition = *rc::gen::arbitrary<std::string>();
      insight.counts = *rc::gen::arbitrary<std::string>();
      insight.chunks.resize(size_t{1} << *rc::gen::inRange(0, 6));
      for (Manifest::Chunk& chunk : insight.chunks) {
        if (*rc::gen::arbitrary<bool>()) continue;
        chunk.bytes = *rc::gen::positive<uint64_t>();
        chunk.hash = *rc::gen::arbitrary<uint64_t>();
      }
      manifest.insights.push_back(std::move(insight));
    }
    return manifest;
  });
}

RC_GTEST_PROP(ManifestProperty, ComesBackAsItWas, ()) {
  const Manifest manifest = *any_manifest();

  RC_ASSERT(parse(manifest.to_bytes()) == manifest);
}

// With a hash that is right, so that the body is looked at.
RC_GTEST_PROP(ManifestProperty, TakesNoOtherBytes, ()) {
  const std::string bytes = (*any_manifest()).to_bytes();
  insights::Decoder decoder(bytes);
  decoder.number();
  decoder.number();
  std::string body(decoder.text());
  const auto at = *rc::gen::inRange<size_t>(0, body.size());
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      body[at] = *rc::gen::arbitrary<char>();
      break;
    case 1:
      body.erase(at, *rc::gen::inRange<size_t>(1, 9));
      break;
    default:
      body.insert(at, *rc::gen::arbitrary<std::string>());
  }

  const auto manifest = parse(framed(1, body));
  // (Two brackets: the macro takes || apart.)
  RC_ASSERT((!manifest || manifest->to_bytes() == framed(1, body)));
}

RC_GTEST_PROP(ManifestProperty, NoiseDoesNoHarm, ()) {
  const auto noise = *rc::gen::arbitrary<std::string>();

  (void)parse(noise);
  (void)parse(framed(1, noise));
}

}  // namespace
}  // namespace millrace::state
