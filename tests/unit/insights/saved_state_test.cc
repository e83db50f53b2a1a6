// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/insights/saved_state.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/insights/state.h"
#include "tests/unit/insights/every_kind.h"

namespace millrace::insights {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr size_t kChunksMax = 8;

// Counts records of one partition, batch by batch.
class Partition {
 public:
  explicit Partition(const Declaration& declaration)
      : state_(std::make_unique<State>(declaration)), batch_(declaration) {}

  // Batches of up to `most` records, none of which spans two epochs.
  void count(std::span<const Record> records, size_t most) {
    for (size_t at = 0; at < records.size();) {
      const base::Offset begin{records[at].offset};
      const size_t first = at;
      const size_t end = std::min(records.size(), at + most);
      for (; at < end && State::epoch_of({records[at].offset}) == State::epoch_of(begin); ++at)
        count_record(records[at], batch_);
      const base::Offset from = state_->coverage().end.valid() ? state_->coverage().end : begin;
      state_->cover(from, base::Offset{records[at - 1].offset}.next(), at - first);
      state_->add(batch_, begin, kNow);
      batch_.clear();
    }
  }

  // The process ends, and another one goes on.
  void restart(size_t chunks) {
    const Declaration& declaration = state_->declaration();
    state_ = load_state(declaration, save_state(*state_, chunks));
    RC_ASSERT(state_ != nullptr);
  }

  [[nodiscard]] const State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
  Shard batch_;
};

// Some hundred records to an epoch.
std::vector<Record> random_records(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Record> records;
  int64_t offset = 0;
  for (size_t i = 0; i < count; ++i) {
    offset += 1 + static_cast<int64_t>(random()) % (State::kEpochOffsets / 100);
    records.push_back({offset, static_cast<unsigned>(random())});
  }
  return records;
}

std::unique_ptr<Partition> counted(size_t records, unsigned seed) {
  auto partition = std::make_unique<Partition>(kEveryKind);
  partition->count(random_records(records, seed), 50);
  return partition;
}

// So many records are counted in small batches; then the process ends, or does not.
struct Step {
  size_t records = 0;
  size_t batch = 1;
  unsigned then = 0;  // 0: goes on; 1: ends; 2: ends with twice as many chunks; 3: four times
};

std::vector<Step> any_steps() {
  const auto steps = *rc::gen::resize(50, rc::gen::arbitrary<std::vector<uint16_t>>());
  std::vector<Step> all;
  for (const uint16_t step : steps)
    all.push_back({.records = step % 32U, .batch = 1 + step / 32U % 16, .then = step / 512U % 4});
  return all;
}

RC_GTEST_PROP(SavedState, GoesOnByteForByteAsIfTheProcessHadNeverEnded, (unsigned seed)) {
  const std::vector<Step> steps = any_steps();
  size_t count = 0;
  for (const Step& step : steps) count += step.records;
  const std::vector<Record> records = random_records(count, seed);

  Partition ended(kEveryKind);
  size_t at = 0;
  size_t chunks = 1;
  for (const Step& step : steps) {
    ended.count(std::span(records).subspan(at, step.records), step.batch);
    at += step.records;
    if (step.then >= 2) chunks = std::min(chunks * (step.then == 2 ? 2 : 4), kChunksMax);
    if (step.then >= 1) ended.restart(chunks);
  }
  Partition whole(kEveryKind);
  whole.count(records, records.size());

  RC_ASSERT(dump_durable(ended.state()) == dump_durable(whole.state()));
  for (; chunks <= kChunksMax; chunks *= 2)
    RC_ASSERT(save_state(ended.state(), chunks) == save_state(whole.state(), chunks));
}

// The order of keys is not the same then, but nothing depends on it.
RC_GTEST_PROP(SavedState, GoesOnToTheSameResultsWithAnyNumberOfChunks, (unsigned seed)) {
  const std::vector<Step> steps = any_steps();
  Partition ended(kEveryKind);
  Partition whole(kEveryKind);
  constexpr size_t kEach = 12;
  const std::vector<Record> records = random_records(steps.size() * kEach, seed);
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto some = std::span(records).subspan(i * kEach, kEach);
    ended.count(some, steps[i].batch);
    whole.count(some, kEach);
    ended.restart(size_t{1} << steps[i].then);
  }
  RC_ASSERT(dump_durable(ended.state()) == dump_durable(whole.state()));
}

TEST(SavedState, LimitsThatTheTestsAreAboutAreMet) {
  const auto partition = counted(4'000, 1);
  const std::string dumped = dump_durable(partition->state());
  EXPECT_NE(dumped.find("\"exact\":false"), dumped.npos);
  EXPECT_NE(dumped.find("\"exact\":true"), dumped.npos);
  EXPECT_NE(dumped.find("too many by"), dumped.npos);
  EXPECT_GT(partition->state().coverage().end.value / State::kEpochOffsets, 10);
}

TEST(SavedState, IsTheSameForTheSameContent) {
  const auto a = counted(2'000, 2);
  Partition b(kEveryKind);
  b.count(random_records(2'000, 2), 7);
  for (const size_t chunks : {1U, 2U, 4U, 8U})
    EXPECT_EQ(save_state(a->state(), chunks), save_state(b.state(), chunks));
}

TEST(SavedState, ComesBackFromOneChunkOrMany) {
  const auto partition = counted(2'000, 3);
  for (const size_t chunks : {1U, 2U, 4U, 8U, 64U, 1024U}) {
    const SavedState saved = save_state(partition->state(), chunks);
    const auto loaded = load_state(kEveryKind, saved);
    ASSERT_NE(loaded, nullptr);
    EXPECT_EQ(dump_durable(*loaded), dump_durable(partition->state()));
    EXPECT_EQ(save_state(*loaded, chunks), saved);
  }
}

// Twice as many chunks split each into two, which stay in their order.
TEST(SavedState, AChunkHasTheKeysOfTheTwoThatItIsSplitInto) {
  const auto partition = counted(2'000, 4);
  const auto keys_of = [&](const std::string& bytes) {
    Decoder chunk(bytes);
    CountByAccumulator users(kEveryKind.insights[4], kEveryKind.parts[kPairs]);
    // What every chunk but the first has is no more than its keys.
    Encoder nothing;
    nothing.number(0);
    nothing.number(0);
    Decoder first(nothing.bytes());
    users.load(first);
    users.load(chunk);
    EXPECT_TRUE(chunk.ok() && chunk.at_end());
    std::vector<std::string> keys;
    for (const KeyCounts::Entry& entry : users.keys().entries()) keys.emplace_back(entry.key);
    return keys;
  };
  const std::vector<std::string> few = save_chunks(partition->state().accumulator(4), 4);
  const std::vector<std::string> many = save_chunks(partition->state().accumulator(4), 8);
  for (size_t chunk = 1; chunk < 4; ++chunk) {
    std::vector<std::string> left = keys_of(few[chunk]);
    EXPECT_GT(left.size(), 10U);
    const size_t all = left.size();
    for (const size_t half : {2 * chunk, 2 * chunk + 1}) {
      const std::vector<std::string> split = keys_of(many[half]);
      EXPECT_GT(split.size(), 0U);
      EXPECT_LT(split.size(), all);
      auto next = left.begin();
      for (const std::string& key : split) {
        next = std::find(next, left.end(), key);
        ASSERT_NE(next, left.end()) << key;
      }
      std::erase_if(left, [&](const std::string& key) {
        return std::find(split.begin(), split.end(), key) != split.end();
      });
    }
    EXPECT_TRUE(left.empty());
  }
}

TEST(SavedState, ChunksOfDistinctStayAsTheyAreUntilAKeyComes) {
  const Declaration declaration{
      .insights = {{.kind = Kind::kDistinct, .name = "d", .exact_up_to = 1'000, .part = 0}},
      .parts = {{.kind = PartKind::kKeys, .fields = 1}}};
  State state(declaration);
  Shard shard(declaration);
  for (const std::string_view key : {"a", "b", "c", "d", "e", "f", "g", "h"})
    shard.add_key(0, std::array{key});
  state.add(shard, {0});
  const auto before = save_chunks(state.accumulator(0), 4);
  state.add(shard, {10});
  const auto after = save_chunks(state.accumulator(0), 4);

  EXPECT_NE(after[0], before[0]);  // the number of records
  for (size_t chunk = 1; chunk < 4; ++chunk) {
    EXPECT_EQ(after[chunk], before[chunk]);
    EXPECT_GT(after[chunk].size(), 1U);
  }
}

TEST(SavedState, MergesToTheSameInEveryOrder) {
  std::mt19937 random(static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed()));
  SCOPED_TRACE(::testing::UnitTest::GetInstance()->random_seed());
  std::vector<std::unique_ptr<Partition>> partitions;
  std::vector<std::unique_ptr<State>> loaded;
  for (const size_t records : {900U, 0U, 1'500U, 60U}) {
    partitions.push_back(counted(records, static_cast<unsigned>(random())));
    loaded.push_back(
        load_state(kEveryKind, save_state(partitions.back()->state(), size_t{1} << random() % 4)));
    ASSERT_NE(loaded.back(), nullptr);
  }
  State expected(kEveryKind);
  for (const auto& partition : partitions) expected.merge(partition->state());

  for (int i = 0; i < 6; ++i) {
    std::shuffle(loaded.begin(), loaded.end(), random);
    State merged(kEveryKind);
    for (const auto& state : loaded) merged.merge(*state);
    ASSERT_EQ(dump_durable(merged), dump_durable(expected));
  }
  // Also into one that was loaded itself.
  for (size_t i = 1; i < loaded.size(); ++i) loaded[0]->merge(*loaded[i]);
  EXPECT_EQ(dump(loaded[0]->result(7)), dump(expected.result(7)));
  EXPECT_EQ(dump(loaded[0]->result(8)), dump(expected.result(8)));
}

// What was loaded has all that a sketch is made of, whoever asks for it first.
TEST(SavedState, AGroupGetsItsSketchFromWhatWasLoaded) {
  const size_t kBy = 7;
  const auto add = [](int first, int last, State& state) {
    Shard shard(kEveryKind);
    for (int user = first; user < last; ++user) {
      const std::string text = std::to_string(user);
      shard.add_key(kPairs, std::array<std::string_view, 2>{"group", text});
    }
    state.add(shard, {0}, kNow);
  };
  State few(kEveryKind);
  add(0, 4, few);
  State many(kEveryKind);
  add(100, 120, many);
  const auto merged = load_state(kEveryKind, save_state(few, 2));
  const auto counted_on = load_state(kEveryKind, save_state(few, 2));
  ASSERT_TRUE(merged != nullptr && counted_on != nullptr);

  merged->merge(many);
  add(100, 120, *counted_on);
  few.merge(many);
  EXPECT_EQ(dump(merged->accumulator(kBy), kEveryKind.insights[kBy]),
            dump(few.accumulator(kBy), kEveryKind.insights[kBy]));
  add(100, 120, *counted_on);
  for (const State* state : {merged.get(), counted_on.get()}) {
    const auto result = std::get<DistinctByResult>(state->result(kBy).value);
    EXPECT_EQ(result.rows[0].distinct.value, 24U);
  }
}

// The first groups that need a sketch get one: how many have one outlives the process.
TEST(SavedState, GroupsBeyondTheSketchesStayWithoutOne) {
  const Declaration declaration{.insights = {{.kind = Kind::kDistinct,
                                              .name = "by",
                                              .fields = {"group", "value"},
                                              .by = 1,
                                              .exact_up_to = 1,
                                              .keys_max = 1'000,
                                              .part = 0}},
                                .parts = {{.kind = PartKind::kKeys, .fields = 2}}};
  const auto add = [&](int first, int last, State& state) {
    Shard shard(declaration);
    for (int group = first; group < last; ++group) {
      const std::string text = std::to_string(group);
      for (const std::string_view value : {"a", "b", "c"})
        shard.add_key(0, std::array<std::string_view, 2>{text, value});
    }
    state.add(shard, {0}, kNow);
  };
  State whole(declaration);
  add(0, 250, whole);
  const auto loaded = load_state(declaration, save_state(whole, 4));
  ASSERT_NE(loaded, nullptr);
  add(240, 300, whole);
  add(240, 300, *loaded);
  EXPECT_EQ(dump_durable(*loaded), dump_durable(whole));
  EXPECT_EQ(save_state(*loaded, 4), save_state(whole, 4));
}

TEST(SavedState, SizesAreAboutRight) {
  const auto partition = counted(4'000, 6);
  for (size_t i = 0; i < kEveryKind.insights.size(); ++i) {
    const Accumulator& accumulator = partition->state().accumulator(i);
    size_t saved = 0;
    for (const std::string& chunk : save_chunks(accumulator, 1)) saved += chunk.size();
    EXPECT_LE(saved, accumulator.saved_size() + 1'000) << kEveryKind.insights[i].name;
    EXPECT_LE(accumulator.saved_size(), 2 * saved + 1'000) << kEveryKind.insights[i].name;
  }
}

TEST(SavedState, ALiveRateWritesNothing) {
  const auto partition = counted(100, 7);
  for (const std::string& chunk : save_chunks(partition->state().accumulator(2), 4))
    EXPECT_EQ(chunk, "");
}

// An insight that was added to the plan, or reset: the others go on.
TEST(SavedState, AnInsightMayBeginLater) {
  const std::vector<Record> records = random_records(600, 8);
  Partition partition(kEveryKind);
  partition.count(std::span(records).first(400), 30);
  SavedState saved = save_state(partition.state(), 4);
  const size_t kAnew = 3;       // of emitted records
  const size_t kOther = 1;      // of others
  const size_t kUntouched = 4;  // of emitted records too
  saved.insights[kAnew] = {};
  saved.insights[kOther] = {};

  auto state = load_state(kEveryKind, saved);
  ASSERT_NE(state, nullptr);
  const uint64_t emitted_before = state->emitted();
  EXPECT_EQ(emitted_before, partition.state().emitted());
  EXPECT_EQ(state->begin(kUntouched), state->coverage().begin);
  EXPECT_EQ(state->begin(kAnew), state->coverage().end);
  EXPECT_EQ(state->result(kAnew).emitted, 0U);
  EXPECT_EQ(state->result(kAnew).selected, 0U);
  EXPECT_EQ(state->result(kAnew).counted, 0U);

  // It goes on like that after one more restart.
  for (const size_t from : {400U, 500U}) {
    Shard batch(kEveryKind);
    const base::Offset end{records[from + 99].offset + 1};
    for (size_t i = from; i < from + 100; ++i) count_record(records[i], batch);
    state->cover(state->coverage().end, end, 100);
    state->add(batch, {records[from].offset}, kNow);
    state = load_state(kEveryKind, save_state(*state, 4));
    ASSERT_NE(state, nullptr);
  }
  EXPECT_EQ(state->begin(kAnew).value, records[399].offset + 1);
  for (const Result& result : state->results(kNow)) {
    if (result.insight->live) continue;
    EXPECT_EQ(result.selected, result.counted + result.missing) << result.insight->name;
    const bool of_emitted = result.part->selection == 0;
    EXPECT_EQ(result.selected == result.emitted, of_emitted) << result.insight->name;
  }
  EXPECT_EQ(state->result(kAnew).selected, state->emitted() - emitted_before);
  EXPECT_EQ(state->result(kUntouched).selected, state->emitted());
  EXPECT_GT(state->result(kOther).selected, 0U);
  EXPECT_LT(state->result(kOther).selected, state->filtered());

  // Of partitions that began at different times.
  State merged(kEveryKind);
  merged.merge(*state);
  merged.merge(partition.state());
  for (const size_t i : {kAnew, kUntouched})
    EXPECT_EQ(merged.result(i).selected, merged.result(i).emitted);
}

TEST(SavedState, KeepsRulesThatAreNotDeclaredAnyMore) {
  const Declaration before{.rules = {"gone", "stays", "silent"}};
  State state(before);
  Shard shard(before);
  shard.count_dead_letter(0);
  shard.count_dead_letter(0);
  shard.count_dead_letter(1);
  state.add(shard, {0});
  const SavedState saved = save_state(state, 1);

  const Declaration after{.rules = {"new", "stays"}};
  auto loaded = load_state(after, saved);
  ASSERT_NE(loaded, nullptr);
  EXPECT_THAT(loaded->dead_letters(), ElementsAre(0, 1));
  EXPECT_THAT(loaded->former_dead_letters(), ElementsAre(Pair("gone", 2)));
  EXPECT_EQ(loaded->dead_lettered(), 3U);
  EXPECT_EQ(save_state(*loaded, 1), saved);

  Shard more(after);
  more.count_dead_letter(0);
  more.count_dead_letter(1);
  loaded->add(more, {10});
  loaded = load_state(before, save_state(*loaded, 1));
  ASSERT_NE(loaded, nullptr);
  EXPECT_THAT(loaded->dead_letters(), ElementsAre(2, 2, 0));
  EXPECT_THAT(loaded->former_dead_letters(), ElementsAre(Pair("new", 1)));

  State merged(before);
  merged.merge(*loaded);
  merged.merge(*loaded);
  EXPECT_EQ(merged.dead_lettered(), 10U);
  EXPECT_THAT(merged.former_dead_letters(), ElementsAre(Pair("new", 2)));
}

TEST(SavedState, KeepsOutcomesAndOutputs) {
  const Declaration declaration{.rules = {"r"}};
  State state(declaration);
  Shard shard(declaration);
  for (int i = 0; i < 3; ++i) shard.count_emitted();
  for (int i = 0; i < 300; ++i) shard.count_filtered();
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  shard.count_outputs({.copies = kMost, .exploded = 2, .pieces = 300, .letters_discarded = 4});
  state.cover({10}, {1'000}, 303);
  state.add(shard, {10});

  const auto loaded = load_state(declaration, save_state(state, 1));
  ASSERT_NE(loaded, nullptr);
  EXPECT_EQ(dump_durable(*loaded), dump_durable(state));
  EXPECT_EQ(loaded->emitted(), 3U);
  EXPECT_EQ(loaded->filtered(), 300U);
  EXPECT_EQ(loaded->outputs().copies, kMost);
  EXPECT_EQ(loaded->outputs().letters_discarded, 4U);
}

TEST(Coverage, AddsUp) {
  const Declaration declaration{.insights = {{.kind = Kind::kCount, .part = 0}}, .parts = {{}}};
  State state(declaration);
  EXPECT_FALSE(state.coverage().begin.valid());
  EXPECT_FALSE(state.begin(0).valid());

  state.cover({100}, {100}, 0);
  EXPECT_EQ(state.coverage().begin, base::Offset{100});
  EXPECT_EQ(state.coverage().end, base::Offset{100});
  EXPECT_EQ(state.begin(0), base::Offset{100});
  state.cover({100}, {110}, 10);
  state.cover({110}, {120}, 7);   // 3 gaps
  state.cover({150}, {160}, 10);  // 30 jumped
  state.cover({130}, {135}, 0);   // back by 30
  state.cover({134}, {136}, 2);   // and by 1

  const auto expect = [](const State& of) {
    EXPECT_EQ(of.coverage().begin, base::Offset{100});
    EXPECT_EQ(of.coverage().end, base::Offset{136});
    EXPECT_EQ(of.coverage().records, 29U);
    EXPECT_EQ(of.coverage().gaps, 8U);
    EXPECT_EQ(of.coverage().jumped, -1);
    EXPECT_EQ(of.begin(0), base::Offset{100});
  };
  expect(state);
  const auto loaded = load_state(declaration, save_state(state, 1));
  ASSERT_NE(loaded, nullptr);
  expect(*loaded);
  State merged(declaration);
  merged.merge(state);
  EXPECT_FALSE(merged.coverage().end.valid());
}

TEST(CoverageDeath, RefusesWhatCannotBe) {
  State state(kEveryKind);
  EXPECT_DEATH(state.cover({}, {3}, 0), "valid");
  EXPECT_DEATH(state.cover({3}, {2}, 0), "end >= begin");
  EXPECT_DEATH(state.cover({3}, {5}, 3), "records");
}

}  // namespace
}  // namespace millrace::insights
