// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/config/json_constant.h"
#include "engine/config/step_readers.h"
#include "engine/config/utf8.h"

// add and default: the steps that give members a value.
namespace millrace::config {
namespace {

using Source = decltype(AddStep::Member::value);
using What = InputSource::What;

std::optional<Source> read_constant(const Field& field, const Context& /*context*/) {
  auto json = field.json();
  if (!json) return std::nullopt;
  return ConstantSource{std::move(*json)};
}

std::optional<Source> read_now(const Field& field, const Context& /*context*/) {
  auto format = read_time_format(field);
  if (!format) return std::nullopt;
  return NowSource{std::move(*format)};
}

// {topic: true}
template <What kWhat>
std::optional<Source> read_input(const Field& field, const Context& /*context*/) {
  const auto is_true = field.boolean();
  if (!is_true) return std::nullopt;
  if (!*is_true) field.expected("true");
  InputSource source;
  source.what = kWhat;
  return source;
}

std::optional<Source> read_timestamp(const Field& field, const Context& /*context*/) {
  auto format = read_time_format(field);
  if (!format) return std::nullopt;
  InputSource source;
  source.what = What::kTimestamp;
  source.timestamp_as = std::move(*format);
  return source;
}

std::optional<Source> read_header(const Field& field, const Context& /*context*/) {
  auto name = field.text("the name of a header");
  if (!name) return std::nullopt;
  InputSource source;
  source.what = What::kHeader;
  source.header = std::move(name->value);
  return source;
}

// {environment: NAME} or {environment: {name: NAME, default: TEXT}}
std::optional<Source> read_environment(const Field& field, const Context& context) {
  static constexpr std::string_view kExpectation = "the name of an environment variable";
  std::optional<Text> name;
  std::optional<Text> otherwise;
  if (field.is(NodeKind::kMap)) {
    auto map = field.map();
    name = map->require("name", "write the name of an environment variable").text(kExpectation);
    otherwise = map->take("default").any_text("a text");
    map->finish();
  } else {
    name = field.text(kExpectation);
  }
  if (!name) return std::nullopt;
  std::optional<std::string> value = context.environment(name->value);
  if (!value && otherwise) value = otherwise->value;
  if (!value) {
    field.problem("names the environment variable " + in_quotes(name->value) +
                  ", which is not set; set it, or write {name: " + name->value +
                  ", default: TEXT}");
    return std::nullopt;
  }
  if (find_invalid_utf8(*value)) {
    field.problem("names the environment variable " + in_quotes(name->value) +
                  ", which is not valid UTF-8");
    return std::nullopt;
  }
  return ConstantSource{json_string(*value), name->value};
}

struct KnownSource {
  std::string_view name;
  std::optional<Source> (*read)(const Field& field, const Context& context);
};

constexpr std::array<KnownSource, 9> kSources = {
    KnownSource{"constant", read_constant},
    KnownSource{"now", read_now},
    KnownSource{"topic", read_input<What::kTopic>},
    KnownSource{"partition", read_input<What::kPartition>},
    KnownSource{"offset", read_input<What::kOffset>},
    KnownSource{"timestamp", read_timestamp},
    KnownSource{"key", read_input<What::kKey>},
    KnownSource{"header", read_header},
    KnownSource{"environment", read_environment}};

const KnownSource* find_source(std::string_view name) {
  const auto* const found =
      std::find_if(kSources.begin(), kSources.end(),
                   [name](const KnownSource& source) { return source.name == name; });
  return found == kSources.end() ? nullptr : found;
}

// A map with one key, which says where the value comes from.
std::optional<Source> read_source(const Field& field, const Context& context) {
  static constexpr std::string_view kMapHint = "; a map as value is written {constant: {…}}";
  const std::vector<NodeMember>& members = field.node().members;
  for (const NodeMember& member : members) {
    if (find_source(member.key.value) != nullptr) continue;
    std::vector<std::string_view> known;
    known.reserve(kSources.size());
    for (const KnownSource& source : kSources) known.push_back(source.name);
    context.problems.add(
        member.key.place,
        unknown("key", member.key.value, "'" + field.path() + "'", known) + std::string(kMapHint));
    return std::nullopt;
  }
  if (members.size() != 1) {
    field.problem("must have exactly one source, such as {now: rfc3339}, and has " +
                  std::string(members.empty() ? "none" : "several") + std::string(kMapHint));
    return std::nullopt;
  }
  const auto& [key, value] = members.front();
  const Field source(value.get(), field.path() + "." + key.value, key.place, context.problems);
  if (source.node().broken) return std::nullopt;
  return find_source(key.value)->read(source, context);
}

// The constant of a `default`: a map stands for itself there, but what `add` would take for a
// source is a slip.
std::optional<std::string> read_default_value(const Field& field, const Context& context) {
  const bool is_one = field.is(NodeKind::kMap) && field.node().members.size() == 1;
  if (!is_one || find_source(field.node().members[0].key.value) == nullptr) return field.json();
  const auto& [key, value] = field.node().members.front();
  if (key.value != "constant") {
    field.problem("is a constant, not a source (" + in_quotes(key.value) +
                  "); to mean this map, write {constant: {" + key.value + ": …}}");
    return std::nullopt;
  }
  return Field(value.get(), field.path() + ".constant", key.place, context.problems).json();
}

void read_default_values(const Field& field, const Context& context, DefaultStep& step) {
  for (auto& [path, value] : read_path_map(field, "{name: value}", context)) {
    auto json = read_default_value(value, context);
    if (json) step.values.emplace_back(std::move(path), std::move(*json));
  }
}

const YamlNode* find_member(const YamlNode& map, std::string_view key) {
  for (const NodeMember& member : map.members) {
    if (member.key.value == key) return member.value.get();
  }
  return nullptr;
}

// YAML reads a bare `null` as no value; here it is meant as the word.
std::optional<DefaultStep::When> read_when(const Field& field) {
  if (field.is(NodeKind::kNull)) return DefaultStep::When::kNull;
  return field.choice<DefaultStep::When>({{"absent", DefaultStep::When::kAbsent},
                                          {"null", DefaultStep::When::kNull},
                                          {"absent_or_null", DefaultStep::When::kAbsentOrNull}});
}

}  // namespace

Step read_add(const Field& field, const Context& context) {
  AddStep step;
  for (auto& [path, value] : read_path_map(field, "{name: value}", context)) {
    if (value.node().broken) continue;
    auto source =
        value.is(NodeKind::kMap) ? read_source(value, context) : read_constant(value, context);
    if (source) step.members.push_back(AddStep::Member{std::move(path), std::move(*source)});
  }
  return step;
}

// Two forms: {PATH: VALUE, …}, and {values: {PATH: VALUE, …}, when: …}. It is the second one where
// the key `values` holds a map; so a field `values` that gets a map, and a field `when`, can only
// be written in the second form.
Step read_default(const Field& field, const Context& context) {
  DefaultStep step;
  auto map = field.map("a map such as {name: value}");
  if (!map) return step;
  const YamlNode* const values = find_member(field.node(), "values");
  if (values == nullptr || values->kind != NodeKind::kMap) {
    const Field when = map->take("when");
    if (when.present()) {
      context.problems.add(when.key_place(),
                           "'default' has the key 'when' without 'values'; write {values: {name: "
                           "value}, when: " +
                               one_of({"absent", "null", "absent_or_null"}) +
                               "}, also for a field that is called 'when'");
      return step;
    }
    read_default_values(field, context, step);
    return step;
  }
  read_default_values(map->take("values"), context, step);
  const Field when = map->take("when");
  if (when.present()) set_if(step.when, read_when(when));
  map->finish();
  return step;
}

}  // namespace millrace::config
