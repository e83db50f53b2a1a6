// SPDX-License-Identifier: Apache-2.0
// What durable state is taken up by. Every text here is in the state topics of running pipelines: a
// test that has to change says that their insights will be refused.
#include "engine/plan/define_insight.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

std::string definition(const std::string& insight) {
  return compile(config_of({.rest = "insights:\n  - " + insight + "\n"}))
      ->declaration()
      .insights.at(0)
      .definition;
}

TEST(InsightDefinition, IsStableText) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"count: records", "count() of=emitted"},
      {"{count: records, of: consumed}", "count() of=consumed"},
      {"{count: records, of: filtered}", "count() of=filtered"},
      {"{count: records, of: dead_lettered}", "count() of=dead_lettered"},
      {"count_by: device_type", "count_by(device_type) of=emitted keys_max=100000"},
      {"{count_by: [app.version, 'items[0].sku'], keys_max: 7, after: true}",
       "count_by(app.version,items[0].sku) of=emitted after keys_max=7"},
      {"count_by:\n      - '[\"a.b\"].c'\n      - '[\"x,y\"]'\n      - ümlaut\n"
       "      - '[\"q\\\"r\"]'\n",
       R"(count_by(["a.b"].c,["x,y"],["ümlaut"],["q\"r"]) of=emitted keys_max=100000)"},
      {"distinct: user_id", "distinct(user_id) of=emitted exact_up_to=10000"},
      {"{distinct: device_id, by: [user_id, ip]}",
       "distinct(device_id) by(user_id,ip) of=emitted exact_up_to=64 keys_max=100000"},
      {"top: {of: user_id}", "top(user_id) of=emitted exact_up_to=100000"},
      {"top: {of: ip, also: {last: [t, user.id], first: t}}",
       "top(ip) also(first(t),last(t),last(user.id)) of=emitted exact_up_to=100000"},
      {"hours_of_day: t", "hours_of_day(t) of=emitted from=unix_seconds"},
      {"{hours_of_day: t, from: rfc3339}", "hours_of_day(t) of=emitted from=rfc3339"},
      {"{hours_of_day: t, from: rfc3339_millis}", "hours_of_day(t) of=emitted from=rfc3339"},
      {"{hours_of_day: t, from: unix_milliseconds}",
       "hours_of_day(t) of=emitted from=unix_milliseconds"},
      {"{hours_of_day: t, from: unix_microseconds}",
       "hours_of_day(t) of=emitted from=unix_microseconds"},
      {"{hours_of_day: t, from: '%F \"%T\"'}", R"(hours_of_day(t) of=emitted from="%F \"%T\"")"},
      {"quantiles: n", "quantiles(n) of=emitted"},
      {"quantiles: {latency_of: t}", "quantiles_of_latency(t) of=emitted from=unix_seconds"},
      {"quantiles: {latency_of: {timestamp: true}}", "quantiles_of_latency() of=emitted"},
      {"sum: n", "sum(n) of=emitted"},
      {"min: n", "min(n) of=emitted"},
      {"max: n", "max(n) of=emitted"},
      {"mean: n", "mean(n) of=emitted"},
      {"{first: v, by: k}", "first(v) by(k) of=emitted keys_max=100000"},
      {"{last: v, by: [k, l]}", "last(v) by(k,l) of=emitted keys_max=100000"},
      {"rate: records", "rate() of=emitted"},
      {"{count: records, when: {field: a.b, equals: 1.0}}",
       "count() of=emitted when=equals(a.b,1.0)"},
      {"{count: records, when: {field: a, in: [1, x, null, true]}}",
       R"(count() of=emitted when=equals(a,1,"x",null,true))"},
      {"{count: records, when: {field: a, in_ignore_case: [x, 'y,z']}}",
       R"(count() of=emitted when=in_ignore_case(a,"x","y,z"))"},
      {"{count: records, when: {field: a, matches: '^\\d+$'}}",
       R"(count() of=emitted when=matches(a,"^\\d+$"))"},
      {"{count: records, when: {field: a, exists: true}}",
       "count() of=emitted when=exists(a,true)"},
      {"{count: records, when: {field: a, is_null: false}}",
       "count() of=emitted when=is_null(a,false)"},
      {"{count: records, when: {field: a, less_than: 1}}",
       "count() of=emitted when=less_than(a,1)"},
      {"{count: records, when: {field: a, at_most: 1}}", "count() of=emitted when=at_most(a,1)"},
      {"{count: records, when: {field: a, greater_than: 1}}",
       "count() of=emitted when=greater_than(a,1)"},
      {"{count: records, when: {field: a, at_least: 1}}", "count() of=emitted when=at_least(a,1)"},
      {"{count: records, when: {field: a, version_at_least: 2.3.0}}",
       R"(count() of=emitted when=version_at_least(a,"2.3.0"))"},
      {"{count: records, when: {field: a, version_below: 2.3.0, lexicographic: true}}",
       R"(count() of=emitted when=version_below(a,"2.3.0",lexicographic))"},
      {"{count: records, when: {field: a, ip_in: [10.0.0.0/8, '::1']}}",
       R"(count() of=emitted when=ip_in(a,"10.0.0.0/8","::1"))"},
      {"{count: records, when: {any: [{field: a, exists: true}, {not: {all: [{field: b, exists: "
       "true}, {field: c, exists: true}]}}]}}",
       "count() of=emitted when=any(exists(a,true),not(all(exists(b,true),exists(c,true))))"},
      {"window: {every: 60s, on: t, count_by: k}",
       "count_by(k) of=emitted keys_max=100000 "
       "window(every=60000ms,hop=60000ms,grace=0ms,max_ahead=3600000ms,on(t,unix_seconds))"},
      {"window: {every: 1h, hop: 5m, grace: 7ms, max_ahead: 1s, on: {timestamp: true}, sum: n}",
       "sum(n) of=emitted window(every=3600000ms,hop=300000ms,grace=7ms,max_ahead=1000ms,"
       "on(record))"},
  };
  std::set<std::string> different;
  for (const auto& [insight, expected] : table) {
    EXPECT_EQ(definition(insight), expected) << insight;
    different.insert(expected);
  }
  // All but the two ways to read RFC 3339.
  EXPECT_EQ(different.size(), table.size() - 1);
}

TEST(InsightDefinition, ChangesWithAllThatDecidesWhatIsCounted) {
  const std::string base =
      "window: {every: 60s, hop: 30s, on: t, from: rfc3339, grace: 1s, max_ahead: 1m, "
      "distinct: u, by: g, of: emitted, when: {field: a, equals: 1}, after: true, exact_up_to: 9, "
      "keys_max: 8}";
  const auto changed = [&base](const std::string& from, const std::string& to) {
    std::string text = base;
    const size_t at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    return definition(text.replace(at, from.size(), to));
  };
  std::set<std::string> all = {definition(base)};
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"every: 60s", "every: 90s"},
      {"hop: 30s", "hop: 20s"},
      {"on: t", "on: s"},
      {"on: t, from: rfc3339", "on: {timestamp: true}"},
      {"from: rfc3339", "from: unix_seconds"},
      {"from: rfc3339", "from: '%F'"},
      {"grace: 1s", "grace: 2s"},
      {"max_ahead: 1m", "max_ahead: 2m"},
      {"distinct: u, by: g", "count_by: [u, g]"},
      {"distinct: u", "distinct: v"},
      {"by: g", "by: h"},
      {"by: g", "by: [g, h]"},
      {", of: emitted, when: {field: a, equals: 1}, after: true",
       ", of: filtered, when: {field: a, equals: 1}"},
      {"equals: 1", "equals: '1'"},
      {"equals: 1", "equals: 2"},
      {"{field: a, equals: 1}", "{not: {field: a, equals: 1}}"},
      {"when: {field: a, equals: 1}, ", ""},
      {"after: true", "after: false"},
      {"exact_up_to: 9", "exact_up_to: 10"},
      {"keys_max: 8", "keys_max: 7"},
  };
  for (const auto& [from, to] : changes) {
    // (count_by knows no exact_up_to.)
    if (to.starts_with("count_by")) continue;
    EXPECT_TRUE(all.insert(changed(from, to)).second) << to;
  }
  EXPECT_EQ(all.size(), changes.size());
}

TEST(InsightDefinition, DoesNotChangeWithWhatIsOnlyShownOrWritten) {
  const std::string plain = definition("window: {every: 60s, on: t, quantiles: {of: n}}");
  EXPECT_EQ(definition("window: {every: 1m, hop: 60s, on: '[\"t\"]', grace: 0, max_ahead: 60m, "
                       "quantiles: {of: n, at: [0.25]}, name: x, topic: out-of-it, "
                       "as: {v: values}, close_idle_after: 1m, of: emitted, after: false}"),
            plain);
  EXPECT_EQ(definition("top: {of: u, limit: 3}"), definition("top: {of: u, limit: 500}"));
  EXPECT_EQ(definition("{sum: n, topic: sums, every: 5s, as: {s: value}, name: y}"),
            definition("sum: n"));
}

}  // namespace
}  // namespace millrace::plan::testing
