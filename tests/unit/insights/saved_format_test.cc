// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/insights/state.h"
#include "tests/unit/insights/saved_state.h"

// data/state_v1.txt has the bytes of a state of format 1 in two chunks, data/results_v1.txt what it
// says. Every later version has to read them to the same; that is what these tests are for. They
// are never written again: a format 2 gets files of its own.
namespace millrace::insights {
namespace {

enum : size_t { kRecords, kFiltered, kUser, kPair, kHour, kAmount, kSize };

const Declaration kVersion1{
    .insights = {{.kind = Kind::kCount, .name = "count", .part = kRecords},
                 {.kind = Kind::kCount, .name = "filtered", .part = kFiltered},
                 {.kind = Kind::kCountBy,
                  .name = "users",
                  .fields = {"user"},
                  .keys_max = 9,
                  .part = kUser},
                 {.kind = Kind::kCountBy,
                  .name = "pairs",
                  .fields = {"group", "user"},
                  .keys_max = 100,
                  .part = kPair},
                 {.kind = Kind::kDistinct,
                  .name = "exact",
                  .fields = {"user"},
                  .exact_up_to = 100,
                  .part = kUser},
                 {.kind = Kind::kDistinct,
                  .name = "sketch",
                  .fields = {"group", "user"},
                  .exact_up_to = 5,
                  .part = kPair},
                 {.kind = Kind::kDistinct,
                  .name = "by",
                  .fields = {"group", "user"},
                  .by = 1,
                  .exact_up_to = 3,
                  .keys_max = 3,
                  .part = kPair},
                 {.kind = Kind::kTop,
                  .name = "top",
                  .fields = {"user"},
                  .limit = 4,
                  .exact_up_to = 6,
                  .part = kUser,
                  .edges = {1, 0}},
                 {.kind = Kind::kHoursOfDay, .name = "hours", .fields = {"time"}, .part = kHour},
                 {.kind = Kind::kQuantiles,
                  .name = "quantiles",
                  .fields = {"size"},
                  .quantiles = {0.5, 0.99},
                  .part = kSize},
                 {.kind = Kind::kSum, .name = "sum", .fields = {"amount"}, .part = kAmount},
                 {.kind = Kind::kMin, .name = "min", .fields = {"amount"}, .part = kAmount},
                 {.kind = Kind::kMax, .name = "max", .fields = {"amount"}, .part = kAmount},
                 {.kind = Kind::kMean, .name = "mean", .fields = {"size"}, .part = kSize + 1},
                 {.kind = Kind::kFirst,
                  .name = "first",
                  .fields = {"user"},
                  .keys_max = 9,
                  .part = kUser,
                  .edges = {0}},
                 {.kind = Kind::kLast,
                  .name = "last",
                  .fields = {"user"},
                  .keys_max = 100,
                  .part = kUser,
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
    .rules = {"schema:/required", "parse:syntax"}};

// Empty, with a NUL, no text, as long as keys can be, and plain ones.
std::string user_of(int64_t i) {
  const int64_t user = i * i % 23;
  if (user == 0) return "";
  if (user == 1) return std::string("nul\0nul", 7);
  if (user == 2) return "\xFF\xFE";
  if (user == 3) return std::string(256, 'l');
  return fmt::format("id-{}", user);
}

void count_keys(int64_t i, Shard& shard) {
  static constexpr std::array<std::string_view, 4> kScalars{"-1.50e+30", "true", "null", "17"};
  const std::string user = user_of(i);
  const std::string group = fmt::format("{}", i % 5);
  const std::array<std::string_view, 2> pair{group, user};
  const size_t entry = shard.add_key(kUser, std::span(pair).last(1));
  if (i % 3 != 0) {
    const bool is_string = i % 2 == 0;
    const std::string ip = fmt::format("10.0.0.{}", i);
    const EdgeValue value{is_string ? ip : kScalars[static_cast<size_t>(i / 2 % 4)], is_string,
                          i % 7 == 0 ? -i : 1'700'000'000'000 + i};
    shard.set_edge(kUser, entry, 0, value);
    shard.set_edge(kUser, entry, 1, value);
  }
  if (i % 11 == 10) return shard.add_missing(kPair);
  shard.add_key(kPair, pair);
}

void count_numbers(int64_t i, Shard& shard) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  shard.add_hour(kHour, static_cast<unsigned>(i * 7 % 24));
  shard.add_number(kSize, i % 2 == 0 ? Number(i * i * 1'000'003 - 5'000)
                                     : Number(0.25 / (static_cast<double>(i) + 1)));
  shard.add_number(kSize + 1, Number(i < 5 ? kMost - i : i));
  if (i % 13 == 12) return shard.add_missing(kAmount);
  shard.add_number(kAmount, i % 4 == 0   ? Number(-kMost)
                            : i % 4 == 1 ? Number(1e300)
                            : i % 4 == 2 ? Number(-0.1)
                                         : Number(5e-324));
}

// Of three epochs, in which keys are forgotten.
std::unique_ptr<State> version_1() {
  auto state = std::make_unique<State>(kVersion1);
  Shard shard(kVersion1);
  for (int64_t batch = 0; batch < 3; ++batch) {
    for (int64_t i = batch * 30; i < batch * 30 + 30; ++i) {
      if (i % 10 == 9) {
        shard.count_filtered();
        shard.select(1);
        shard.add_one(kFiltered);
        continue;
      }
      if (i % 17 == 16) {
        shard.count_dead_letter(i % 2 == 0 ? 0 : 1);
        continue;
      }
      shard.count_emitted();
      shard.add_one(kRecords);
      count_keys(i, shard);
      count_numbers(i, shard);
    }
    shard.count_outputs({.copies = 1, .exploded = 2, .pieces = 300, .letters_discarded = 4});
    const base::Offset begin{1'000 + batch * State::kEpochOffsets};
    state->cover(begin, {begin.value + 32}, 30);
    state->add(shard, begin);
    shard.clear();
  }
  return state;
}

std::string read(const std::string& name) {
  std::ifstream file(std::string(MILLRACE_INSIGHTS_DATA) + "/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A title, then lines of hexadecimal digits.
std::string to_text(const std::string& title, std::string_view bytes) {
  constexpr size_t kBytesEach = 32;
  std::string text = title + '\n';
  for (size_t at = 0; at < bytes.size(); at += kBytesEach) {
    text += ' ';
    for (const char byte : bytes.substr(at, kBytesEach))
      text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    text += '\n';
  }
  return text;
}

std::string to_text(const SavedState& saved) {
  std::string text = to_text("counts", saved.counts);
  for (size_t i = 0; i < saved.insights.size(); ++i) {
    const std::string& name = kVersion1.insights[i].name;
    text += to_text(name + " counts", saved.insights[i].counts);
    for (size_t chunk = 0; chunk < saved.insights[i].chunks.size(); ++chunk)
      text += to_text(fmt::format("{} {}", name, chunk), saved.insights[i].chunks[chunk]);
  }
  return text;
}

std::map<std::string, std::string> parts_of(const std::string& text) {
  std::map<std::string, std::string> parts;
  std::istringstream lines(text);
  std::string* bytes = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] != ' ') {
      bytes = &parts[line];
      continue;
    }
    for (size_t at = 1; at + 1 < line.size(); at += 2)
      bytes->push_back(static_cast<char>(std::stoi(line.substr(at, 2), nullptr, 16)));
  }
  return parts;
}

SavedState saved_version_1() {
  std::map<std::string, std::string> parts = parts_of(read("state_v1.txt"));
  SavedState saved;
  saved.counts = parts["counts"];
  for (const Insight& insight : kVersion1.insights) {
    saved.insights.push_back({parts[insight.name + " counts"],
                              {parts[insight.name + " 0"], parts[insight.name + " 1"]}});
  }
  return saved;
}

std::string results_of(const State& state) {
  const Coverage& coverage = state.coverage();
  std::string text = fmt::format("offsets {} to {}: {} records, {} gaps, {} jumped\n{}",
                                 coverage.begin.value, coverage.end.value, coverage.records,
                                 coverage.gaps, coverage.jumped, dump_outcomes(state));
  for (const Result& result : state.results()) {
    record::JsonWriter writer;
    write_json(result, writer);
    text += fmt::format("{}: emitted {}, selected {}, counted {}, missing {}, not kept {}\n  {}\n",
                        result.insight->name, result.emitted, result.selected, result.counted,
                        result.missing, result.not_kept, writer.take());
  }
  return text;
}

// Where it is not, what there is now is left beside it, to be looked at.
void expect_same(const std::string& text, const std::string& name) {
  if (text == read(name)) return;
  const std::string path = ::testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << text;
  ADD_FAILURE() << "not what data/" << name << " has; see " << path;
}

TEST(SavedFormat, ReadsVersion1) {
  const auto state = load_state(kVersion1, saved_version_1());
  ASSERT_NE(state, nullptr);
  expect_same(results_of(*state), "results_v1.txt");
  for (size_t i = 0; i < kVersion1.insights.size(); ++i)
    EXPECT_EQ(state->begin(i), base::Offset{1'000});
}

// As long as it is the format that is written.
TEST(SavedFormat, WritesVersion1) {
  const auto state = version_1();
  expect_same(to_text(save_state(*state, 2)), "state_v1.txt");
  expect_same(results_of(*state), "results_v1.txt");
}

// What it holds is all that the format has.
TEST(SavedFormat, Version1HasSomethingOfEverything) {
  const auto state = version_1();
  const auto top = std::get<TopResult>(state->result(7).value);
  EXPECT_GT(top.items[0].error, 0U);
  EXPECT_TRUE(top.items[0].also[0].has_value());
  EXPECT_GT(state->result(2).not_kept, 0U);
  EXPECT_GT(state->result(6).not_kept, 0U);
  EXPECT_GT(state->result(14).not_kept, 0U);
  EXPECT_GT(state->coverage().jumped, 0);
  EXPECT_GT(state->coverage().gaps, 0U);
  const std::string results = results_of(*state);
  EXPECT_NE(results.find(R"("exact":true)"), results.npos);
  EXPECT_NE(results.find(R"("exact":false)"), results.npos);
}

}  // namespace
}  // namespace millrace::insights
