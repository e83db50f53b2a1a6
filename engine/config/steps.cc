// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/json_constant.h"
#include "engine/config/names.h"
#include "engine/config/sections.h"

namespace millrace::config {
namespace {

using Steps = std::vector<StepConfig>;

constexpr std::array<std::string_view, 19> kNotYet = {
    "drop_if", "reject_if", "remove", "keep_only",  "default",  "uppercase", "trim",
    "replace", "lookup",    "cast",   "parse_time", "valid_ip", "mask",      "unwrap",
    "explode", "emit",      "route",  "stage",      "script"};

// A key that names a member of the record.
std::optional<Text> member_name(const Text& key, const Field& map, const Context& context) {
  YamlNode node;
  node.kind = NodeKind::kScalar;
  node.place = key.place;
  node.text = key.value;
  return Field(&node, map.path(), key.place, context.problems).member();
}

void read_keep_if(const Field& field, const Context& /*context*/, Steps& steps) {
  static constexpr std::string_view kVersion = "a version (numbers with dots: 2.3.0)";
  auto map = field.map();
  if (!map) return;
  map->not_yet({"equals", "in", "in_ignore_case", "matches", "exists", "is_null", "less_than",
                "greater_than", "at_least", "at_most", "version_below", "lexicographic", "ip_in",
                "all", "any", "not"});
  KeepIf step;
  set_if(step.field, map->require("field", "name the member to look at").member());
  const Field version = map->require("version_at_least", "write the lowest version to keep");
  if (auto text = version.text(kVersion)) {
    if (!is_version(text->value)) version.expected(kVersion);
    step.version_at_least = std::move(*text);
  }
  map->finish();
  steps.push_back(StepConfig{field.key_place(), std::move(step)});
}

void read_lowercase(const Field& field, const Context& /*context*/, Steps& steps) {
  for (const Field& item : field.items_or_one("the name of a member, or a list of names")) {
    if (auto name = item.member()) {
      steps.push_back(StepConfig{field.key_place(), Lowercase{std::move(*name)}});
    }
  }
}

void read_rename(const Field& field, const Context& context, Steps& steps) {
  if (!field.map("a map of old and new names")) return;
  if (field.node().members.empty()) field.problem("is empty; write {old_name: new_name}");
  Rename step;
  std::set<std::string> targets;
  for (const auto& [key, value] : field.node().members) {
    const Field target(value.get(), field.path() + "." + key.value, key.place, context.problems);
    const auto from = member_name(key, field, context);
    auto to = target.member();
    if (!from || !to) continue;
    if (from->value == to->value) target.problem("renames a member to its own name");
    if (!targets.insert(to->value).second) {
      target.problem("renames a second member to " + in_quotes(to->value));
    }
    step.names.emplace_back(*from, std::move(*to));
  }
  steps.push_back(StepConfig{field.key_place(), std::move(step)});
}

void read_format_time(const Field& field, const Context& context, Steps& steps) {
  auto map = field.map();
  if (!map) return;
  map->not_yet({"into", "zone", "accept_text", "truncate", "pattern"});
  FormatTime step;
  set_if(step.field, map->require("field", "name the member that holds the time").member());
  const Field from =
      map->require("from", "say what the numbers are: unix_seconds or unix_milliseconds");
  if (from.is(NodeKind::kScalar) && from.node().text == "unix_microseconds") {
    add_not_yet(context.problems, from.node().place, "'format_time.from': 'unix_microseconds'");
  } else {
    set_if(step.from,
           from.choice<TimeSource>({{"unix_seconds", TimeSource::kUnixSeconds},
                                    {"unix_milliseconds", TimeSource::kUnixMilliseconds}}));
  }
  set_if(step.as, map->require("as", "write 'rfc3339'")
                      .choice<TimeFormat>({{"rfc3339", TimeFormat::kRfc3339}}));
  map->finish();
  steps.push_back(StepConfig{field.key_place(), std::move(step)});
}

std::optional<std::variant<Add::Constant, Add::Now>> read_added(const Field& field,
                                                                const Context& context) {
  const YamlNode& node = field.node();
  if (node.broken) return std::nullopt;
  if (node.kind == NodeKind::kList) {
    add_not_yet(context.problems, node.place, "'" + field.path() + "': a list as constant");
    return std::nullopt;
  }
  if (node.kind != NodeKind::kMap) return Add::Constant{json_constant(node)};
  auto map = field.map();
  map->not_yet({"topic", "partition", "offset", "timestamp", "key", "header", "environment"});
  const Field now = map->take("now");
  map->finish();
  if (!now.present()) {
    // An empty map says nothing that finish() could complain about.
    if (node.members.empty()) field.expected("a constant or {now: FORMAT}");
    return std::nullopt;
  }
  const auto as = now.choice<TimeFormat>({{"rfc3339", TimeFormat::kRfc3339},
                                          {"unix_seconds", TimeFormat::kUnixSeconds},
                                          {"unix_milliseconds", TimeFormat::kUnixMilliseconds}});
  if (!as) return std::nullopt;
  return Add::Now{*as};
}

void read_add(const Field& field, const Context& context, Steps& steps) {
  if (!field.map("a map of names and values")) return;
  if (field.node().members.empty()) field.problem("is empty; write {name: value}");
  Add step;
  for (const auto& [key, value] : field.node().members) {
    auto name = member_name(key, field, context);
    const Field added(value.get(), field.path() + "." + key.value, key.place, context.problems);
    auto constant_or_now = read_added(added, context);
    if (!name || !constant_or_now) continue;
    step.members.push_back(Add::Member{std::move(*name), std::move(*constant_or_now)});
  }
  steps.push_back(StepConfig{field.key_place(), std::move(step)});
}

struct Kind {
  std::string_view name;
  void (*read)(const Field& field, const Context& context, Steps& steps);
};

constexpr std::array<Kind, 5> kKinds = {
    Kind{"keep_if", read_keep_if}, Kind{"lowercase", read_lowercase}, Kind{"rename", read_rename},
    Kind{"format_time", read_format_time}, Kind{"add", read_add}};

void read_step(const NodeMember& member, const Context& context, Steps& steps) {
  const std::string& name = member.key.value;
  const auto is_name = [&name](std::string_view other) { return other == name; };
  const auto* const kind = std::find_if(kKinds.begin(), kKinds.end(),
                                        [&name](const Kind& known) { return known.name == name; });
  if (kind != kKinds.end()) {
    kind->read(Field(member.value.get(), name, member.key.place, context.problems), context, steps);
  } else if (std::any_of(kNotYet.begin(), kNotYet.end(), is_name)) {
    add_not_yet(context.problems, member.key.place, "the step " + in_quotes(name));
  } else {
    std::vector<std::string_view> known;
    known.reserve(kKinds.size());
    for (const Kind& one : kKinds) known.push_back(one.name);
    context.problems.add(member.key.place, unknown("step", name, "", known));
  }
}

}  // namespace

std::vector<StepConfig> read_steps(const Field& field, const Context& context) {
  Steps steps;
  if (!field.present() || field.node().broken) return steps;
  if (field.node().kind != NodeKind::kList) {
    field.expected("a list of steps");
    return steps;
  }
  for (const NodePointer& item : field.node().items) {
    if (item->broken) continue;
    if (item->kind != NodeKind::kMap || item->members.size() != 1) {
      context.problems.add(item->place,
                           "a step must be a map with one key, the step's kind: '- lowercase: "
                           "device_type'");
    } else {
      read_step(item->members.front(), context, steps);
    }
  }
  return steps;
}

}  // namespace millrace::config
