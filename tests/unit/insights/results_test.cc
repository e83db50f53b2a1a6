// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/results.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/insights/state.h"
#include "engine/insights/text_table.h"

namespace millrace::insights {
namespace {

using Values = std::vector<std::string>;

constexpr Time kNow{std::chrono::seconds(1'000'000)};

// A declaration of one insight, and a state of it.
class One {
 public:
  explicit One(Insight insight, std::vector<EdgeField> edges = {})
      : declaration_{.insights = {insight}, .parts = {part_of(insight, std::move(edges))}} {}

  // A record with these values.
  void add(const Values& values, int times = 1) {
    const std::vector<std::string_view> views(values.begin(), values.end());
    for (int i = 0; i < times; ++i) shard.add_key(0, views);
    count_batch();
  }

  // A record with a value for each of the part's edges; none where it is empty.
  void add(const std::string& key, const std::vector<EdgeValue>& edges) {
    const std::string_view view = key;
    const size_t entry = shard.add_key(0, {&view, 1});
    for (size_t e = 0; e < edges.size(); ++e) {
      if (!edges[e].text.empty()) shard.set_edge(0, entry, e, edges[e]);
    }
    count_batch();
  }

  void add_hour(unsigned hour, int times = 1) {
    for (int i = 0; i < times; ++i) shard.add_hour(0, hour);
    count_batch();
  }

  void add(const Number& number) {
    shard.add_number(0, number);
    count_batch();
  }

  void add_records(int times) {
    for (int i = 0; i < times; ++i) shard.add_one(0);
    count_batch();
  }

  void add_missing(int times = 1) {
    for (int i = 0; i < times; ++i) shard.add_missing(0);
    count_batch();
  }

  // What is counted from now on is of a later epoch.
  void end_epoch() { ++epoch_; }

  [[nodiscard]] Result result() const { return state_.result(0, kNow); }

  [[nodiscard]] std::string json() const {
    record::JsonWriter writer;
    write_json(result(), writer);
    return writer.take();
  }

  [[nodiscard]] std::string text(size_t rows_max = 100) const {
    return to_text(result(), rows_max);
  }

 private:
  static Part part_of(const Insight& insight, std::vector<EdgeField> edges) {
    switch (insight.kind) {
      case Kind::kCount:
      case Kind::kRate:
        return {.kind = PartKind::kCounter};
      case Kind::kHoursOfDay:
        return {.kind = PartKind::kHours};
      case Kind::kQuantiles:
        return {.kind = PartKind::kSketch};
      case Kind::kSum:
      case Kind::kMin:
      case Kind::kMax:
      case Kind::kMean:
        return {.kind = PartKind::kNumbers};
      default:
        return {.kind = PartKind::kKeys, .fields = insight.fields.size(), .edges = edges};
    }
  }

  void count_batch() {
    state_.add(shard, base::Offset{epoch_ * State::kEpochOffsets}, kNow);
    shard.clear();
  }

  Declaration declaration_;
  Shard shard{declaration_};
  State state_{declaration_};
  int64_t epoch_ = 0;
};

Insight count_by(Values fields) {
  return {.kind = Kind::kCountBy, .name = "by", .fields = std::move(fields), .keys_max = 1'000'000};
}

Insight distinct(size_t exact_up_to = 10'000) {
  return {.kind = Kind::kDistinct, .name = "users", .fields = {"user"}, .exact_up_to = exact_up_to};
}

Insight top(size_t limit, size_t exact_up_to = 100'000) {
  return {.kind = Kind::kTop,
          .name = "top",
          .fields = {"user"},
          .limit = limit,
          .exact_up_to = exact_up_to};
}

const Insight kHours{.kind = Kind::kHoursOfDay, .name = "hours", .fields = {"time"}};
const Insight kMean{.kind = Kind::kMean, .name = "mean_amount", .fields = {"amount"}};
const Insight kQuantiles{
    .kind = Kind::kQuantiles, .name = "sizes", .fields = {"size"}, .quantiles = {0.5, 0.99, 0.999}};
const Insight kRate{.kind = Kind::kRate, .name = "rate", .live = true};

EdgeValue text_of(std::string_view text) {
  return {.text = text, .is_string = true};
}

TEST(ResultsJson, CountByOrdersByTheBytesOfTheValues) {
  One one(count_by({"device"}));
  for (const char* value : {"b", "é", "a", "B", "", "a"}) one.add({value});

  EXPECT_EQ(one.json(), R"({"kind":"count_by","counts":{"":1,"B":1,"a":2,"b":1,"é":1}})");
}

TEST(ResultsJson, CountByNestsInTheOrderOfTheFields) {
  One one(count_by({"a", "b", "c"}));
  one.add({"x", "2", "q"}, 3);
  one.add({"y", "1", "p"});
  one.add({"x", "2", "p"});
  one.add({"x", "1", "p"}, 2);

  EXPECT_EQ(
      one.json(),
      R"({"kind":"count_by","counts":{"x":{"1":{"p":2},"2":{"p":1,"q":3}},"y":{"1":{"p":1}}}})");
}

TEST(ResultsJson, DistinctIsExactWhileItFits) {
  One one(distinct());
  for (const char* user : {"a", "b", "a", "c"}) one.add({user});

  EXPECT_EQ(one.json(), R"({"kind":"distinct","value":3,"low":3,"high":3,"exact":true})");
}

TEST(ResultsJson, TopOrdersByCountAndThenByBytes) {
  One one(top(3));
  one.add({"d"}, 2);
  one.add({"a"}, 1);
  one.add({"é"}, 2);
  one.add({"c"}, 5);
  one.add({"D"}, 2);

  EXPECT_EQ(one.json(), R"({"kind":"top","items":[{"key":"c","count":5,"error":0},)"
                        R"({"key":"D","count":2,"error":0},{"key":"d","count":2,"error":0}]})");
}

TEST(ResultsJson, TopOfSeveralFieldsHasAnArrayAsItsKey) {
  Insight insight = top(1);
  insight.fields = {"user", "device"};
  One one(insight);
  one.add({"u", "d"});

  EXPECT_EQ(one.json(), R"({"kind":"top","items":[{"key":["u","d"],"count":1,"error":0}]})");
}

TEST(ResultsJson, HoursOfDayAlwaysHasAllHours) {
  One one(kHours);
  one.add_hour(0);
  one.add_hour(23, 2);

  EXPECT_EQ(one.json(),
            R"({"kind":"hours_of_day","counts":{"0":1,"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,)"
            R"("8":0,"9":0,"10":0,"11":0,"12":0,"13":0,"14":0,"15":0,"16":0,"17":0,"18":0,)"
            R"("19":0,"20":0,"21":0,"22":0,"23":2}})");
}

TEST(ResultsJson, IsWholeWhereNothingWasCounted) {
  EXPECT_EQ(One(count_by({"a", "b"})).json(), R"({"kind":"count_by","counts":{}})");
  EXPECT_EQ(One(distinct()).json(),
            R"({"kind":"distinct","value":0,"low":0,"high":0,"exact":true})");
  EXPECT_EQ(One(top(10)).json(), R"({"kind":"top","items":[]})");
  EXPECT_EQ(One(kMean).json(), R"({"kind":"mean","value":null})");
  EXPECT_EQ(One(kQuantiles).json(), R"({"kind":"quantiles","values":{"p50":null,"p99":null,)"
                                    R"("p99.9":null},"relative_error":0.0078125})");
  EXPECT_EQ(One(kRate).json(), R"({"kind":"rate","live":true,"value":0,"over_seconds":0})");
}

TEST(ResultsJson, DistinctGivesBoundsWhereItIsNotExact) {
  One one(distinct(100));
  for (int i = 0; i < 1'000; ++i) one.add({std::to_string(i)});

  const auto result = std::get<DistinctResult>(one.result().value);
  EXPECT_FALSE(result.exact);
  EXPECT_LE(result.low, result.value);
  EXPECT_LE(result.value, result.high);
  EXPECT_GT(result.low, 900U);
  EXPECT_LE(result.high, 1'000U);  // there were no more records
  EXPECT_EQ(one.json(), fmt::format(R"({{"kind":"distinct","value":{},"low":{},"high":{},)"
                                    R"("exact":false}})",
                                    result.value, result.low, result.high));
}

TEST(ResultsJson, TopGivesEachItemsErrorWhereNotEveryKeyWasKept) {
  One one(top(2, 2));
  one.add({"a"}, 5);
  one.add({"b"}, 3);
  one.add({"c"}, 2);
  one.end_epoch();
  one.add({"d"}, 4);

  EXPECT_EQ(one.json(), R"({"kind":"top","items":[{"key":"d","count":6,"error":2},)"
                        R"({"key":"a","count":5,"error":0}]})");
  EXPECT_EQ(one.text(),
            "  top\n"
            "    user  records  too many by  share\n"
            "    d           6      up to 2  42.9%\n"
            "    a           5            -  35.7%\n");
}

TEST(ResultsJson, TopNamesWhatItHasOfTheFirstAndTheLastRecord) {
  Insight insight = top(10);
  insight.edges = {1, 0};
  One one(insight, {{Edge::kFirst, "ip"}, {Edge::kLast, "timestamp"}});
  one.add("a", {text_of("1.1.1.1"), {.text = "17"}});
  one.add("a", {text_of("2.2.2.2"), {.text = "18"}});
  one.add("b", {{}, {.text = "null"}});

  EXPECT_EQ(one.json(),
            R"({"kind":"top","items":[{"key":"a","count":2,"error":0,"last_timestamp":18,)"
            R"("first_ip":"1.1.1.1"},{"key":"b","count":1,"error":0,"last_timestamp":null,)"
            R"("first_ip":null}]})");
  EXPECT_EQ(one.text(),
            "  top\n"
            "    user  records  share  last timestamp  first ip\n"
            "    a           2  66.7%  18              1.1.1.1\n"
            "    b           1  33.3%  null            -\n");
}

TEST(ResultsJson, CountIsANumber) {
  One one({.kind = Kind::kCount, .name = "count"});
  one.add_records(1'500);

  EXPECT_EQ(one.json(), R"({"kind":"count","value":1500})");
  EXPECT_EQ(one.text(), "  count\n    1,500 records\n");
}

TEST(ResultsJson, WhatReadsTheClockSaysSo) {
  One one(kRate);
  one.add_records(90);

  EXPECT_EQ(one.json(), R"({"kind":"rate","live":true,"value":90,"over_seconds":1})");
  EXPECT_EQ(one.text(), "  rate (live)\n    90 records/s over 1 s\n");
}

TEST(ResultsJson, QuantilesHaveTheNamesThatTheyWereGiven) {
  One one(kQuantiles);
  for (int64_t i = 1; i <= 63; ++i) one.add(Number(i));

  const auto result = std::get<QuantilesResult>(one.result().value);
  EXPECT_NEAR(result.values[0], 32, 32 * result.relative_error);
  EXPECT_EQ(one.json(), fmt::format(R"({{"kind":"quantiles","values":{{"p50":{},"p99":{},)"
                                    R"("p99.9":{}}},"relative_error":0.0078125}})",
                                    result.values[0], result.values[1], result.values[2]));
  EXPECT_EQ(one.text(), fmt::format("  sizes\n"
                                    "    quantile  size\n"
                                    "    p50       {:>4.3g}\n"
                                    "    p99       {:>4.3g}\n"
                                    "    p99.9     {:>4.3g}\n"
                                    "    (each within 0.8% of the true one)\n",
                                    result.values[0], result.values[1], result.values[2]));
}

TEST(ResultsJson, NumbersAreAsExactAsTheyWere) {
  One mean(kMean);
  mean.add(Number(int64_t{1}));
  mean.add(Number(int64_t{2}));
  Insight sum = kMean;
  sum.kind = Kind::kSum;
  sum.name = "sum_amount";
  One total(sum);
  total.add(Number(int64_t{-9'007'199'254'740'993}));

  EXPECT_EQ(mean.json(), R"({"kind":"mean","value":1.5})");
  EXPECT_EQ(mean.text(), "  mean_amount\n    mean of amount: 1.5\n");
  EXPECT_EQ(total.json(), R"({"kind":"sum","value":-9007199254740993})");
  EXPECT_EQ(total.text(), "  sum_amount\n    sum of amount: -9,007,199,254,740,993\n");
}

TEST(ResultsJson, LastHasAValueForEachKey) {
  Insight insight{.kind = Kind::kLast,
                  .name = "last_ip_by_user",
                  .fields = {"user"},
                  .keys_max = 3,
                  .edges = {0}};
  One one(insight, {{Edge::kLast, "ip"}});
  one.add("b", {text_of("1")});
  one.add("a", {{.text = "2"}});
  one.add("b", {text_of("3")});
  one.add("none", {{}});
  one.add("too many", {text_of("4")});

  EXPECT_EQ(one.json(), R"({"kind":"last","values":{"a":2,"b":"3"}})");
  EXPECT_EQ(one.text(),
            "  last_ip_by_user\n"
            "    user  last ip\n"
            "    a     2\n"
            "    b     3\n"
            "    (beyond those kept: 1 records)\n");
  EXPECT_EQ(one.result().counted, 5U);
  EXPECT_EQ(one.result().not_kept, 1U);
}

TEST(ResultsJson, DistinctByHasAResultForEachGroup) {
  Insight insight{.kind = Kind::kDistinct,
                  .name = "devices",
                  .fields = {"country", "user", "device"},
                  .by = 2,
                  .exact_up_to = 64,
                  .keys_max = 1'000};
  One one(insight);
  one.add({"de", "u1", "d1"}, 2);
  one.add({"at", "u2", "d1"});
  one.add({"de", "u2", "d1"});
  one.add({"de", "u2", "d2"});

  EXPECT_EQ(one.json(),
            R"({"kind":"distinct","by":{"at":{"u2":{"value":1,"low":1,"high":1,"exact":true}},)"
            R"("de":{"u1":{"value":1,"low":1,"high":1,"exact":true},)"
            R"("u2":{"value":2,"low":2,"high":2,"exact":true}}}})");
  EXPECT_EQ(one.text(),
            "  devices\n"
            "    country  user  different device\n"
            "    de       u2                   2\n"
            "    at       u2                   1\n"
            "    de       u1                   1\n");
}

TEST(ResultsJson, DoesNotDependOnTheOrderOfTheRecords) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::vector<Values> records(2'000);
  for (Values& values : records) {
    values = {std::to_string(random() % 9), std::to_string(random() % 40)};
  }
  Insight pairs = top(20);
  pairs.fields = {"a", "b"};
  One by_both(count_by({"a", "b"}));
  One top_both(pairs);
  for (const Values& values : records) {
    by_both.add(values);
    top_both.add(values);
  }

  std::shuffle(records.begin(), records.end(), random);
  One by_both_again(count_by({"a", "b"}));
  One top_both_again(pairs);
  for (const Values& values : records) {
    by_both_again.add(values);
    top_both_again.add(values);
  }

  EXPECT_EQ(by_both.json(), by_both_again.json());
  EXPECT_EQ(by_both.text(), by_both_again.text());
  EXPECT_EQ(top_both.json(), top_both_again.json());
  EXPECT_EQ(top_both.text(), top_both_again.text());
}

TEST(ResultsText, CountByOneFieldIsAListByCount) {
  One one(count_by({"device"}));
  one.add({"ios"}, 2);
  one.add({"android"}, 1'500);
  one.add({""}, 2);
  one.add_missing();

  EXPECT_EQ(one.text(),
            "  by\n"
            "    device   records  share\n"
            "    android    1,500  99.7%\n"
            "    \"\"             2   0.1%\n"
            "    ios            2   0.1%\n"
            "    (not counted: 1 record lacks it)\n");
}

TEST(ResultsText, CountByTwoFieldsIsACrossTable) {
  One one(count_by({"version", "device"}));
  one.add({"2.4", "ios"}, 3);
  one.add({"2.3", "android"}, 4);
  one.add({"2.4", "android"}, 2);

  EXPECT_EQ(one.text(),
            "  by\n"
            "    version  android  ios  all\n"
            "    2.4            2    3    5\n"
            "    2.3            4    -    4\n"
            "    all            6    3    9\n");
}

TEST(ResultsText, CountByIsAnIndentedListWhereACrossTableIsTooWide) {
  One one(count_by({"version", "city"}));
  for (int city = 10; city < 30; ++city) one.add({"2.3", "city " + std::to_string(city)});
  one.add({"2.4", "city 11"}, 30);

  EXPECT_EQ(one.text(5),
            "  by\n"
            "    version, city  records  share\n"
            "    2.4                 30  60.0%\n"
            "      city 11           30  60.0%\n"
            "    2.3                 20  40.0%\n"
            "      city 10            1   2.0%\n"
            "      city 11            1   2.0%\n"
            "    … and 18 more\n");
}

TEST(ResultsText, CountByThreeFieldsIsAnIndentedList) {
  One one(count_by({"a", "b", "c"}));
  one.add({"x", "1", "p"}, 2);
  one.add({"x", "1", "q"});
  one.add({"y", "2", "p"});

  EXPECT_EQ(one.text(),
            "  by\n"
            "    a, b, c  records  share\n"
            "    x              3  75.0%\n"
            "      1            3  75.0%\n"
            "        p          2  50.0%\n"
            "        q          1  25.0%\n"
            "    y              1  25.0%\n"
            "      2            1  25.0%\n"
            "        p          1  25.0%\n");
}

TEST(ResultsText, SaysHowManyRowsItLeavesOut) {
  One list(count_by({"n"}));
  One cross(count_by({"n", "m"}));
  for (int i = 10; i < 1'500; ++i) {
    list.add({std::to_string(i)});
    cross.add({std::to_string(i), "m"});
  }

  EXPECT_EQ(list.text(1),
            "  by\n"
            "    n   records  share\n"
            "    10        1   0.1%\n"
            "    … and 1,489 more\n");
  EXPECT_EQ(cross.text(1),
            "  by\n"
            "    n        m    all\n"
            "    10       1      1\n"
            "    all  1,490  1,490\n"
            "    … and 1,489 more\n");
}

TEST(ResultsText, CountBySaysWhatItDidNotKeep) {
  Insight insight = count_by({"device"});
  insight.keys_max = 2;
  One one(insight);
  for (const char* device : {"a", "b", "c", "d", "a"}) one.add({device});

  EXPECT_EQ(one.text(),
            "  by\n"
            "    device  records  share\n"
            "    a             2  40.0%\n"
            "    b             1  20.0%\n"
            "    (beyond the 2 values kept: 2 records)\n");
}

TEST(ResultsText, DistinctSaysHowSureItIs) {
  One one(distinct(10));
  for (int i = 0; i < 2'000; ++i) one.add({std::to_string(i % 1'000)});
  const auto result = std::get<DistinctResult>(one.result().value);

  EXPECT_EQ(one.text(),
            fmt::format("  users\n"
                        "    about {} different values of user\n"
                        "    (between {} and {} with 95 % certainty)\n",
                        grouped(result.value), grouped(result.low), grouped(result.high)));
}

TEST(ResultsText, TopShowsWhatWasAskedFor) {
  One one(top(2));
  for (const char* user : {"a", "b", "b", "c"}) one.add({user});

  EXPECT_EQ(one.text(),
            "  top\n"
            "    user  records  share\n"
            "    b           2  50.0%\n"
            "    a           1  25.0%\n");
  EXPECT_EQ(one.text(1),
            "  top\n"
            "    user  records  share\n"
            "    b           2  50.0%\n"
            "    … and 1 more\n");
}

TEST(ResultsText, HoursOfDayIsTwelveRowsOfTwoHours) {
  One one(kHours);
  one.add_hour(13, 3'000);
  one.add_hour(1, 1'500);
  one.add_hour(11);
  one.add_missing(2);

  const std::string text = one.text(3);

  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 14);
  EXPECT_NE(text.find("  hours (UTC)\n    00h      0   0.0%            12h      0   0.0%\n"
                      "    01h  1,500  33.3%  ████      13h  3,000  66.7%  ████████\n"),
            text.npos)
      << text;
  EXPECT_NE(text.find("    11h      1  <0.1%  ▏         23h      0   0.0%\n"
                      "    (not counted: 2 records lack it)\n"),
            text.npos)
      << text;
}

TEST(ResultsText, SaysWhereNothingWasCounted) {
  EXPECT_EQ(One(count_by({"a"})).text(), "  by\n    (nothing counted)\n");
  EXPECT_EQ(One(count_by({"a", "b"})).text(), "  by\n    (nothing counted)\n");
  EXPECT_EQ(One(top(3)).text(), "  top\n    (nothing counted)\n");
  EXPECT_EQ(One(distinct()).text(), "  users\n    0 different values of user\n");
  EXPECT_EQ(One(kMean).text(), "  mean_amount\n    (nothing counted)\n");
  EXPECT_EQ(One(kQuantiles).text(), "  sizes\n    (nothing counted)\n");
  EXPECT_NE(One(kHours).text().find("00h  0"), std::string::npos);
}

TEST(ResultsText, KeepsWithinTheTerminal) {
  for (const size_t fields : {1U, 2U, 3U}) {
    Values names;
    for (size_t i = 0; i < fields; ++i) names.push_back("field_" + std::to_string(i));
    One one(count_by(names));
    std::mt19937 random(1);
    for (int i = 0; i < 300; ++i) {
      Values values;
      for (size_t j = 0; j < fields; ++j) {
        values.push_back(std::string(random() % 250, 'x') + "\n\x1B[2J\xC3");
      }
      one.add(values, 1'000);
    }

    const std::string text = one.text(20);

    size_t widest = 0;
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find('\n', at);
      widest = std::max(widest, display_width(std::string_view(text).substr(at, end - at)));
      at = end + 1;
    }
    EXPECT_LE(widest, 80U) << text;
    EXPECT_EQ(text.find('\x1B'), text.npos);
  }
}

}  // namespace
}  // namespace millrace::insights
