// SPDX-License-Identifier: Apache-2.0
#include "engine/state/state_key.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace millrace::state {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Gt;

TEST(StateKey, NamesTheManifestOfAPartition) {
  const StateKey key{.id = {"user-login", 3}};

  EXPECT_EQ(key.to_text("logins"), "logins/user-login/3");
  EXPECT_EQ(StateKey::parse("logins", "logins/user-login/3"), key);
}

TEST(StateKey, NamesAChunkOfAnInsight) {
  const StateKey key{.id = {"user-login", 3}, .chunk = 12, .insight = "top_user"};

  EXPECT_EQ(key.to_text("logins"), "logins/user-login/3/12/top_user");
  EXPECT_EQ(StateKey::parse("logins", "logins/user-login/3/12/top_user"), key);
}

TEST(StateKey, NumbersThePiecesOfAValue) {
  const StateKey manifest{.id = {"t", 0}, .piece = 1};
  const StateKey chunk{.id = {"t", 0}, .chunk = 7, .insight = "n", .piece = 4'000'000'000};

  EXPECT_EQ(manifest.to_text("g"), "g/t/0.1");
  EXPECT_EQ(chunk.to_text("g"), "g/t/0/7.4000000000/n");
  EXPECT_EQ(StateKey::parse("g", "g/t/0.1"), manifest);
  EXPECT_EQ(StateKey::parse("g", "g/t/0/7.4000000000/n"), chunk);
}

TEST(StateKey, AGroupMayHaveSlashes) {
  const StateKey key{.id = {"t", 5}};

  EXPECT_EQ(key.to_text("team/a%2F"), "team%2Fa%252F/t/5");
  EXPECT_EQ(StateKey::parse("team/a%2F", "team%2Fa%252F/t/5"), key);
}

// Topic 0 in group "a/b/7" would else have the key of an insight "3" in group "a".
TEST(StateKey, OfAnotherGroupNothingIsRead) {
  const std::string key = StateKey{.id = {"0", 3}}.to_text("a/b/7");

  EXPECT_EQ(StateKey::parse("a", key), std::nullopt);
  EXPECT_EQ(StateKey::parse("a/b", key), std::nullopt);
  EXPECT_EQ(StateKey::parse("a%2Fb%2F7", key), std::nullopt);
  EXPECT_EQ(StateKey::parse("", key), std::nullopt);
  EXPECT_TRUE(StateKey::parse("a/b/7", key));
}

TEST(StateKey, ATopicThatIsAnothersPrefixIsAnother) {
  EXPECT_EQ(StateKey::parse("g", "g/user/1")->id.topic, "user");
  EXPECT_EQ(StateKey::parse("g", "g/user.login/1")->id.topic, "user.login");
  EXPECT_EQ(StateKey::parse("g", "g/1/1")->id, (base::TopicPartition{"1", 1}));
}

class NoStateKey : public ::testing::TestWithParam<std::string> {};

TEST_P(NoStateKey, IsRefused) {
  EXPECT_EQ(StateKey::parse("g", GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Texts, NoStateKey,
                         ::testing::Values("", "g", "g/", "g/t", "g/t/", "g//1", "g/t/x", "g/t/-1",
                                           "g/t/+1", "g/t/01", "g/t/ 1", "g/t/1 ", "g/t/2147483648",
                                           "g/t/1/", "g/t/1/2", "g/t/1/2/", "g/t/1//n", "g/t/1/x/n",
                                           "g/t/1/-2/n", "g/t/1/4294967296/n", "g/t/1.0", "g/t/1.",
                                           "g/t/.1", "g/t/1.x", "g/t/1.01", "g/t/1.4294967296",
                                           "g/t/1.2.3", "g/t/1.1/2/n", "g/t/1/2.0/n", "g/t/1/2./n",
                                           "h/t/1", "gg/t/1", "/g/t/1", "G/t/1"));

TEST(StateKey, AnInsightsNameIsAllThatIsLeft) {
  EXPECT_EQ(StateKey::parse("g", "g/t/1/0/a/b")->insight, "a/b");
}

TEST(StateKeyDeath, AChunkIsOneOfAnInsight) {
  EXPECT_DEATH((void)(StateKey{.id = {"t", 0}, .chunk = 0}).to_text("g"), "insight");
  EXPECT_DEATH((void)(StateKey{.id = {"t", 0}, .insight = "n"}).to_text("g"), "insight");
}

// It says where the state of a partition is found: it must be the same in every version.
TEST(LogPartition, IsTheSameForEver) {
  std::vector<int32_t> logins;
  for (int32_t i = 0; i < 8; ++i) logins.push_back(log_partition({"user-login", i}, 8));

  EXPECT_THAT(logins, ElementsAre(1, 6, 2, 5, 5, 7, 4, 0));
  EXPECT_EQ(log_partition({"user-login", 3}, 1), 0);
}

TEST(LogPartition, SpreadsThePartitionsOfTopics) {
  std::array<int, 8> counts{};
  for (int32_t i = 0; i < 1'000; ++i) {
    ++counts.at(static_cast<size_t>(log_partition({"a", i}, 8)));
    ++counts.at(static_cast<size_t>(log_partition({"b", i}, 8)));
  }

  EXPECT_THAT(counts, Each(Gt(150)));
}

TEST(PieceCount, IsRoundedUp) {
  EXPECT_EQ(piece_count(0), 0U);
  EXPECT_EQ(piece_count(1), 1U);
  EXPECT_EQ(piece_count(StateKey::kPieceBytes), 1U);
  EXPECT_EQ(piece_count(StateKey::kPieceBytes + 1), 2U);
}

// Of few characters, so that they often are parts of each other, and numbers.
rc::Gen<std::string> some_group() {
  return rc::gen::container<std::string>(rc::gen::element('a', '/', '%', '2', 'F', '0'));
}

StateKey some_key() {
  StateKey key;
  key.id.topic = *rc::gen::nonEmpty(
      rc::gen::container<std::string>(rc::gen::element('a', '2', '0', '.', 'F')));
  key.id.partition = *rc::gen::inRange<int32_t>(0, INT32_MAX);
  key.piece = *rc::gen::element<uint32_t>(0, 0, 1, 2, UINT32_MAX);
  if (!*rc::gen::arbitrary<bool>()) return key;
  key.chunk = *rc::gen::arbitrary<uint32_t>();
  key.insight = *rc::gen::nonEmpty(rc::gen::arbitrary<std::string>());
  return key;
}

RC_GTEST_PROP(StateKeyProperty, ComesBackAsItWas, ()) {
  const std::string group = *some_group();
  const StateKey key = some_key();

  RC_ASSERT(StateKey::parse(group, key.to_text(group)) == key);
}

RC_GTEST_PROP(StateKeyProperty, BelongsToOneGroup, ()) {
  const std::string group = *some_group();
  const std::string other = *some_group();
  RC_PRE(group != other);

  RC_ASSERT(!StateKey::parse(other, some_key().to_text(group)));
}

RC_GTEST_PROP(StateKeyProperty, HasOneText, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::element('g', '/', '.', '0', '1', '9', 'n', '-'));

  const auto key = StateKey::parse("g", "g/" + text);
  // (Two brackets: the macro takes || apart.)
  RC_ASSERT((!key || key->to_text("g") == "g/" + text));
}

}  // namespace
}  // namespace millrace::state
