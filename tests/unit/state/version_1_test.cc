// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/insights/results.h"
#include "engine/insights/state.h"
#include "engine/record/json_writer.h"
#include "engine/state/restore.h"
#include "engine/state/state_writer.h"
#include "tests/unit/state/fake_state_log.h"

// What format 1 looks like, for ever: data/version_1.txt has the records of a state, keys and
// values in hexadecimal, data/version_1_results.txt what its insights are. A program that cannot
// read the one into the other, or writes other records, has another format: give it another number
// (Manifest::kVersion), and go on reading this one.
namespace millrace::state {
namespace {

using insights::Edge;
using insights::Kind;
using insights::PartKind;

const StateTopic kTopic{"logins.state", "team/logins", 1};
const base::TopicPartition kPartition{"user-login", 3};

enum : size_t { kRecords, kFiltered, kUsers, kPairs, kHours, kAmounts, kSizes };

// Every kind that is not live, but for windows; some beyond what they keep exactly.
const insights::Declaration kEveryKind{
    .insights = {{.kind = Kind::kCount, .name = "count", .definition = "count", .part = kRecords},
                 {.kind = Kind::kCount,
                  .name = "count_filtered",
                  .definition = "count of filtered",
                  .part = kFiltered},
                 {.kind = Kind::kCountBy,
                  .name = "count_by",
                  .definition = "count_by user",
                  .fields = {"user"},
                  .keys_max = 20,
                  .part = kUsers},
                 {.kind = Kind::kCountBy,
                  .name = "count_by_two",
                  .definition = "count_by group user",
                  .fields = {"group", "user"},
                  .keys_max = 1'000,
                  .part = kPairs},
                 {.kind = Kind::kDistinct,
                  .name = "distinct",
                  .definition = "distinct user up to 1000",
                  .fields = {"user"},
                  .exact_up_to = 1'000,
                  .part = kUsers},
                 {.kind = Kind::kDistinct,
                  .name = "distinct_estimate",
                  .definition = "distinct user up to 10",
                  .fields = {"user"},
                  .exact_up_to = 10,
                  .part = kUsers},
                 {.kind = Kind::kDistinct,
                  .name = "distinct_by",
                  .definition = "distinct user by group up to 5",
                  .fields = {"group", "user"},
                  .by = 1,
                  .exact_up_to = 5,
                  .keys_max = 3,
                  .part = kPairs},
                 {.kind = Kind::kTop,
                  .name = "top",
                  .definition = "top user up to 10 first ip last ip",
                  .fields = {"user"},
                  .limit = 5,
                  .exact_up_to = 10,
                  .part = kUsers,
                  .edges = {1, 0}},
                 {.kind = Kind::kHoursOfDay,
                  .name = "hours",
                  .definition = "hours_of_day time",
                  .fields = {"time"},
                  .part = kHours},
                 {.kind = Kind::kQuantiles,
                  .name = "quantiles",
                  .definition = "quantiles size",
                  .fields = {"size"},
                  .quantiles = {0.5, 0.99},
                  .part = kSizes},
                 {.kind = Kind::kSum,
                  .name = "sum",
                  .definition = "sum amount",
                  .fields = {"amount"},
                  .part = kAmounts},
                 {.kind = Kind::kSum,
                  .name = "sum_of_sizes",
                  .definition = "sum size",
                  .fields = {"size"},
                  .part = kSizes + 1},
                 {.kind = Kind::kMin,
                  .name = "min",
                  .definition = "min amount",
                  .fields = {"amount"},
                  .part = kAmounts},
                 {.kind = Kind::kMax,
                  .name = "max",
                  .definition = "max amount",
                  .fields = {"amount"},
                  .part = kAmounts},
                 {.kind = Kind::kMean,
                  .name = "mean",
                  .definition = "mean amount",
                  .fields = {"amount"},
                  .part = kAmounts},
                 {.kind = Kind::kFirst,
                  .name = "first",
                  .definition = "first ip by user",
                  .fields = {"user"},
                  .keys_max = 20,
                  .part = kUsers,
                  .edges = {0}},
                 {.kind = Kind::kLast,
                  .name = "last",
                  .definition = "last ip by user",
                  .fields = {"user"},
                  .keys_max = 20,
                  .part = kUsers,
                  .edges = {1}}},
    .parts = {{.kind = PartKind::kCounter},
              {.kind = PartKind::kCounter, .selection = 1},
              {.kind = PartKind::kKeys,
               .fields = 1,
               .edges = {{Edge::kFirst, "ip"}, {Edge::kLast, "ip"}}},
              {.kind = PartKind::kKeys, .fields = 2},
              {.kind = PartKind::kHours},
              {.kind = PartKind::kNumbers},
              {.kind = PartKind::kSketch},
              {.kind = PartKind::kNumbers}},
    .selections = 2,
    .rules = {"schema:/required/user", "step:1:cast"}};

void count_record(int64_t number, insights::Shard& shard) {
  if (number % 11 == 0) return shard.count_dead_letter(0);
  if (number % 7 == 0) {
    shard.count_filtered();
    shard.select(1);
    return shard.add_one(kFiltered);
  }
  shard.count_emitted();
  shard.count_outputs({.copies = 1, .exploded = 2, .pieces = 3, .letters_discarded = 4});
  shard.add_one(kRecords);
  const std::string user = fmt::format("user {}", number * number % 61);
  const std::string group = fmt::format("{}", number % 5);
  const std::array<std::string_view, 2> pair{group, user};
  const size_t entry = shard.add_key(kUsers, std::span(pair).last(1));
  if (number % 3 != 0) {
    // A number where it is no text.
    const std::string ip = fmt::format("{}{}", number % 2 == 0 ? "10.0.0." : "", number);
    const insights::EdgeValue value{ip, number % 2 == 0, 1'700'000'000'000 + number};
    shard.set_edge(kUsers, entry, 0, value);
    shard.set_edge(kUsers, entry, 1, value);
  }
  number % 13 == 0 ? shard.add_missing(kPairs) : void(shard.add_key(kPairs, pair));
  shard.add_hour(kHours, static_cast<unsigned>(number % 24));
  shard.add_number(kSizes, insights::Number(number * number - 10'000));
  shard.add_number(kSizes + 1, insights::Number(number * number - 10'000));
  shard.add_number(kAmounts, number % 2 == 0 ? insights::Number(number)
                                             : insights::Number(static_cast<double>(number) / 7));
}

// Across two epochs, so that top forgets.
void count_all(insights::State& state) {
  for (const int64_t begin : {int64_t{100}, insights::State::kEpochOffsets}) {
    insights::Shard shard(kEveryKind);
    for (int64_t i = 1; i <= 200; ++i) count_record(i, shard);
    state.cover({begin}, {begin + 210}, 200);
    state.add(shard, {begin});
  }
}

std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoul(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string read_file(const std::string& name) {
  const std::ifstream file(std::string(MILLRACE_STATE_DATA_DIR "/") + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A line for each record, by key.
std::string to_text(const std::vector<io::CarriedRecord>& records) {
  std::vector<std::string> lines;
  for (const io::CarriedRecord& record : records)
    lines.push_back(fmt::format("{} {}\n", record.key, to_hex(record.value.value())));
  std::sort(lines.begin(), lines.end());
  return fmt::format("{}", fmt::join(lines, ""));
}

std::string results_of(const insights::State& state) {
  std::string text = fmt::format(
      "{} to {}: {} records, {} gaps, {} jumped; {} emitted, {} filtered, {} dead letters; "
      "{} copies, {} exploded, {} pieces, {} discarded\n",
      state.coverage().begin.value, state.coverage().end.value, state.coverage().records,
      state.coverage().gaps, state.coverage().jumped, state.emitted(), state.filtered(),
      fmt::join(state.dead_letters(), "+"), state.outputs().copies, state.outputs().exploded,
      state.outputs().pieces, state.outputs().letters_discarded);
  for (const insights::Result& result : state.results()) {
    record::JsonWriter writer;
    insights::write_json(result, writer);
    text += fmt::format("{} selected={} counted={} missing={} not_kept={} {}\n",
                        result.insight->name, result.selected, result.counted, result.missing,
                        result.not_kept, writer.take());
  }
  return text;
}

// The text as it should be; else it is in a file that can be looked at.
void expect_file(const std::string& text, const std::string& name) {
  if (text == read_file(name)) return;
  const std::string path = ::testing::TempDir() + name;
  std::ofstream(path) << text;
  ADD_FAILURE() << name << " is another one now: " << path;
}

class Version1 : public ::testing::Test {
 protected:
  Version1() {
    std::istringstream lines(read_file("version_1.txt"));
    for (std::string key, hex; lines >> key >> hex;)
      log_.append({{kTopic.name, 0, key, from_hex(hex)}});
  }

  FakeStateLog log_{1};
};

TEST_F(Version1, IsStillRead) {
  const auto restored = restore(log_, std::vector{kPartition}, kEveryKind, {kTopic, {}});

  const Restored& state = restored.value().at(kPartition);
  ASSERT_EQ(state.error, "");
  ASSERT_NE(state.state, nullptr);
  EXPECT_TRUE(state.notes.empty());
  expect_file(results_of(*state.state), "version_1_results.txt");
}

TEST_F(Version1, IsStillWritten) {
  insights::State state(kEveryKind);
  count_all(state);
  StateWriter writer(kTopic, kPartition);

  expect_file(to_text(writer.write(state, 1'700'000'000'000)), "version_1.txt");
}

TEST_F(Version1, IsWrittenAgainAsItWasRead) {
  const auto restored = restore(log_, std::vector{kPartition}, kEveryKind, {kTopic, {}});
  const Restored& state = restored.value().at(kPartition);
  ASSERT_NE(state.state, nullptr);
  StateWriter writer(kTopic, kPartition);

  expect_file(to_text(writer.write(*state.state, 1'700'000'000'000)), "version_1.txt");
}

}  // namespace
}  // namespace millrace::state
