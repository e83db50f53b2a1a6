// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/results.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/limits.h"
#include "engine/insights/text_table.h"

namespace millrace::insights {
namespace {

using Values = std::vector<std::string>;

// A declaration of one insight, and a state of it.
class One {
 public:
  explicit One(Insight insight) : declaration_{.insights = {std::move(insight)}, .rules = {}} {}

  void add(const Values& values, int times = 1) {
    const std::vector<std::string_view> views(values.begin(), values.end());
    for (int i = 0; i < times; ++i) state.add(0, views);
  }

  [[nodiscard]] std::string json() const {
    record::JsonWriter writer;
    write_json(state, 0, writer);
    return writer.take();
  }

  [[nodiscard]] std::string text(size_t rows_max = 100) const {
    return to_text(state, 0, rows_max);
  }

 private:
  Declaration declaration_;

 public:
  Shard state{declaration_};
};

Insight count_by(Values fields) {
  return {.kind = Kind::kCountBy, .name = "by", .fields = std::move(fields)};
}

const Insight kDistinct{.kind = Kind::kDistinct, .name = "users", .fields = {"user"}};

Insight top(size_t limit) {
  return {.kind = Kind::kTop, .name = "top", .fields = {"user"}, .limit = limit};
}

const Insight kHours{.kind = Kind::kHoursOfDay, .name = "hours", .fields = {"time"}};

// One key more than a state keeps, twice.
void overfill(One& one) {
  one.add({"often"}, 5);
  for (size_t i = 1; i < base::limits::kInsightKeysMax; ++i) one.add({std::to_string(i)});
  one.add({"too many"}, 2);
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
  One one(kDistinct);
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
  one.state.add_hour(0, 0);
  one.state.add_hour(0, 23);
  one.state.add_hour(0, 23);

  EXPECT_EQ(one.json(),
            R"({"kind":"hours_of_day","counts":{"0":1,"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,)"
            R"("8":0,"9":0,"10":0,"11":0,"12":0,"13":0,"14":0,"15":0,"16":0,"17":0,"18":0,)"
            R"("19":0,"20":0,"21":0,"22":0,"23":2}})");
}

TEST(ResultsJson, IsWholeWhereNothingWasCounted) {
  EXPECT_EQ(One(count_by({"a", "b"})).json(), R"({"kind":"count_by","counts":{}})");
  EXPECT_EQ(One(kDistinct).json(),
            R"({"kind":"distinct","value":0,"low":0,"high":0,"exact":true})");
  EXPECT_EQ(One(top(10)).json(), R"({"kind":"top","items":[]})");
}

TEST(ResultsJson, GivesBoundsWhereNotEveryKeyWasKept) {
  One distinct(kDistinct);
  overfill(distinct);
  One most(top(1));
  overfill(most);

  EXPECT_EQ(distinct.json(),
            R"({"kind":"distinct","value":1000000,"low":1000000,"high":1000002,"exact":false})");
  EXPECT_EQ(most.json(), R"({"kind":"top","items":[{"key":"often","count":7,"error":2}]})");
  EXPECT_EQ(distinct.text(),
            "  users\n"
            "    between 1,000,000 and 1,000,002 different values of user\n"
            "    (beyond the 1,000,000 values kept: 2 records)\n");
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
  one.state.add_missing(0);

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
  for (int i = 0; i < 3'000; ++i) one.state.add_hour(0, 13);
  for (int i = 0; i < 1'500; ++i) one.state.add_hour(0, 1);
  one.state.add_hour(0, 11);
  one.state.add_missing(0);
  one.state.add_missing(0);

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
  EXPECT_EQ(One(kDistinct).text(), "  users\n    0 different values of user\n");
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
