// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/edge_values.h"

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::insights {
namespace {

EdgeValue string(std::string_view text, int64_t time = 0) {
  return {.text = text, .is_string = true, .time = time};
}

EdgeValue scalar(std::string_view json, int64_t time = 0) {
  return {.text = json, .is_string = false, .time = time};
}

void expect_value(const std::optional<EdgeValue>& value, const EdgeValue& expected) {
  ASSERT_TRUE(value);
  EXPECT_EQ(value->text, expected.text);
  EXPECT_EQ(value->is_string, expected.is_string);
  EXPECT_EQ(value->time, expected.time);
}

TEST(EdgeValues, KeepsTheFirstOrTheLastOfTheRecords) {
  EdgeValues values(2);
  for (const std::string_view text : {"one", "two", "three"}) {
    values.set(5, 0, Edge::kFirst, string(text, 1));
    values.set(5, 1, Edge::kLast, string(text, 2));
  }
  expect_value(values.get(5, 0), string("one", 1));
  expect_value(values.get(5, 1), string("three", 2));
}

TEST(EdgeValues, GoesByTheOrderOfTheRecordsNotByTheirTimes) {
  EdgeValues values(2);
  values.set(0, 0, Edge::kFirst, string("a", 9));
  values.set(0, 0, Edge::kFirst, string("b", 1));
  values.set(0, 1, Edge::kLast, string("a", 9));
  values.set(0, 1, Edge::kLast, string("b", 1));
  expect_value(values.get(0, 0), string("a", 9));
  expect_value(values.get(0, 1), string("b", 1));
}

TEST(EdgeValues, HasNothingWhereNothingWasSet) {
  EdgeValues values(2);
  EXPECT_FALSE(values.get(0, 0));
  values.set(3, 1, Edge::kLast, scalar("1"));
  EXPECT_FALSE(values.get(3, 0));
  EXPECT_FALSE(values.get(2, 1));
  EXPECT_FALSE(values.get(4, 1));
  expect_value(values.get(3, 1), scalar("1"));
  values.clear();
  EXPECT_FALSE(values.get(3, 1));
  values.set(3, 0, Edge::kFirst, scalar("2"));
  EXPECT_FALSE(values.get(3, 1));
  expect_value(values.get(3, 0), scalar("2"));
}

TEST(EdgeValues, KeepsAnEmptyText) {
  EdgeValues values(1);
  values.set(0, 0, Edge::kFirst, string(""));
  values.set(0, 0, Edge::kFirst, string("later"));
  expect_value(values.get(0, 0), string(""));
  values.set(0, 0, Edge::kLast, string("later"));
  values.set(0, 0, Edge::kLast, string(""));
  expect_value(values.get(0, 0), string(""));
}

TEST(EdgeValues, TakesNoMemoryForAValueThatIsNoLonger) {
  EdgeValues values(1);
  values.set(0, 0, Edge::kLast, string(std::string(100, 'x')));
  const size_t footprint = values.footprint();
  for (size_t i = 0; i < 100'000; ++i) {
    values.set(0, 0, Edge::kLast, string(std::string(i % 101, static_cast<char>('a' + i % 26))));
  }
  EXPECT_EQ(values.footprint(), footprint);
  EXPECT_EQ(values.get(0, 0)->text.size(), 99'999U % 101);
}

TEST(EdgeValues, LeavesLessBehindThanItHas) {
  EdgeValues values(1);
  constexpr size_t kSize = 1'000'000;
  const std::string text(kSize, 'x');
  for (size_t size = 1; size < kSize; size += 1 + size / 100) {
    values.set(0, 0, Edge::kLast, string(std::string_view(text).substr(0, size)));
  }
  EXPECT_LT(values.footprint(), 4 * kSize + 2 * record::Arena::kChunkBytes);
}

TEST(EdgeValues, MergesByTime) {
  EdgeValues values(2);
  for (size_t edge = 0; edge < 2; ++edge) {
    const Edge which = edge == 0 ? Edge::kFirst : Edge::kLast;
    values.merge(0, edge, which, string("middle", 50));
    values.merge(0, edge, which, string("early", 10));
    values.merge(0, edge, which, string("late", 90));
    values.merge(0, edge, which, string("middle", 50));
  }
  expect_value(values.get(0, 0), string("early", 10));
  expect_value(values.get(0, 1), string("late", 90));
}

TEST(EdgeValues, TakesTheGreaterTextOfEqualTimes) {
  for (const Edge which : {Edge::kFirst, Edge::kLast}) {
    // In ascending order.
    const std::vector<EdgeValue> values{scalar("1", 7), string("1", 7), string("10", 7),
                                        string("9", 7)};
    for (const EdgeValue& a : values) {
      for (const EdgeValue& b : values) {
        EdgeValues held(1);
        held.merge(0, 0, which, a);
        held.merge(0, 0, which, b);
        expect_value(held.get(0, 0), &a < &b ? b : a);
      }
    }
  }
}

TEST(RandomEdgeValues, MergeToTheSameInEveryOrder) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE("random seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    std::vector<OwnedEdgeValue> all;
    for (size_t i = 1 + random() % 12; i-- > 0;) {
      all.push_back({.text = std::to_string(random() % 5),
                     .is_string = random() % 2 == 0,
                     .time = static_cast<int64_t>(random() % 3)});
    }
    const Edge which = random() % 2 == 0 ? Edge::kFirst : Edge::kLast;
    const auto merged = [&] {
      EdgeValues values(1);
      for (const OwnedEdgeValue& each : all) {
        values.merge(0, 0, which, {each.text, each.is_string, each.time});
      }
      const EdgeValue value = values.get(0, 0).value();
      return std::tuple(std::string(value.text), value.is_string, value.time);
    };
    const auto expected = merged();
    for (int i = 0; i < 5; ++i) {
      std::shuffle(all.begin(), all.end(), random);
      ASSERT_EQ(merged(), expected);
    }
  }
}

TEST(EdgeValueJson, IsWhatTheRecordHad) {
  record::JsonWriter writer;
  writer.begin_array();
  write_json({.text = "a\"b", .is_string = true}, writer);
  write_json({.text = "1.50", .is_string = false}, writer);
  write_json({.text = "12345678901234567890123", .is_string = false}, writer);
  write_json({.text = "null", .is_string = false}, writer);
  write_json({.text = "null", .is_string = true}, writer);
  writer.end_array();
  EXPECT_EQ(writer.take(), R"(["a\"b",1.50,12345678901234567890123,null,"null"])");
}

std::string saved(const EdgeValues& values, size_t entry) {
  Encoder encoder;
  values.save(entry, encoder);
  return encoder.bytes();
}

TEST(EdgeValuesSaved, ComeBack) {
  EdgeValues values(3);
  values.set(0, 0, Edge::kFirst, string("", std::numeric_limits<int64_t>::min()));
  values.set(0, 2, Edge::kLast, scalar("-1.5e+30", std::numeric_limits<int64_t>::max()));
  values.set(2, 1, Edge::kLast, string(std::string(300, '\xFF'), -1));
  values.set(2, 2, Edge::kLast, scalar("null", 5));
  EdgeValues loaded(3);
  for (size_t entry = 0; entry < 4; ++entry) {
    const std::string bytes = saved(values, entry);
    Decoder decoder(bytes);
    loaded.load(entry, decoder);
    ASSERT_TRUE(decoder.ok() && decoder.at_end()) << entry;
    EXPECT_EQ(saved(loaded, entry), bytes);
  }
  for (size_t entry = 0; entry < 4; ++entry) {
    for (size_t edge = 0; edge < 3; ++edge) {
      const auto value = values.get(entry, edge);
      ASSERT_EQ(loaded.get(entry, edge).has_value(), value.has_value());
      if (value) expect_value(loaded.get(entry, edge), *value);
    }
  }
  EXPECT_EQ(saved(values, 1), std::string(3, '\0'));
  EXPECT_GE(values.saved_size(), 300U);
  EXPECT_LE(values.saved_size(), 400U);
}

// Reports show them as they are.
TEST(EdgeValuesSaved, WhatIsNoStringHasToBeJson) {
  const auto loads = [](uint64_t kind, std::string_view text) {
    Encoder encoder;
    encoder.number(kind);
    encoder.signed_number(0);
    encoder.text(text);
    Decoder decoder(encoder.bytes());
    EdgeValues values(1);
    values.load(0, decoder);
    EXPECT_EQ(values.get(0, 0).has_value(), decoder.ok());
    return decoder.ok();
  };
  for (const std::string_view json : {"true", "false", "null", "0", "-0", "10", "-10.50", "0.0",
                                      "1e5", "1E+05", "12.3e-45", "123456789012345678901234567890"})
    EXPECT_TRUE(loads(1, json)) << json;
  for (const std::string_view other :
       {"",   "-",  "01",    "-01",  "1.",    ".5",  "1.e5", "1e",  "1e+",
        "+1", "1 ", " 1",    "0x10", "nan",   "inf", "True", "nul", "truer",
        "1,", "1}", "\"a\"", "{}",   "1e5.5", "--1", "1-"}) {
    EXPECT_FALSE(loads(1, other)) << other;
    EXPECT_TRUE(loads(2, other)) << other;
  }
  EXPECT_FALSE(loads(3, "1"));
  EXPECT_FALSE(loads(std::numeric_limits<uint64_t>::max(), "1"));
}

}  // namespace
}  // namespace millrace::insights
