// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/define_insight.h"

#include <algorithm>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "engine/record/json_writer.h"

// Every word here is in the state topics of running pipelines: it may never change.
namespace millrace::plan {
namespace {

using config::InsightConfig;
using config::InsightKind;

std::string in_quotes(std::string_view text) {
  std::string json;
  record::append_json_string(text, json);
  return json;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// user.city, items[0], ["a.b"]: one way to write each path.
std::string path_words(const config::FieldPath& path) {
  std::string words;
  for (const config::FieldPath::Part& part : path.parts) {
    if (part.is_index) {
      words += fmt::format("[{}]", part.index);
    } else if (!part.name.empty() && std::all_of(part.name.begin(), part.name.end(), is_plain)) {
      if (!words.empty()) words += '.';
      words += part.name;
    } else {
      words += '[' + in_quotes(part.name) + ']';
    }
  }
  return words;
}

template <typename Items, typename Words>
std::string list(const Items& items, const Words& words_of) {
  std::string list;
  for (const auto& item : items) {
    if (!list.empty()) list += ',';
    list += words_of(item);
  }
  return list;
}

std::string paths_words(const std::vector<config::FieldPath>& paths) {
  return list(paths, path_words);
}

// A test of a field: "equals(country,"DE","AT")".
struct TestWords {
  const config::FieldPath& field;

  std::string operator()(const config::EqualsTest& test) const {
    return test_of("equals", list(test.values, [](const std::string& json) { return json; }));
  }

  std::string operator()(const config::InIgnoreCaseTest& test) const {
    return test_of("in_ignore_case", list(test.texts, in_quotes));
  }

  std::string operator()(const config::MatchesTest& test) const {
    return test_of("matches", in_quotes(test.pattern.value));
  }

  std::string operator()(const config::ExistsTest& test) const {
    return test_of("exists", test.exists ? "true" : "false");
  }

  std::string operator()(const config::IsNullTest& test) const {
    return test_of("is_null", test.is_null ? "true" : "false");
  }

  std::string operator()(const config::CompareTest& test) const {
    return test_of(name_of(test.operation), test.number);
  }

  std::string operator()(const config::VersionTest& test) const {
    const bool below = test.operation == config::VersionTest::Operation::kBelow;
    return test_of(below ? "version_below" : "version_at_least",
                   in_quotes(test.version.value) + (test.lexicographic ? ",lexicographic" : ""));
  }

  std::string operator()(const config::IpInTest& test) const {
    return test_of("ip_in", list(test.networks, [](const config::Text& network) {
                     return in_quotes(network.value);
                   }));
  }

 private:
  static std::string_view name_of(config::CompareTest::Operation operation) {
    switch (operation) {
      case config::CompareTest::Operation::kLess:
        return "less_than";
      case config::CompareTest::Operation::kAtMost:
        return "at_most";
      case config::CompareTest::Operation::kGreater:
        return "greater_than";
      case config::CompareTest::Operation::kAtLeast:
        return "at_least";
    }
    return "";
  }

  [[nodiscard]] std::string test_of(std::string_view name, std::string_view what) const {
    return fmt::format("{}({},{})", name, path_words(field), what);
  }
};

std::string condition_words(const config::Condition& condition) {
  const auto of_parts = [&condition](std::string_view name) {
    return fmt::format("{}({})", name, list(condition.parts, condition_words));
  };
  switch (condition.kind) {
    case config::Condition::Kind::kAll:
      return of_parts("all");
    case config::Condition::Kind::kAny:
      return of_parts("any");
    case config::Condition::Kind::kNot:
      return of_parts("not");
    case config::Condition::Kind::kTest:
      break;
  }
  return std::visit(TestWords{condition.field}, condition.test);
}

std::string time_words(const config::TimeFormat& format) {
  switch (format.kind) {
    case config::TimeFormat::Kind::kUnixSeconds:
      return "unix_seconds";
    case config::TimeFormat::Kind::kUnixMilliseconds:
      return "unix_milliseconds";
    case config::TimeFormat::Kind::kUnixMicroseconds:
      return "unix_microseconds";
    // They read the same.
    case config::TimeFormat::Kind::kRfc3339:
    case config::TimeFormat::Kind::kRfc3339Millis:
      return "rfc3339";
    case config::TimeFormat::Kind::kPattern:
      return in_quotes(format.pattern.value);
  }
  return "";
}

std::string_view kind_word(InsightKind kind) {
  switch (kind) {
    case InsightKind::kCount:
      return "count";
    case InsightKind::kCountBy:
      return "count_by";
    case InsightKind::kDistinct:
      return "distinct";
    case InsightKind::kTop:
      return "top";
    case InsightKind::kHoursOfDay:
      return "hours_of_day";
    case InsightKind::kQuantiles:
      return "quantiles";
    case InsightKind::kSum:
      return "sum";
    case InsightKind::kMin:
      return "min";
    case InsightKind::kMax:
      return "max";
    case InsightKind::kMean:
      return "mean";
    case InsightKind::kFirst:
      return "first";
    case InsightKind::kLast:
      return "last";
    case InsightKind::kRate:
      return "rate";
  }
  return "";
}

std::string_view of_word(config::InsightOf of) {
  switch (of) {
    case config::InsightOf::kEmitted:
      return "emitted";
    case config::InsightOf::kConsumed:
      return "consumed";
    case config::InsightOf::kFiltered:
      return "filtered";
    case config::InsightOf::kDeadLettered:
      return "dead_lettered";
  }
  return "";
}

std::string also_words(const config::AlsoConfig& also) {
  const bool first = also.edge == config::AlsoConfig::Edge::kFirst;
  return fmt::format("{}({})", first ? "first" : "last", path_words(also.field));
}

std::string window_words(const config::WindowConfig& window) {
  const std::string on =
      window.on ? fmt::format("{},{}", path_words(*window.on), time_words(window.from)) : "record";
  return fmt::format("window(every={}ms,hop={}ms,grace={}ms,max_ahead={}ms,on({}))",
                     window.every.count(), window.hop.count(), window.grace.count(),
                     window.max_ahead.count(), on);
}

}  // namespace

std::string definition_of(const InsightConfig& insight) {
  std::string words =
      fmt::format("{}{}({})", kind_word(insight.kind), insight.latency ? "_of_latency" : "",
                  paths_words(insight.fields));
  if (!insight.by.empty()) words += fmt::format(" by({})", paths_words(insight.by));
  if (!insight.also.empty()) words += fmt::format(" also({})", list(insight.also, also_words));
  words += fmt::format(" of={}", of_word(insight.of));
  if (insight.when) words += fmt::format(" when={}", condition_words(*insight.when));
  if (insight.after) words += " after";
  const bool reads_a_time =
      !insight.fields.empty() && (insight.latency || insight.kind == InsightKind::kHoursOfDay);
  if (reads_a_time) words += fmt::format(" from={}", time_words(insight.from));
  if (insight.exact_up_to > 0) words += fmt::format(" exact_up_to={}", insight.exact_up_to);
  if (insight.keys_max > 0) words += fmt::format(" keys_max={}", insight.keys_max);
  if (insight.window) words += ' ' + window_words(*insight.window);
  return words;
}

}  // namespace millrace::plan
