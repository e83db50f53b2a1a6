// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/describe_insight.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "engine/config/quantities.h"
#include "engine/steps/compile.h"

namespace millrace::plan {
namespace {

using config::InsightConfig;
using config::InsightKind;

std::string names_of(const std::vector<config::FieldPath>& fields) {
  std::string names;
  for (const config::FieldPath& field : fields) names += (names.empty() ? "" : ", ") + field.text;
  return names;
}

std::string also_words(const InsightConfig& insight) {
  std::string words;
  for (const config::AlsoConfig& also : insight.also) {
    words += fmt::format("{}{} {}", words.empty() ? ", with the " : ", ",
                         also.edge == config::AlsoConfig::Edge::kFirst ? "first" : "last",
                         also.field.text);
  }
  return words;
}

std::string quantile_words(const InsightConfig& insight) {
  std::string words;
  for (const double share : insight.quantiles)
    words += fmt::format("{}p{:.6g}", words.empty() ? "" : ", ", share * 100);
  if (!insight.latency) return fmt::format("{} of {}", words, names_of(insight.fields));
  return fmt::format("{} of the seconds since {}", words,
                     insight.fields.empty() ? "the record's timestamp" : names_of(insight.fields));
}

// What is counted.
std::string kind_words(const InsightConfig& insight) {
  const std::string fields = names_of(insight.fields);
  const std::string by = names_of(insight.by);
  switch (insight.kind) {
    case InsightKind::kCount:
      return "how many records";
    case InsightKind::kCountBy:
      return fmt::format("how many records by {}", fields);
    case InsightKind::kDistinct:
      return fmt::format("how many different {}{}{}", fields, by.empty() ? "" : " by ", by);
    case InsightKind::kTop:
      return fmt::format("the {} most frequent {}{}", insight.limit, fields, also_words(insight));
    case InsightKind::kHoursOfDay:
      return fmt::format("how many records by the hour of {}", fields);
    case InsightKind::kQuantiles:
      return quantile_words(insight);
    case InsightKind::kSum:
      return fmt::format("the sum of {}", fields);
    case InsightKind::kMin:
      return fmt::format("the least {}", fields);
    case InsightKind::kMax:
      return fmt::format("the greatest {}", fields);
    case InsightKind::kMean:
      return fmt::format("the mean of {}", fields);
    case InsightKind::kFirst:
      return fmt::format("the first {} by {}", fields, by);
    case InsightKind::kLast:
      return fmt::format("the last {} by {}", fields, by);
    case InsightKind::kRate:
      return "how many records per second";
  }
  return "";
}

std::string_view of_words(config::InsightOf of) {
  switch (of) {
    case config::InsightOf::kEmitted:
      return "";
    case config::InsightOf::kConsumed:
      return ", of all records";
    case config::InsightOf::kFiltered:
      return ", of filtered records";
    case config::InsightOf::kDeadLettered:
      return ", of dead letters";
  }
  return "";
}

// ", in windows of 1h, one every 5m, by timestamp; late after 30s".
std::string window_words(const config::WindowConfig& window) {
  std::string words = fmt::format(", in windows of {}", config::duration_text(window.every));
  if (window.hop != window.every)
    words += fmt::format(", one every {}", config::duration_text(window.hop));
  words += fmt::format(", by {}", window.on ? window.on->text : "the record's timestamp");
  if (window.on && window.from.kind != config::TimeFormat::Kind::kUnixSeconds)
    words += fmt::format(" ({})", steps::describe(window.from));
  if (window.grace.count() > 0)
    words += fmt::format(", open {} longer", config::duration_text(window.grace));
  if (window.close_idle_after) {
    words += fmt::format(", closed after {} without records",
                         config::duration_text(*window.close_idle_after));
  }
  return words;
}

// "; to counts", and of a total "; to counts every 1m".
std::string topic_words(const InsightConfig& insight) {
  std::string words = fmt::format("; to {}", insight.topic->topic.value);
  if (!insight.window)
    words += fmt::format(" every {}", config::duration_text(insight.topic->every));
  return words;
}

// What a partition, or each of its windows, keeps of its keys.
std::string key_limits(const InsightConfig& insight) {
  switch (insight.kind) {
    case InsightKind::kCountBy:
    case InsightKind::kFirst:
    case InsightKind::kLast:
      return fmt::format("the first {}, of the others how many records", insight.keys_max);
    case InsightKind::kTop:
      return fmt::format("{} exactly, beyond them with their error", insight.exact_up_to);
    case InsightKind::kDistinct:
      if (insight.by.empty())
        return fmt::format("{} exactly, beyond them an estimate", insight.exact_up_to);
      return fmt::format("the first {}, of each {} values exactly", insight.keys_max,
                         insight.exact_up_to);
    default:
      return "";
  }
}

bool reads_a_time(const InsightConfig& insight) {
  return insight.kind == InsightKind::kHoursOfDay || (insight.latency && !insight.fields.empty());
}

}  // namespace

std::string describe(const InsightConfig& insight) {
  std::string words = fmt::format("{}: {}", insight.name, kind_words(insight));
  if (reads_a_time(insight) && insight.from.kind != config::TimeFormat::Kind::kUnixSeconds)
    words += fmt::format(" ({})", steps::describe(insight.from));
  words += of_words(insight.of);
  if (insight.after) words += ", of the output";
  if (insight.window) words += window_words(*insight.window);
  if (insight.when) words += fmt::format(", if {}", steps::describe(*insight.when));
  if (insight.topic) words += topic_words(insight);
  return words;
}

std::string describe_limits(const InsightConfig& insight) {
  std::string keys = key_limits(insight);
  if (!insight.window) return keys;
  const config::WindowConfig& window = *insight.window;
  return fmt::format("up to {} open windows{}{}", (window.every + window.grace) / window.hop + 1,
                     keys.empty() ? "" : ", each: ", keys);
}

}  // namespace millrace::plan
