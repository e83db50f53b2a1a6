// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/insights/distinct_by_accumulator.h"
#include "engine/insights/state.h"
#include "tests/unit/insights/every_kind.h"
#include "tests/unit/insights/saved_state.h"

// The bytes of a state topic are somebody else's: they may be anything.
namespace millrace::insights {
namespace {

std::unique_ptr<State> counted(size_t records) {
  auto state = std::make_unique<State>(kEveryKind);
  Shard batch(kEveryKind);
  for (size_t i = 0; i < records; ++i)
    count_record({static_cast<int64_t>(i), static_cast<unsigned>(i * 7919)}, batch);
  state->cover({0}, {static_cast<int64_t>(records)}, records);
  state->add(batch, {0}, kNow);
  return state;
}

std::unique_ptr<Accumulator> empty(size_t insight) {
  const Insight& of = kEveryKind.insights[insight];
  return Accumulator::make(of, kEveryKind.parts[of.part]);
}

// Whatever was loaded, it can be asked, written, merged and counted on.
void use(size_t insight, Accumulator& loaded) {
  static const std::unique_ptr<State> kOther = counted(60);
  static const Shard* const kBatch = [] {
    auto* batch = new Shard(kEveryKind);
    for (unsigned i = 0; i < 40; ++i) count_record({i, i}, *batch);
    return batch;
  }();
  const auto ask = [&](const Accumulator& accumulator) {
    const Insight& of = kEveryKind.insights[insight];
    Result result;
    result.insight = &of;
    result.part = &kEveryKind.parts[of.part];
    result.counted = accumulator.counted();
    result.not_kept = accumulator.not_kept();
    result.value = accumulator.result(kNow);
    record::JsonWriter writer;
    write_json(result, writer);
    ASSERT_FALSE(writer.take().empty());
    ASSERT_FALSE(to_text(result, 20).empty());
  };
  ask(loaded);
  save_chunks(loaded, 4);
  loaded.add(kBatch->part(kEveryKind.insights[insight].part), {.epoch = 7, .now = kNow});
  ask(loaded);
  save_chunks(loaded, 1);
  const auto merged = empty(insight);
  merged->merge(kOther->accumulator(insight));
  merged->merge(loaded);
  ask(*merged);
  loaded.merge(kOther->accumulator(insight));
  ask(loaded);
}

// True where it could be loaded; then it was used too.
bool harmless(size_t insight, std::span<const std::string> chunks) {
  const auto accumulator = empty(insight);
  const bool loaded = load_chunks(chunks, *accumulator);
  size_t bytes = 0;
  for (const std::string& chunk : chunks) bytes += chunk.size();
  // A table takes some 60 bytes for a key, which takes a few; a sketch and the pages of quantiles
  // are a known number.
  const size_t sketches = (DistinctByAccumulator::kSketchesMax + 1) * sizeof(HyperLogLog);
  EXPECT_LE(accumulator->footprint(), 150 * bytes + (size_t{300} << 10) +
                                          (kEveryKind.insights[insight].by > 0 ? sketches : 0));
  if (loaded) use(insight, *accumulator);
  return loaded;
}

std::string encoded(std::initializer_list<uint64_t> numbers) {
  Encoder encoder;
  for (const uint64_t number : numbers) encoder.number(number);
  return encoder.bytes();
}

std::string text(std::string_view value) {
  Encoder encoder;
  encoder.text(value);
  return encoder.bytes();
}

size_t insight_of(std::string_view name) {
  for (size_t i = 0; i < kEveryKind.insights.size(); ++i) {
    if (kEveryKind.insights[i].name == name) return i;
  }
  ADD_FAILURE() << name;
  return 0;
}

bool loads(std::string_view name, const std::vector<std::string>& chunks) {
  return harmless(insight_of(name), chunks);
}

TEST(DamagedState, IsNoticedWhereverItsBytesEnd) {
  for (const size_t records : {0U, 30U, 200U}) {
    const auto state = counted(records);
    for (size_t i = 0; i < kEveryKind.insights.size(); ++i) {
      std::vector<std::string> chunks = save_chunks(state->accumulator(i), 2);
      ASSERT_TRUE(harmless(i, chunks));
      for (std::string& chunk : chunks) {
        const std::string whole = chunk;
        for (size_t size = 0; size < whole.size(); ++size) {
          chunk = whole.substr(0, size);
          chunk.shrink_to_fit();  // so that a sanitizer sees what is read behind its end
          ASSERT_FALSE(harmless(i, chunks)) << kEveryKind.insights[i].name << " " << size;
        }
        chunk = whole + '\0';
        ASSERT_FALSE(harmless(i, chunks)) << kEveryKind.insights[i].name;
        chunk = whole;
      }
    }
  }
}

TEST(DamagedState, CountsAreNoticedToo) {
  const auto state = counted(200);
  const SavedState saved = save_state(*state, 1);
  for (size_t size = 0; size < saved.counts.size(); ++size) {
    SavedState cut = saved;
    cut.counts.resize(size);
    ASSERT_EQ(load_state(kEveryKind, cut), nullptr);
  }
  for (size_t size = 0; size < saved.insights[0].counts.size(); ++size) {
    SavedState cut = saved;
    cut.insights[0].counts.resize(size);
    ASSERT_EQ(load_state(kEveryKind, cut), nullptr);
  }
}

// A bit, a byte, or a number that is as large as it can be in the place of one.
void damage(std::mt19937& random, std::string& bytes) {
  if (bytes.empty()) return;
  const size_t at = random() % bytes.size();
  switch (random() % 4) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
      break;
    case 1:
      bytes[at] = static_cast<char>(random());
      break;
    case 2:
      bytes.replace(at, 1, encoded({~uint64_t{0} >> random() % 64}));
      break;
    default:
      bytes.erase(at, 1 + random() % 4);
  }
}

class RandomDamage : public ::testing::Test {
 protected:
  RandomDamage() : trace_(__FILE__, __LINE__, "random seed " + std::to_string(seed())) {}

  static unsigned seed() {
    return static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  }

  std::mt19937 random_{seed()};

 private:
  ::testing::ScopedTrace trace_;
};

TEST_F(RandomDamage, DoesNoHarm) {
  size_t loaded = 0;
  size_t tried = 0;
  for (const size_t records : {3U, 30U, 300U}) {
    const auto state = counted(records);
    for (size_t i = 0; i < kEveryKind.insights.size(); ++i) {
      const std::vector<std::string> whole = save_chunks(state->accumulator(i), 2);
      for (int times = 0; times < 150; ++times) {
        std::vector<std::string> chunks = whole;
        for (size_t damages = 1 + random_() % 3; damages > 0; --damages)
          damage(random_, chunks[random_() % chunks.size()]);
        ++tried;
        if (harmless(i, chunks)) ++loaded;
      }
    }
  }
  // Both happen, or the test is about nothing.
  EXPECT_GT(loaded, tried / 100);
  EXPECT_LT(loaded, tried);
}

TEST_F(RandomDamage, OfTheCountsDoesNoHarm) {
  const SavedState whole = save_state(*counted(300), 1);
  for (int times = 0; times < 500; ++times) {
    SavedState saved = whole;
    damage(random_, random_() % 2 == 0 ? saved.counts
                                       : saved.insights[random_() % saved.insights.size()].counts);
    const auto state = load_state(kEveryKind, saved);
    if (state == nullptr) continue;
    // Whatever it says, going on cannot overflow.
    const base::Offset end = state->coverage().end;
    if (end.valid()) {
      state->cover({0}, {10}, 3);
      state->cover({int64_t{1} << 60}, {int64_t{1} << 60}, 0);
    }
    for (const Result& result : state->results(kNow)) ASSERT_LE(result.emitted, state->emitted());
    save_state(*state, 1);
  }
}

RC_GTEST_PROP(DamagedState, AnyBytesDoNoHarm,
              (const std::vector<std::vector<uint8_t>>& chunks, uint8_t insight)) {
  std::vector<std::string> bytes;
  for (const std::vector<uint8_t>& chunk : chunks) bytes.emplace_back(chunk.begin(), chunk.end());
  harmless(insight % kEveryKind.insights.size(), bytes);
}

constexpr uint64_t kHuge = uint64_t{1} << 62;

TEST(DamagedState, HugeCountsReserveNothing) {
  for (size_t i = 0; i < kEveryKind.insights.size(); ++i) {
    for (const size_t before : {0U, 1U, 2U, 3U, 4U}) {
      // At every place where a number can be.
      std::string bytes(before, '\0');
      bytes += encoded({kHuge, 1, 1, 1});
      harmless(i, std::vector{bytes});
      harmless(i, std::vector{std::string(before, '\0') + encoded({kHuge}), bytes});
    }
  }
}

TEST(DamagedState, AKeyMayComeOnce) {
  const std::string a = text("a") + encoded({1});
  const std::string b = text("b") + encoded({1});
  EXPECT_TRUE(loads("users", {encoded({0, 2}) + a + b}));
  EXPECT_TRUE(loads("users", {encoded({0, 1}) + a, encoded({1}) + b}));
  EXPECT_FALSE(loads("users", {encoded({0, 2}) + a + a}));
  EXPECT_FALSE(loads("users", {encoded({0, 1}) + a, encoded({1}) + a}));
}

TEST(DamagedState, KeysOfSeveralFieldsHaveThem) {
  const std::string count = encoded({1});
  const std::string good = text(text("a") + text("b"));
  for (const std::string& bad : {text(""), text("a"), text(text("a")), text(text("a") + "\5")}) {
    EXPECT_TRUE(loads("pairs", {encoded({0, 1}) + good + count}));
    EXPECT_FALSE(loads("pairs", {encoded({0, 1}) + bad + count}));
    // top: records, floor, epoch; count, error.
    EXPECT_TRUE(loads("exact", {encoded({1, 0, 0, 1}) + good + encoded({1, 0})}));
    EXPECT_FALSE(loads("exact", {encoded({1, 0, 0, 1}) + bad + encoded({1, 0})}));
    // distinct by: not kept; groups with records, values, beyond, sketch; pairs.
    const std::string group = encoded({0, 1}) + text(text("a")) + encoded({1, 1, 0, 0, 1});
    EXPECT_TRUE(loads("by", {group + good}));
    EXPECT_FALSE(loads("by", {group + bad}));
  }
}

TEST(DamagedState, AnErrorIsNotAboveItsCount) {
  const auto top = [](uint64_t count, uint64_t error) {
    return loads("exact",
                 {encoded({9, 0, 0, 1}) + text(text("a") + text("b")) + encoded({count, error})});
  };
  EXPECT_TRUE(top(5, 5));
  EXPECT_FALSE(top(5, 6));
}

TEST(DamagedState, ACountIsNotBelowTheFloor) {
  const auto top = [](uint64_t floor, uint64_t count) {
    return loads("exact",
                 {encoded({9, floor, 0, 1}) + text(text("a") + text("b")) + encoded({count, 0})});
  };
  EXPECT_TRUE(top(3, 3));
  EXPECT_FALSE(top(3, 2));
}

TEST(DamagedState, ASketchIsOfMoreKeysThanAreKept) {
  const std::string sketch = encoded({1, 77, 3});
  EXPECT_TRUE(loads("few", {encoded({51, 1}) + sketch + encoded({0})}));
  EXPECT_FALSE(loads("few", {encoded({50, 1}) + sketch + encoded({0})}));
  EXPECT_FALSE(loads("few", {encoded({51, 2}) + sketch + encoded({0})}));
  EXPECT_FALSE(loads("few", {encoded({51, 1}) + sketch + encoded({1}) + text("a")}));
  EXPECT_FALSE(loads("few", {encoded({51, 1}) + sketch + encoded({0}), encoded({1}) + text("a")}));
}

TEST(DamagedState, AGroupHasARecordForEachValue) {
  const auto by = [](uint64_t records, uint64_t values, uint64_t beyond, uint64_t sketches = 0) {
    return loads("by",
                 {encoded({0, 1}) + text(text("a")) + encoded({records, values, beyond, sketches}) +
                  (sketches == 1 ? encoded({0}) : "") + encoded({0})});
  };
  EXPECT_TRUE(by(5, 3, 2));
  EXPECT_TRUE(by(5, 3, 2, 1));
  EXPECT_FALSE(by(5, 3, 3));
  EXPECT_FALSE(by(5, 6, 0));
  EXPECT_FALSE(by(0, 0, 0));
  EXPECT_FALSE(by(5, 3, ~uint64_t{0}));
  EXPECT_FALSE(by(5, ~uint64_t{0}, 1));
  EXPECT_FALSE(by(5, 3, 2, 2));
}

// A few bytes are a sketch, which takes 16 KiB.
TEST(DamagedState, ThereAreNoMoreSketchesThanAState) {
  const auto by = [](size_t groups) {
    std::string bytes = encoded({0, groups});
    for (size_t i = 0; i < groups; ++i)
      bytes += text(text(std::to_string(i))) + encoded({1, 1, 0, 1, 0});
    return loads("by", {bytes + encoded({0})});
  };
  EXPECT_TRUE(by(DistinctByAccumulator::kSketchesMax));
  EXPECT_FALSE(by(DistinctByAccumulator::kSketchesMax + 1));
  EXPECT_FALSE(by(100'000));
}

// It cannot be told while a chunk is loaded: the group may be in a later one.
TEST(DamagedState, PairsWithoutAGroupDoNoHarm) {
  const std::string pairs =
      encoded({2}) + text(text("x") + text("1")) + text(text("3") + text("1"));
  EXPECT_TRUE(loads("by", {encoded({0, 0}) + pairs}));
  EXPECT_TRUE(loads("by", {encoded({0, 0, 0}), encoded({0}) + pairs}));
}

std::string coverage(int64_t begin, int64_t end, uint64_t records, uint64_t gaps, int64_t jumped) {
  Encoder encoder;
  encoder.signed_number(begin);
  encoder.signed_number(end);
  encoder.number(records);
  encoder.number(gaps);
  encoder.signed_number(jumped);
  return encoder.bytes();
}

TEST(DamagedState, OffsetsAddUp) {
  const auto state = [](const std::string& bytes) {
    SavedState saved;
    saved.counts = bytes + encoded({0, 0, 0, 0, 0, 0, 0});
    return load_state(kEveryKind, saved) != nullptr;
  };
  constexpr uint64_t kHalf = uint64_t{1} << 63;
  EXPECT_TRUE(state(coverage(-1, -1, 0, 0, 0)));
  EXPECT_TRUE(state(coverage(0, 0, 0, 0, 0)));
  EXPECT_TRUE(state(coverage(10, 20, 5, 3, 2)));
  EXPECT_TRUE(state(coverage(10, 5, 5, 3, -13)));
  EXPECT_FALSE(state(coverage(10, 20, 5, 3, 1)));
  EXPECT_FALSE(state(coverage(-2, -2, 0, 0, 0)));
  EXPECT_FALSE(state(coverage(-1, 0, 1, 0, 0)));
  EXPECT_FALSE(state(coverage(0, -1, 0, 0, -1)));
  EXPECT_FALSE(state(coverage(0, 0, kHalf, kHalf, 0)));
  EXPECT_FALSE(state(coverage(0, 0, kHalf, 0, std::numeric_limits<int64_t>::min())));
  EXPECT_FALSE(state(coverage(0, std::numeric_limits<int64_t>::max(), kHalf - 1, 0, 0)));
}

TEST(DamagedState, AnInsightBeginsWithinItsState) {
  const auto insight = [](int64_t begin, uint64_t emitted_before) {
    SavedState saved;
    saved.counts = coverage(0, 10, 10, 0, 0) + encoded({7, 3, 0, 0, 0, 0, 0});
    Encoder own;
    own.signed_number(begin);
    own.number(emitted_before);
    saved.insights = {{own.bytes() + encoded({1, 0}), {encoded({1})}}};
    return load_state(kEveryKind, saved) != nullptr;
  };
  EXPECT_TRUE(insight(0, 0));
  EXPECT_TRUE(insight(-1, 7));
  EXPECT_FALSE(insight(-2, 0));
  EXPECT_FALSE(insight(0, 8));
}

}  // namespace
}  // namespace millrace::insights
