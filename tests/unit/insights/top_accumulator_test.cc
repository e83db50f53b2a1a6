// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/top_accumulator.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/insights/state.h"
#include "tests/unit/insights/saved_state.h"

namespace millrace::insights {
namespace {

using ::testing::ElementsAre;

constexpr size_t kExactUpTo = 50;

const Declaration kDeclaration{
    .insights = {{.kind = Kind::kTop,
                  .name = "top",
                  .fields = {"key"},
                  .limit = 10,
                  .exact_up_to = kExactUpTo,
                  .part = 0,
                  .edges = {0}}},
    .parts = {{.kind = PartKind::kKeys, .fields = 1, .edges = {{Edge::kLast, "time"}}}}};

// A partition's state and the truth about it.
struct Counted {
  State state{kDeclaration};
  Shard shard{kDeclaration};
  std::map<std::string, uint64_t> truth;
  uint64_t records = 0;

  // An epoch's records, in one batch.
  void add(const std::vector<std::string>& keys, int64_t epoch) {
    for (const std::string& key : keys) {
      const std::string_view view = key;
      shard.add_key(0, {&view, 1});
      ++truth[key];
    }
    records += keys.size();
    state.add(shard, base::Offset{epoch * State::kEpochOffsets});
    shard.clear();
  }

  [[nodiscard]] const TopAccumulator& top() const {
    return dynamic_cast<const TopAccumulator&>(state.accumulator(0));
  }
};

void expect_bounds(const TopAccumulator& top, std::map<std::string, uint64_t> truth,
                   uint64_t records) {
  EXPECT_LE(top.floor(), records / kExactUpTo);
  EXPECT_EQ(top.counted(), records);
  for (size_t i = 0; i < top.keys().entries().size(); ++i) {
    const KeyCounts::Entry& entry = top.keys().entries()[i];
    const auto found = truth.find(std::string(entry.key));
    ASSERT_NE(found, truth.end());
    ASSERT_LE(found->second, top.count(i));
    ASSERT_LE(top.error(i), top.count(i));
    ASSERT_GE(found->second, top.count(i) - top.error(i));
    truth.erase(found);
  }
  // The rest was forgotten.
  for (const auto& [key, count] : truth) ASSERT_LE(count, top.floor());
}

// What a stream brings in each epoch.
struct Stream {
  const char* name;
  std::function<std::vector<std::string>(int64_t epoch, const Counted& counted,
                                         std::mt19937& random)>
      epoch;
};

std::ostream& operator<<(std::ostream& out, const Stream& stream) {
  return out << stream.name;
}

std::vector<std::string> made(size_t count, const std::function<uint64_t(size_t)>& key) {
  std::vector<std::string> keys;
  for (size_t i = 0; i < count; ++i) keys.push_back(std::to_string(key(i)));
  return keys;
}

std::vector<std::string> uniform(int64_t, const Counted&, std::mt19937& random) {
  return made(200, [&](size_t) { return random() % 500; });
}

std::vector<std::string> zipf(int64_t, const Counted&, std::mt19937& random) {
  return made(300, [&](size_t) {
    const double share = static_cast<double>(random()) / static_cast<double>(std::mt19937::max());
    return static_cast<uint64_t>(std::pow(2'000.0, share));
  });
}

// Each key in a run of its own, again and again.
std::vector<std::string> sawtooth(int64_t epoch, const Counted&, std::mt19937&) {
  return made(150, [&](size_t i) { return (static_cast<uint64_t>(epoch) * 150 + i) / 3 % 400; });
}

std::vector<std::string> all_distinct(int64_t epoch, const Counted&, std::mt19937&) {
  return made(130, [&](size_t i) { return static_cast<uint64_t>(epoch) * 130 + i; });
}

// One key comes each time just so often that it is forgotten at the end of the epoch, behind
// kExactUpTo keys that come a bit oftener.
std::vector<std::string> adversarial(int64_t epoch, const Counted& counted, std::mt19937&) {
  std::vector<std::string> keys{"victim"};
  const auto round = static_cast<uint64_t>(epoch) * kExactUpTo;
  const uint64_t floor = counted.top().floor();
  for (uint64_t i = 0; i < kExactUpTo; ++i) {
    for (uint64_t times = 0; times < 2 + floor % 2; ++times)
      keys.push_back(std::to_string(round + i));
  }
  return keys;
}

// The keys that the table has just forgotten come at once again.
std::vector<std::string> comes_again(int64_t epoch, const Counted& counted, std::mt19937& random) {
  std::vector<std::string> keys = made(70, [&](size_t i) { return i; });
  for (const auto& [key, count] : counted.truth) {
    if (counted.top().keys().find(key) == KeyCounts::kNone) keys.push_back(key);
  }
  if (epoch % 7 == 0) {
    for (int i = 0; i < 200; ++i) keys.push_back(std::to_string(random() % 10'000));
  }
  return keys;
}

class TopBounds : public ::testing::TestWithParam<Stream> {
 protected:
  TopBounds() : trace_(__FILE__, __LINE__, "random seed " + std::to_string(seed())) {}

  static unsigned seed() {
    return static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  }

  std::mt19937 random_{seed()};

 private:
  ::testing::ScopedTrace trace_;
};

TEST_P(TopBounds, HoldInEachPartition) {
  Counted counted;
  for (int64_t epoch = 0; epoch < 60; ++epoch) {
    counted.add(GetParam().epoch(epoch, counted, random_), epoch);
    expect_bounds(counted.top(), counted.truth, counted.records);
  }
  // Otherwise it says nothing.
  EXPECT_GT(counted.top().floor(), 0U);
}

TEST_P(TopBounds, HoldWherePartitionsAreMerged) {
  State merged(kDeclaration);
  std::map<std::string, uint64_t> truth;
  uint64_t records = 0;
  for (const int64_t epochs : {0, 1, 17, 40}) {
    Counted counted;
    for (int64_t epoch = 0; epoch < epochs; ++epoch)
      counted.add(GetParam().epoch(epoch, counted, random_), epoch);
    merged.merge(counted.state);
    for (const auto& [key, count] : counted.truth) truth[key] += count;
    records += counted.records;
  }
  expect_bounds(dynamic_cast<const TopAccumulator&>(merged.accumulator(0)), truth, records);
}

INSTANTIATE_TEST_SUITE_P(Top, TopBounds,
                         ::testing::Values(Stream{"Uniform", uniform}, Stream{"Zipf", zipf},
                                           Stream{"Sawtooth", sawtooth},
                                           Stream{"AllDistinct", all_distinct},
                                           Stream{"Adversarial", adversarial},
                                           Stream{"ComesAgain", comes_again}),
                         [](const auto& stream) { return stream.param.name; });

TEST(Top, IsExactWhileItFits) {
  Counted counted;
  for (int64_t epoch = 0; epoch < 20; ++epoch)
    counted.add(made(2 * kExactUpTo, [](size_t i) { return i % kExactUpTo; }), epoch);

  EXPECT_EQ(counted.top().floor(), 0U);
  EXPECT_EQ(counted.top().keys().entries().size(), kExactUpTo);
}

TEST(Top, ForgetsNothingWithinAnEpoch) {
  Counted counted;
  for (int batch = 0; batch < 3; ++batch) {
    counted.add(made(100, [&](size_t i) { return static_cast<uint64_t>(batch) * 100 + i; }), 7);
  }

  EXPECT_EQ(counted.top().keys().entries().size(), 300U);
  counted.add({"x"}, 8);
  EXPECT_EQ(counted.top().keys().entries().size(), kExactUpTo + 1);
}

TEST(Top, HoldsNoMoreThanItMayHoweverManyKeysCome) {
  Counted counted;
  size_t after_some = 0;
  for (int64_t epoch = 0; epoch < 400; ++epoch) {
    counted.add(made(130, [&](size_t i) { return static_cast<uint64_t>(epoch) * 130 + i; }), epoch);
    if (epoch == 20) after_some = counted.top().footprint();
  }

  EXPECT_LE(counted.top().footprint(), after_some);
}

// Which keys are kept of those that came equally often does not depend on their order.
TEST(Top, KeepsTheFirstKeysByBytesOfThoseThatCameEquallyOften) {
  std::vector<std::string> keys = made(200, [](size_t i) { return 100 + i; });
  const auto kept = [&keys] {
    Counted counted;
    counted.add(keys, 0);
    counted.add({}, 1);
    std::vector<std::string> sorted;
    for (const KeyCounts::Entry& entry : counted.top().keys().entries())
      sorted.emplace_back(entry.key);
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  };

  const std::vector<std::string> first(keys.begin(), keys.begin() + kExactUpTo);
  EXPECT_EQ(kept(), first);
  std::reverse(keys.begin(), keys.end());
  EXPECT_EQ(kept(), first);
}

TEST(Top, KeepsTheEdgeValuesOfTheKeysThatItKeeps) {
  Counted counted;
  for (int i = 0; i < 200; ++i) {
    const std::string key = std::to_string(i);
    const std::string_view view = key;
    for (int times = 0; times <= i; ++times) {
      const size_t entry = counted.shard.add_key(0, {&view, 1});
      counted.shard.set_edge(0, entry, 0, {.text = view, .is_string = true, .time = i});
    }
  }
  counted.state.add(counted.shard, base::Offset{0});
  counted.shard.clear();
  counted.add({}, 1);

  EXPECT_EQ(counted.top().floor(), 150U);
  ASSERT_EQ(counted.top().keys().entries().size(), kExactUpTo);
  for (size_t i = 0; i < kExactUpTo; ++i) {
    ASSERT_TRUE(counted.top().edges().get(i, 0).has_value());
    EXPECT_EQ(counted.top().edges().get(i, 0)->text, counted.top().keys().entries()[i].key);
  }
}

TEST(Top, TakesAKeyThatAPartitionForgotForAsFrequentAsItsFloor) {
  Counted one;
  one.add(made(100, [](size_t i) { return i / 2; }), 0);  // 50 keys, twice each
  one.add(made(50, [](size_t i) { return 50 + i; }), 0);  // 50 more, once each
  one.add({}, 1);
  Counted other;
  other.add({"99", "99", "99"}, 0);
  ASSERT_EQ(one.top().floor(), 1U);

  one.state.merge(other.state);

  const size_t entry = one.top().keys().find("99");
  ASSERT_NE(entry, KeyCounts::kNone);
  EXPECT_EQ(one.top().count(entry), 4U);
  EXPECT_EQ(one.top().error(entry), 1U);
}

// What is added of a partition's floor counts for all keys that it does not have, however many
// partitions come after it.
TEST(Top, ComesToTheSameInWhateverOrderPartitionsAreMerged) {
  constexpr size_t kPartitions = 6;
  std::vector<std::unique_ptr<Counted>> partitions;
  for (size_t p = 0; p < kPartitions; ++p) {
    partitions.push_back(std::make_unique<Counted>());
    // The first one is empty, the second one has forgotten nothing.
    for (size_t epoch = 0; epoch < 2 * p; ++epoch) {
      partitions[p]->add(
          made(p < 2 ? 10 : 120, [&](size_t i) { return (i * (p + 1) + 37 * epoch) % 150; }),
          static_cast<int64_t>(epoch));
    }
  }
  std::vector<size_t> order(kPartitions);
  std::iota(order.begin(), order.end(), size_t{0});
  std::map<std::string, std::pair<uint64_t, uint64_t>> expected;  // counts and errors
  do {
    State merged(kDeclaration);
    for (const size_t p : order) merged.merge(partitions[p]->state);
    const auto& top = dynamic_cast<const TopAccumulator&>(merged.accumulator(0));
    std::map<std::string, std::pair<uint64_t, uint64_t>> keys;
    for (size_t i = 0; i < top.keys().entries().size(); ++i)
      keys[std::string(top.keys().entries()[i].key)] = {top.count(i), top.error(i)};
    uint64_t floor = 0;
    for (const auto& partition : partitions) floor += partition->top().floor();
    ASSERT_EQ(top.floor(), floor);
    if (expected.empty()) {
      expected = keys;
      // As it is by the definition: of each partition the key's own count, or else its floor.
      for (const auto& [key, found] : expected) {
        std::pair<uint64_t, uint64_t> sum;
        for (const auto& partition : partitions) {
          const TopAccumulator& one = partition->top();
          const size_t entry = one.keys().find(key);
          const bool has = entry != KeyCounts::kNone;
          sum.first += has ? one.count(entry) : one.floor();
          sum.second += has ? one.error(entry) : one.floor();
        }
        ASSERT_EQ(found, sum) << key;
      }
    }
    ASSERT_EQ(keys, expected);
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_GT(expected.size(), kExactUpTo);
}

// More keys than are kept, so that some are forgotten.
void count_five_epochs(Counted& counted, size_t keys, uint64_t stride) {
  for (int64_t epoch = 0; epoch < 5; ++epoch)
    counted.add(made(keys, [&](size_t i) { return i * stride + static_cast<uint64_t>(epoch); }),
                epoch);
}

TEST(Top, WhatWasMergedIsSavedWhole) {
  Counted one;
  Counted other;
  count_five_epochs(one, 120, 7);
  count_five_epochs(other, 90, 5);
  State merged(kDeclaration);
  merged.merge(one.state);
  merged.merge(other.state);
  const auto& top = dynamic_cast<const TopAccumulator&>(merged.accumulator(0));
  ASSERT_GT(top.added(), 0U);
  const auto loaded = load_state(kDeclaration, save_state(merged, 2));
  ASSERT_NE(loaded, nullptr);
  const auto& again = dynamic_cast<const TopAccumulator&>(loaded->accumulator(0));
  ASSERT_EQ(again.keys().entries().size(), top.keys().entries().size());
  for (size_t i = 0; i < again.keys().entries().size(); ++i) {
    const size_t entry = top.keys().find(again.keys().entries()[i].key);
    ASSERT_NE(entry, KeyCounts::kNone);
    EXPECT_EQ(again.count(i), top.count(entry));
    EXPECT_EQ(again.error(i), top.error(entry));
  }
}

// A state that was merged before may be merged into another one.
TEST(Top, MergesWhatWasMerged) {
  Counted one;
  Counted other;
  count_five_epochs(one, 120, 7);
  count_five_epochs(other, 90, 5);
  State pair(kDeclaration);
  pair.merge(one.state);
  pair.merge(other.state);
  State twice(kDeclaration);
  twice.merge(pair);
  State at_once(kDeclaration);
  at_once.merge(one.state);
  at_once.merge(other.state);
  for (State* merged : {&twice, &at_once}) merged->merge(one.state);

  ASSERT_GT(one.top().floor(), 0U);
  const auto& top = dynamic_cast<const TopAccumulator&>(twice.accumulator(0));
  const auto& expected = dynamic_cast<const TopAccumulator&>(at_once.accumulator(0));
  ASSERT_EQ(top.keys().entries().size(), expected.keys().entries().size());
  for (size_t i = 0; i < top.keys().entries().size(); ++i) {
    const size_t entry = expected.keys().find(top.keys().entries()[i].key);
    ASSERT_NE(entry, KeyCounts::kNone);
    EXPECT_EQ(top.count(i), expected.count(entry));
    EXPECT_EQ(top.error(i), expected.error(entry));
  }
}

}  // namespace
}  // namespace millrace::insights
