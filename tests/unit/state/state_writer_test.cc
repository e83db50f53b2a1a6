// SPDX-License-Identifier: Apache-2.0
#include "engine/state/state_writer.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/state/state_key.h"
#include "tests/unit/state/counted_state.h"

namespace millrace::state {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

const StateTopic kTopic{"logins.state", "logins", 8};
const base::TopicPartition kPartition{"user-login", 3};

std::vector<std::string> keys_of(const std::vector<io::CarriedRecord>& records) {
  std::vector<std::string> keys;
  for (const io::CarriedRecord& record : records)
    keys.push_back(record.key + (record.value ? "" : " X"));
  return keys;
}

std::string chunk_key(const std::string& insight, uint32_t chunk, uint32_t piece = 0) {
  return StateKey{.id = kPartition, .chunk = chunk, .insight = insight, .piece = piece}.to_text(
      kTopic.group);
}

const std::string& manifest_key() {
  static const std::string key = StateKey{.id = kPartition}.to_text(kTopic.group);
  return key;
}

Manifest manifest_in(const std::vector<io::CarriedRecord>& records) {
  uint64_t version = 0;
  return Manifest::parse(records.back().value.value(), version).value();
}

// How many chunks the manifest has of an insight.
size_t chunks_in(const std::vector<io::CarriedRecord>& records, const std::string& insight) {
  return manifest_in(records).find(insight)->chunks.size();
}

std::vector<std::string> keys_of_insight(const std::vector<io::CarriedRecord>& records,
                                         const std::string& insight) {
  std::vector<std::string> keys = keys_of(records);
  std::erase_if(
      keys, [&](const std::string& key) { return key.find("/" + insight) == std::string::npos; });
  return keys;
}

// Writes, and it succeeds.
std::vector<io::CarriedRecord> put(StateWriter& writer, const insights::State& state) {
  auto records = writer.write(state, 1);
  writer.confirm();
  return records;
}

TEST(StateWriter, WritesAllAtFirstAndTheManifestLast) {
  StateWriter writer(kTopic, kPartition);
  Counted counted;
  counted.count({"anna", "ben"});

  const auto records = writer.write(counted.state(), 1'700'000'000'000);

  EXPECT_THAT(keys_of(records),
              ElementsAre(chunk_key("count", 0), chunk_key("users", 0), chunk_key("distinct", 0),
                          chunk_key("top", 0), chunk_key("hours", 0), chunk_key("sum", 0),
                          chunk_key("sizes", 0), manifest_key()));
  for (const io::CarriedRecord& record : records) {
    EXPECT_EQ(record.topic, kTopic.name);
    EXPECT_EQ(record.partition, log_partition(kPartition, kTopic.partitions));
  }
  const Manifest manifest = manifest_in(records);
  EXPECT_EQ(manifest.end, counted.end());
  EXPECT_EQ(manifest.written_ms, 1'700'000'000'000);
  EXPECT_EQ(manifest.insights[1].definition, "count_by user");
}

TEST(StateWriter, WritesNoLiveInsights) {
  StateWriter writer(kTopic, kPartition);
  Counted counted;
  counted.count({"anna"});

  const auto records = put(writer, counted.state());

  EXPECT_THAT(keys_of(records), Not(Contains(chunk_key("rate", 0))));
  EXPECT_EQ(manifest_in(records).find("rate"), nullptr);
}

TEST(StateWriter, WritesNothingThatTheTopicHas) {
  StateWriter writer(kTopic, kPartition);
  Counted counted;
  counted.count({"anna", "ben"});
  (void)put(writer, counted.state());

  EXPECT_THAT(writer.write(counted.state(), 2), IsEmpty());
  writer.confirm();
  EXPECT_THAT(writer.write(counted.state(), 3), IsEmpty());
  EXPECT_EQ(writer.written(), counted.end());
}

TEST(StateWriter, WritesTheManifestAloneWhereOnlyTheOffsetMoved) {
  StateWriter writer(kTopic, kPartition);
  insights::State state(declaration());
  state.cover({0}, {1}, 1);
  (void)put(writer, state);
  state.cover({1}, {7}, 0);

  EXPECT_THAT(keys_of(put(writer, state)), ElementsAre(manifest_key()));
  EXPECT_EQ(writer.written(), base::Offset{7});
}

// One user of many: the chunks of the tables that it is not in stay as they are.
TEST(StateWriter, WritesOnlyTheChunksThatChanged) {
  StateWriter writer(kTopic, kPartition);
  Counted counted;
  const std::vector<std::string> users = names("user", 8'000, 200);
  counted.count(users);
  const auto all = put(writer, counted.state());
  ASSERT_EQ(chunks_in(all, "users"), 8U);
  ASSERT_EQ(keys_of_insight(all, "users").size(), 8U);

  const std::string& user = users[5];
  counted.count({user});
  const auto chunk = static_cast<uint32_t>(insights::chunk_of(user, 8));

  EXPECT_THAT(keys_of_insight(put(writer, counted.state()), "users"),
              ElementsAre(chunk_key("users", chunk)));
}

TEST(StateWriter, ChunksStayUnderTheirSize) {
  StateWriter writer(kTopic, kPartition);
  Counted counted;
  for (int i = 0; i < 6; ++i) {
    counted.count(names(std::to_string(i) + "-", 3'000, 250));
    for (const io::CarriedRecord& record : put(writer, counted.state())) {
      // (By chance one has a few keys more than another.)
      ASSERT_LT(record.value.value().size(), StateWriter::kChunkBytes * 9 / 8);
    }
  }
}

TEST(StateWriter, ChunksDoubleAndAllAreWritten) {
  StateWriter writer(kTopic, kPartition);
  Counted counted;
  counted.count(names("a", 1'000, 200));
  EXPECT_EQ(chunks_in(put(writer, counted.state()), "users"), 1U);

  counted.count(names("b", 1'000, 200));
  const auto two = put(writer, counted.state());
  EXPECT_EQ(chunks_in(two, "users"), 2U);
  EXPECT_THAT(keys_of_insight(two, "users"),
              ElementsAre(chunk_key("users", 0), chunk_key("users", 1)));

  // More than twice as many at once.
  counted.count(names("c", 8'000, 200));
  const auto many = put(writer, counted.state());
  EXPECT_EQ(chunks_in(many, "users"), 8U);
  EXPECT_EQ(keys_of_insight(many, "users").size(), 8U);
}

TEST(StateWriter, ChunksNeverBecomeFewer) {
  StateWriter writer(kTopic, kPartition);
  Counted large;
  large.count(names("a", 2'000, 200));
  (void)put(writer, large.state());
  Counted small;
  small.count({"anna"});

  EXPECT_EQ(chunks_in(put(writer, small.state()), "users"), 2U);
}

TEST(StateWriter, WhatWasRefusedIsWrittenAgain) {
  StateWriter writer(kTopic, kPartition);
  Counted counted;
  counted.count({"anna"});
  const auto first = writer.write(counted.state(), 1);
  EXPECT_FALSE(writer.written().valid());
  writer.refuse();
  EXPECT_FALSE(writer.written().valid());

  EXPECT_EQ(keys_of(writer.write(counted.state(), 1)), keys_of(first));
  writer.confirm();
  EXPECT_EQ(writer.written(), counted.end());

  const base::Offset before = counted.end();
  counted.count({"ben"});
  const auto second = writer.write(counted.state(), 2);
  writer.refuse();
  EXPECT_EQ(writer.written(), before);
  EXPECT_EQ(keys_of(writer.write(counted.state(), 2)), keys_of(second));
}

TEST(StateWriter, GoesOnWithWhatWasRestored) {
  StateWriter before(kTopic, kPartition);
  Counted counted;
  counted.count({"anna"});
  const Manifest manifest = manifest_in(put(before, counted.state()));

  StateWriter writer(kTopic, kPartition);
  writer.resume(manifest);
  EXPECT_EQ(writer.written(), counted.end());
  EXPECT_THAT(writer.write(counted.state(), 2), IsEmpty());
}

TEST(StateWriter, BuriesInsightsThatAreNoMore) {
  StateWriter before(kTopic, kPartition);
  Counted counted;
  counted.count(names("a", 2'000, 200));
  const Manifest manifest = manifest_in(put(before, counted.state()));
  const insights::Declaration fewer = changed({.without = {"users"}});
  Counted after(fewer);
  after.count({"anna"});

  StateWriter writer(kTopic, kPartition);
  writer.resume(manifest);
  const auto records = put(writer, after.state());

  EXPECT_THAT(keys_of_insight(records, "users"),
              ElementsAre(chunk_key("users", 0) + " X", chunk_key("users", 1) + " X"));
  EXPECT_EQ(manifest_in(records).find("users"), nullptr);
  EXPECT_EQ(records.back().key, manifest_key());
  // Once.
  after.count({"ben"});
  EXPECT_THAT(keys_of_insight(put(writer, after.state()), "users"), IsEmpty());
}

// What the topic has of it may be damaged (decode_state.h).
TEST(StateWriter, WritesAllOfWhatHasNoDefinitionInTheTopic) {
  StateWriter before(kTopic, kPartition);
  Counted counted;
  counted.count({"anna"});
  Manifest manifest = manifest_in(put(before, counted.state()));
  manifest.insights[1].definition.clear();

  StateWriter writer(kTopic, kPartition);
  writer.resume(manifest);
  EXPECT_THAT(keys_of(put(writer, counted.state())),
              ElementsAre(chunk_key("users", 0), manifest_key()));
  EXPECT_THAT(put(writer, counted.state()), IsEmpty());
}

// Users whose names were chosen so that they all lie in one chunk.
std::vector<std::string> in_first_chunk(size_t count) {
  std::vector<std::string> chosen;
  for (size_t i = 0; chosen.size() < count; ++i) {
    std::string name = std::to_string(i);
    name.resize(250, 'x');
    if (insights::chunk_of(name, 64) == 0) chosen.push_back(std::move(name));
  }
  return chosen;
}

TEST(StateWriter, NoRecordIsTooLargeWhateverTheKeysAre) {
  StateWriter writer(kTopic, kPartition);
  Counted counted;
  counted.count(in_first_chunk(5'000));

  const auto records = put(writer, counted.state());

  EXPECT_THAT(keys_of_insight(records, "users"),
              ElementsAre(chunk_key("users", 0, 2), chunk_key("users", 0, 1), chunk_key("users", 0),
                          chunk_key("users", 1), chunk_key("users", 2), chunk_key("users", 3),
                          chunk_key("users", 4), chunk_key("users", 5), chunk_key("users", 6),
                          chunk_key("users", 7)));
  for (const io::CarriedRecord& record : records)
    EXPECT_LE(record.value.value().size(), StateKey::kPieceBytes);
  // The pieces that a shorter one does not need any more are tombstones.
  Counted fewer;
  fewer.count(in_first_chunk(3'000));
  const auto shorter = put(writer, fewer.state());
  EXPECT_THAT(keys_of_insight(shorter, "users"),
              ElementsAre(chunk_key("users", 0, 2) + " X", chunk_key("users", 0, 1),
                          chunk_key("users", 0)));
}

TEST(StateWriter, ALargeManifestGoesInPieces) {
  insights::Declaration many;
  many.parts = {{.kind = insights::PartKind::kCounter}};
  for (int i = 0; i < 3'000; ++i) {
    many.insights.push_back({.kind = insights::Kind::kCount,
                             .name = "count_" + std::to_string(i),
                             .definition = std::string(400, 'd')});
  }
  StateWriter writer(kTopic, kPartition);
  insights::State state(many);
  state.cover({0}, {1}, 0);

  const auto records = put(writer, state);
  std::vector<std::string> keys = keys_of(records);
  keys.erase(keys.begin(), keys.begin() + 3'000);
  EXPECT_THAT(keys, ElementsAre(manifest_key() + ".2", manifest_key() + ".1", manifest_key()));

  insights::State small(declaration());
  small.cover({0}, {1}, 0);
  keys = keys_of(put(writer, small));
  keys.erase(keys.begin(), keys.end() - 3);
  EXPECT_THAT(keys, ElementsAre(manifest_key() + ".2 X", manifest_key() + ".1 X", manifest_key()));
}

TEST(StateWriterDeath, OneWriteAtATime) {
  StateWriter writer(kTopic, kPartition);
  Counted counted;
  EXPECT_DEATH(writer.confirm(), "writing_");
  EXPECT_DEATH(writer.refuse(), "writing_");
  (void)writer.write(counted.state(), 1);
  EXPECT_DEATH((void)writer.write(counted.state(), 1), "writing_");
  EXPECT_DEATH(writer.resume({}), "writing_");
}

TEST(StateWriterDeath, AStateCoversSomething) {
  StateWriter writer(kTopic, kPartition);
  const insights::State state(declaration());
  EXPECT_DEATH((void)writer.write(state, 1), "end.valid");
}

}  // namespace
}  // namespace millrace::state
