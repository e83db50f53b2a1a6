// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/names.h"
#include "engine/config/sections.h"

namespace millrace::config {
namespace {

constexpr size_t kFieldsMax = 8;
constexpr uint64_t kTopLimitMax = 1000;

struct Kind {
  std::string_view name;
  InsightKind kind;
};

constexpr std::array<Kind, 4> kKinds = {
    Kind{"count_by", InsightKind::kCountBy}, Kind{"distinct", InsightKind::kDistinct},
    Kind{"top", InsightKind::kTop}, Kind{"hours_of_day", InsightKind::kHoursOfDay}};

void read_count_by(const Field& field, InsightConfig& insight) {
  std::vector<Field> items = field.items_or_one("the name of a member, or a list of names");
  if (items.size() > kFieldsMax) field.problem("has more than 8 members");
  for (const Field& item : items) {
    auto name = item.member();
    if (!name) continue;
    for (const Text& other : insight.fields) {
      if (other.value == name->value) item.problem("names " + in_quotes(other.value) + " twice");
    }
    insight.fields.push_back(std::move(*name));
  }
}

void read_top(const Field& field, InsightConfig& insight) {
  auto map = field.map("a map such as {of: user_id, limit: 10}");
  if (!map) return;
  if (auto name = map->require("of", "name the member whose values are counted").member()) {
    insight.fields.push_back(std::move(*name));
  }
  set_if(insight.limit, map->take("limit").count(1, kTopLimitMax));
  map->not_yet({"by", "sum", "on"});
  map->finish();
}

void read_kind(const Field& field, InsightConfig& insight) {
  switch (insight.kind) {
    case InsightKind::kCountBy:
      read_count_by(field, insight);
      return;
    case InsightKind::kTop:
      read_top(field, insight);
      return;
    case InsightKind::kDistinct:
    case InsightKind::kHoursOfDay:
      if (auto name = field.member()) insight.fields.push_back(std::move(*name));
      return;
  }
}

std::string automatic_name(std::string_view kind, const InsightConfig& insight) {
  std::string name(kind);
  for (const Text& field : insight.fields) name += "_" + field.value;
  return name;
}

void read_name(const Field& field, InsightConfig& insight) {
  static constexpr std::string_view kExpectation = "1 to 200 letters, digits, '.', '_' and '-'";
  auto name = field.text(kExpectation);
  if (!name) return;
  if (!is_plain_name(name->value, kNameBytesMax)) field.expected(kExpectation);
  insight.name = std::move(name->value);
}

std::optional<InsightConfig> read_insight(const YamlNode& node, const Context& context) {
  MapReader map(node, "insights", node.place, context.problems);
  map.not_yet({"window", "quantiles", "count", "sum", "min", "max", "mean", "histogram", "of",
               "after", "where", "on", "every", "topic"});
  std::optional<InsightConfig> insight;
  for (const Kind& kind : kKinds) {
    const Field field = map.take(kind.name);
    if (!field.present()) continue;
    if (insight) {
      context.problems.add(field.key_place(), "an insight has one kind; " + in_quotes(kind.name) +
                                                  " needs an item of its own");
      continue;
    }
    insight = InsightConfig{field.key_place(), kind.kind, "", {}};
    read_kind(field, *insight);
    insight->name = automatic_name(kind.name, *insight);
  }
  const Field name = map.take("name");
  if (insight) read_name(name, *insight);
  map.finish();
  return insight;
}

// Whether an insight without a kind was reported for its keys already.
bool has_other_keys(const YamlNode& node) {
  for (const NodeMember& member : node.members) {
    if (member.key.value != "name") return true;
  }
  return false;
}

}  // namespace

std::vector<InsightConfig> read_insights(const Field& field, const Context& context) {
  std::vector<InsightConfig> insights;
  if (!field.present() || field.node().broken) return insights;
  if (field.node().kind != NodeKind::kList) {
    field.expected("a list of insights");
    return insights;
  }
  std::map<std::string, int> lines;
  for (const NodePointer& item : field.node().items) {
    if (item->broken) continue;
    if (item->kind != NodeKind::kMap || !has_other_keys(*item)) {
      context.problems.add(item->place,
                           "an insight must be a map with its kind as key: '- count_by: "
                           "device_type'");
      continue;
    }
    auto insight = read_insight(*item, context);
    if (!insight || insight->fields.empty()) continue;
    const auto [first, is_new] = lines.emplace(insight->name, insight->place.line);
    if (!is_new) {
      context.problems.add(insight->place, "two insights are named " + in_quotes(insight->name) +
                                               " (the other in line " +
                                               std::to_string(first->second) +
                                               "); give one of them a 'name'");
    }
    insights.push_back(std::move(*insight));
  }
  return insights;
}

}  // namespace millrace::config
