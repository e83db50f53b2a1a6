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
#include "engine/config/names.h"
#include "engine/config/sections.h"
#include "engine/config/step_readers.h"

namespace millrace::config {
namespace {

constexpr std::string_view kShape =
    "an insight must be a map with its kind as key: '- count_by: device_type'";

// Keys that stand beside a kind; one without a kind says nothing yet.
constexpr std::array<std::string_view, 8> kSideKeys = {"name", "of",   "after",    "when",
                                                       "by",   "from", "keys_max", "exact_up_to"};

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

// Nothing where there is no kind, or not enough of it.
std::optional<NamedInsight> read_insight(const YamlNode& node, const Context& context) {
  MapReader map(node, "insights", node.place, context.problems);
  map.not_yet({"window", "on", "every", "topic", "alert"});
  NamedInsight read;
  InsightConfig& insight = read.insight;
  std::string_view kind;
  bool complete = false;
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
  }
  const Field name = map.take("name");
  read_population(map, context, insight);
  if (kind.empty()) {
    // The keys that read_kind_keys() would know.
    for (const std::string_view key : {"by", "exact_up_to", "keys_max", "from"})
      static_cast<void>(map.take(key));
  } else {
    complete = read_kind_keys(map, context.problems, insight) && complete;
    check_also(insight, context.problems);
    insight.name = automatic_name(kind, insight);
    read.may_be_numbered = has_nested_path(insight);
    read_name(name, read);
  }
  map.finish();
  if (!complete) return std::nullopt;
  return read;
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
