// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/insight_kinds.h"
#include "engine/config/insight_names.h"
#include "engine/config/insight_topic.h"
#include "engine/config/insight_window.h"
#include "engine/config/names.h"
#include "engine/config/sections.h"
#include "engine/config/step_readers.h"

namespace millrace::config {
namespace {

constexpr std::string_view kShape =
    "an insight must be a map with its kind as key: '- count_by: device_type'";

// Keys that stand beside a kind; one without a kind says nothing yet.
constexpr std::array<std::string_view, 11> kSideKeys = {
    "name", "of", "after", "when", "by", "from", "keys_max", "exact_up_to", "topic", "every", "as"};

bool has_only_side_keys(const YamlNode& node) {
  return std::all_of(node.members.begin(), node.members.end(), [](const NodeMember& member) {
    return std::find(kSideKeys.begin(), kSideKeys.end(), member.key.value) != kSideKeys.end();
  });
}

bool is_nested(const FieldPath& path) {
  return path.parts.size() > 1;
}

bool has_nested_path(const InsightConfig& insight) {
  return std::any_of(insight.fields.begin(), insight.fields.end(), is_nested) ||
         std::any_of(insight.by.begin(), insight.by.end(), is_nested);
}

bool is_live(const InsightConfig& insight) {
  return insight.latency || insight.kind == InsightKind::kRate;
}

void read_name(const Field& field, NamedInsight& read) {
  static constexpr std::string_view kExpectation = "1 to 200 letters, digits, '.', '_' and '-'";
  auto name = field.text(kExpectation);
  if (!name) return;
  if (!is_plain_name(name->value, kNameBytesMax)) field.expected(kExpectation);
  read.insight.name = std::move(name->value);
  read.may_be_numbered = false;
}

// Which records, and of these the input or the output.
void read_population(MapReader& map, const Context& context, InsightConfig& insight) {
  set_if(insight.of,
         map.take("of").choice<InsightOf>({{"emitted", InsightOf::kEmitted},
                                           {"consumed", InsightOf::kConsumed},
                                           {"filtered", InsightOf::kFiltered},
                                           {"dead_lettered", InsightOf::kDeadLettered}}));
  const Field after = map.take("after");
  set_if(insight.after, after.boolean());
  insight.after_place = after.key_place();
  if (insight.after && insight.of != InsightOf::kEmitted) {
    context.problems.add(after.key_place(),
                         "'insights.after' reads the output, which emitted records alone have; "
                         "leave out 'of' or 'after'");
  }
  const Field when = map.take("when");
  if (when.present()) insight.when = read_condition(when, context);
}

// What `also` gives is shown under names made of the paths.
void check_also(const InsightConfig& insight, Problems& problems) {
  for (size_t i = 0; i < insight.also.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const AlsoConfig& one = insight.also[i];
      const AlsoConfig& other = insight.also[j];
      const std::string words = words_of(one.field);
      const bool same_path = path_key(one.field) == path_key(other.field);
      // The same path twice was reported already.
      if (one.edge != other.edge || same_path || words != words_of(other.field)) continue;
      problems.add(one.field.place,
                   "'insights.top.also' has " + in_quotes(other.field.text) + " and " +
                       in_quotes(one.field.text) + ", which are both shown as '" +
                       (one.edge == AlsoConfig::Edge::kFirst ? "first_" : "last_") + words + "'");
    }
  }
}

// Nothing where there is no kind: then, and where there are several, there is a problem.
std::string_view read_kind(MapReader& map, const Context& context, InsightConfig& insight,
                           bool& complete) {
  std::string_view kind;
  for (const KnownInsightKind& known : insight_kinds()) {
    const Field field = map.take(known.name);
    if (!field.present()) continue;
    if (!kind.empty()) {
      context.problems.add(field.key_place(), "an insight has one kind; " + in_quotes(known.name) +
                                                  " needs an item of its own");
      continue;
    }
    kind = known.name;
    insight.place = field.key_place();
    insight.kind = known.kind;
    complete = !field.node().broken && known.read(field, insight);
    if (insight.window && is_live(insight)) {
      context.problems.add(field.key_place(),
                           in_quotes(field.path()) +
                               " reads the clock, and windows are of the records' own times; " +
                               "leave out the window");
    }
  }
  return kind;
}

// What stands in an item, or inside of its window, which is read. Nothing where there is no kind,
// or not enough of it.
std::optional<NamedInsight> read_keys(MapReader& map, const Context& context,
                                      std::optional<WindowConfig> window) {
  map.elsewhere({"alert"}, "at the top level: 'alerts: [{when: insight NAME > 100}]'");
  NamedInsight read;
  InsightConfig& insight = read.insight;
  insight.window = std::move(window);
  bool complete = false;
  const std::string_view kind = read_kind(map, context, insight, complete);
  const Field name = map.take("name");
  read_population(map, context, insight);
  if (kind.empty()) {
    // The keys that would be known.
    for (const std::string_view key : {"by", "exact_up_to", "keys_max", "from", "topic", "as"})
      static_cast<void>(map.take(key));
    if (!insight.window) static_cast<void>(map.take("every"));
  } else {
    complete = read_kind_keys(map, context.problems, insight) && complete;
    read_topic_keys(map, context.problems, insight);
    check_also(insight, context.problems);
    insight.name = automatic_name(kind, insight);
    read.may_be_numbered = has_nested_path(insight);
    read_name(name, read);
  }
  map.finish();
  if (!complete) return std::nullopt;
  return read;
}

// `- window: {…}`: all of the insight stands inside.
std::optional<NamedInsight> read_window(const Field& field, const MapReader& item,
                                        const Context& context) {
  for (const NodeMember& member : item.node().members) {
    if (member.key.value == "window") continue;
    context.problems.add(member.key.place, "the key " + in_quotes(member.key.value) +
                                               " stands beside 'window'; write it inside of it");
  }
  auto map = field.map("a map such as {every: 60s, on: timestamp, count_by: device_type}");
  if (!map) return std::nullopt;
  map->elsewhere({"window"}, "inside of a window; leave it out");
  auto window = read_window_keys(*map);
  const bool has_kind =
      std::any_of(insight_kinds().begin(), insight_kinds().end(), [&field](const auto& known) {
        const auto& members = field.node().members;
        return std::any_of(members.begin(), members.end(), [&known](const NodeMember& member) {
          return member.key.value == known.name;
        });
      });
  if (!has_kind) {
    context.problems.add(field.key_place(),
                         "'insights.window' does not say what is counted; write it inside of it: "
                         "'window: {every: 60s, on: timestamp, count_by: device_type}'");
  }
  const bool complete = window.has_value();
  if (!complete) {
    // What else is wrong is said all the same.
    window.emplace();
    window->on.emplace();
  }
  auto read = read_keys(*map, context, std::move(window));
  return complete ? std::move(read) : std::nullopt;
}

std::optional<NamedInsight> read_insight(const YamlNode& node, const Context& context) {
  MapReader map(node, "insights", node.place, context.problems);
  const Field window = map.take("window");
  if (window.present()) return read_window(window, map, context);
  map.elsewhere({"on", "hop", "grace", "max_ahead", "close_idle_after"}, "inside of 'window'");
  return read_keys(map, context, std::nullopt);
}

}  // namespace

std::vector<InsightConfig> read_insights(const Field& field, const Context& context) {
  if (!field.present() || field.node().broken) return {};
  if (field.node().kind != NodeKind::kList) {
    field.expected("a list of insights");
    return {};
  }
  std::vector<NamedInsight> read;
  for (const NodePointer& item : field.node().items) {
    if (item->broken) continue;
    if (item->kind != NodeKind::kMap || has_only_side_keys(*item)) {
      context.problems.add(item->place, std::string(kShape));
      continue;
    }
    if (auto insight = read_insight(*item, context)) read.push_back(std::move(*insight));
  }
  return with_names(std::move(read), context.problems);
}

}  // namespace millrace::config
