// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
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
  std::vector<Field> items = field.items_or_one("a field, or a list of fields");
  if (items.size() > kFieldsMax) field.problem("has more than 8 members");
  for (const Field& item : items) {
    auto path = item.field_path();
    if (!path) continue;
    for (const FieldPath& other : insight.fields) {
      if (path_key(other) == path_key(*path)) {
        item.problem("names " + in_quotes(other.text) + " twice");
      }
    }
    insight.fields.push_back(std::move(*path));
  }
}

void read_top(const Field& field, InsightConfig& insight) {
  auto map = field.map("a map such as {of: user_id, limit: 10}");
  if (!map) return;
  if (auto path = map->require("of", "name the field whose values are counted").field_path()) {
    insight.fields.push_back(std::move(*path));
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
      if (auto path = field.field_path()) insight.fields.push_back(std::move(*path));
      return;
  }
}

// A path as a part of a name: user.address.city gives user_address_city, items[0].sku items_0_sku.
std::string words_of(const FieldPath& path) {
  std::string words;
  for (const FieldPath::Part& part : path.parts) {
    if (!words.empty()) words += '_';
    words += part.is_index ? std::to_string(part.index) : part.name;
  }
  static constexpr std::string_view kPathCharacters = ".[]\"";
  for (char& c : words) {
    if (kPathCharacters.find(c) != std::string_view::npos) c = '_';
  }
  return words;
}

std::string automatic_name(std::string_view kind, const InsightConfig& insight) {
  std::string name(kind);
  for (const FieldPath& field : insight.fields) name += "_" + words_of(field);
  return name;
}

// An insight, and whether a number may follow its name to tell it from others: different paths can
// give one name.
struct ReadInsight {
  InsightConfig insight;
  bool may_be_numbered = false;
};

bool is_nested(const FieldPath& path) {
  return path.parts.size() > 1;
}

void read_name(const Field& field, ReadInsight& read) {
  static constexpr std::string_view kExpectation = "1 to 200 letters, digits, '.', '_' and '-'";
  auto name = field.text(kExpectation);
  if (!name) return;
  if (!is_plain_name(name->value, kNameBytesMax)) field.expected(kExpectation);
  read.insight.name = std::move(name->value);
  read.may_be_numbered = false;
}

std::optional<ReadInsight> read_insight(const YamlNode& node, const Context& context) {
  MapReader map(node, "insights", node.place, context.problems);
  map.not_yet({"window", "quantiles", "count", "sum", "min", "max", "mean", "histogram", "of",
               "after", "where", "on", "every", "topic"});
  std::optional<ReadInsight> read;
  for (const Kind& kind : kKinds) {
    const Field field = map.take(kind.name);
    if (!field.present()) continue;
    if (read) {
      context.problems.add(field.key_place(), "an insight has one kind; " + in_quotes(kind.name) +
                                                  " needs an item of its own");
      continue;
    }
    read = ReadInsight{InsightConfig{field.key_place(), kind.kind, "", {}}};
    InsightConfig& insight = read->insight;
    read_kind(field, insight);
    insight.name = automatic_name(kind.name, insight);
    read->may_be_numbered = std::any_of(insight.fields.begin(), insight.fields.end(), is_nested);
  }
  const Field name = map.take("name");
  if (read) read_name(name, *read);
  map.finish();
  return read;
}

// Whether an insight without a kind was reported for its keys already.
bool has_other_keys(const YamlNode& node) {
  for (const NodeMember& member : node.members) {
    if (member.key.value != "name") return true;
  }
  return false;
}

// Whether two insights count the same.
bool is_same(const InsightConfig& a, const InsightConfig& b) {
  const auto same_path = [](const FieldPath& x, const FieldPath& y) {
    return path_key(x) == path_key(y);
  };
  return a.kind == b.kind &&
         std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(), same_path);
}

// Gives every insight a name of its own. What the user named, or what has a plain member's name,
// comes first: another insight never changes those.
class Names {
 public:
  explicit Names(Problems& problems) : problems_(problems) {}

  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  void add(const InsightConfig& insight) {
    const auto [first, is_new] = taken_.emplace(insight.name, &insight);
    if (!is_new) add_problem(insight, *first->second);
  }

  void add_numbered(InsightConfig& insight) {
    const auto first = taken_.find(insight.name);
    if (first != taken_.end() && is_same(*first->second, insight)) {
      return add_problem(insight, *first->second);
    }
    const std::string name = insight.name;
    size_t& number = numbers_.emplace(name, 1).first->second;
    while (taken_.contains(insight.name)) insight.name = name + "_" + std::to_string(++number);
    taken_.emplace(insight.name, &insight);
  }

 private:
  void add_problem(const InsightConfig& insight, const InsightConfig& other) {
    problems_.add(insight.place, "two insights are named " + in_quotes(insight.name) +
                                     " (the other in line " + std::to_string(other.place.line) +
                                     "); give one of them a 'name'");
  }

  Problems& problems_;
  std::map<std::string, const InsightConfig*> taken_;
  std::map<std::string, size_t> numbers_;
};

std::vector<InsightConfig> with_names(std::vector<ReadInsight> read, Problems& problems) {
  Names names(problems);
  for (const ReadInsight& one : read) {
    if (!one.may_be_numbered) names.add(one.insight);
  }
  for (ReadInsight& one : read) {
    if (one.may_be_numbered) names.add_numbered(one.insight);
  }
  std::vector<InsightConfig> insights;
  insights.reserve(read.size());
  for (ReadInsight& one : read) insights.push_back(std::move(one.insight));
  return insights;
}

}  // namespace

std::vector<InsightConfig> read_insights(const Field& field, const Context& context) {
  if (!field.present() || field.node().broken) return {};
  if (field.node().kind != NodeKind::kList) {
    field.expected("a list of insights");
    return {};
  }
  std::vector<ReadInsight> read;
  for (const NodePointer& item : field.node().items) {
    if (item->broken) continue;
    if (item->kind != NodeKind::kMap || !has_other_keys(*item)) {
      context.problems.add(item->place,
                           "an insight must be a map with its kind as key: '- count_by: "
                           "device_type'");
      continue;
    }
    auto insight = read_insight(*item, context);
    if (!insight || insight->insight.fields.empty()) continue;
    read.push_back(std::move(*insight));
  }
  return with_names(std::move(read), context.problems);
}

}  // namespace millrace::config
