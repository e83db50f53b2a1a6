// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/random_pipeline.h"

#include <algorithm>
#include <utility>

namespace millrace::plan::testing {
namespace {

using std::string_view;

// As a configuration writes them: quoted in YAML, and a name with a dot in brackets.
constexpr auto kNames =
    std::to_array<string_view>({"\"a\"", "\"b\"", "\"c\"", "\"d\"", R"("[\"x.y\"]")"});

// As a schema writes them.
constexpr auto kSchemaNames = std::to_array<string_view>({"a", "b", "c", "d", "x.y"});

// As they stand in records.
constexpr auto kNameTexts = std::to_array<string_view>(
    {R"("a")", R"("b")", R"("c")", R"("d")", R"("x.y")", R"("\u0061")", R"("z")", R"("\"")"});

constexpr auto kPaths = std::to_array<string_view>(
    {"a", "b", "c", "d", "a", "b", "c", "d", R"([\"x.y\"])", "a.b", "a.a", "b.a", "b.c.d", "c[0]",
     "c[1]", "c[0].a", R"(a[\"x.y\"])", "d.c[0]"});

constexpr auto kScalars = std::to_array<string_view>({"null",
                                                      "true",
                                                      "false",
                                                      "0",
                                                      "1",
                                                      "1.0",
                                                      "1.50",
                                                      "1e3",
                                                      "-0",
                                                      "-7",
                                                      "2.5",
                                                      "42",
                                                      "9007199254740993",
                                                      "123456789012345678901234567890",
                                                      "1e400",
                                                      "12.50e1",
                                                      "1720655268",
                                                      "1720655268.0",
                                                      "1720655268.5",
                                                      "-1",
                                                      "-1.5",
                                                      "253402300800",
                                                      "-62135596801",
                                                      R"("")",
                                                      R"("a")",
                                                      R"("A")",
                                                      R"("ab")",
                                                      R"("aB")",
                                                      R"("\u0041b")",
                                                      R"("\u0061b")",
                                                      R"(" a b\t")",
                                                      R"("  ")",
                                                      "\"\xc3\xa9\"",
                                                      R"("\u00e9a")",
                                                      R"("\ud83d\ude00")",
                                                      R"("12")",
                                                      R"("-5")",
                                                      R"("1.50")",
                                                      R"("TRUE")",
                                                      R"("false")",
                                                      R"("null")",
                                                      R"("2.3.0")",
                                                      R"("2.10")",
                                                      R"("2.3.x")",
                                                      R"("10.1.2.3")",
                                                      R"("::ffff:10.1.2.3")",
                                                      R"("2001:db8::1")",
                                                      R"("10.1.2.03")",
                                                      R"("1720655268")",
                                                      R"("-1.5")",
                                                      R"("{\"a\":1}")",
                                                      R"("[1, {\"b\": 2.50}]")",
                                                      R"("\"a\"")",
                                                      R"("{\"a\":1,\"a\": 2}")",
                                                      R"("1 2")",
                                                      R"("a\/b\\\"")"});

// As they stand in a configuration; what JSON and YAML read alike.
constexpr auto kConstants = std::to_array<string_view>({"null",
                                                        "true",
                                                        "false",
                                                        "0",
                                                        "1",
                                                        "1.50",
                                                        "1e3",
                                                        "42",
                                                        "9007199254740993",
                                                        "-7",
                                                        "\"\"",
                                                        "\"a\"",
                                                        "\"ab\"",
                                                        "\"A\"",
                                                        "\"12\"",
                                                        "\"null\"",
                                                        "\"\xc3\xa9\"",
                                                        "[]",
                                                        "[1, \"a\"]",
                                                        "[a, null]"});

constexpr auto kTypes = std::to_array<string_view>(
    {"string", "integer", "number", "boolean", "\"null\"", "array", "object"});

constexpr auto kPatterns =
    std::to_array<string_view>({"^a", "b$", "[0-9]", "^[0-9]+$", "^$", "^.{2,3}$"});

constexpr auto kNumbers =
    std::to_array<string_view>({"0", "1", "1.5", "-7", "42", "1000", "9007199254740992", "1e300"});

std::string in_quotes(string_view text) {
  return '"' + std::string(text) + '"';
}

}  // namespace

std::string RandomPipeline::path() {
  return in_quotes(any(kPaths));
}

// Elements have no name.
std::string RandomPipeline::member_path() {
  std::string text = path();
  while (text.ends_with("0]\"") || text.ends_with("1]\"")) text = path();
  return text;
}

std::string RandomPipeline::paths() {
  if (one_in(2)) return path();
  return "[" + path() + ", " + path() + "]";
}

std::string RandomPipeline::into() {
  return one_in(3) ? ", into: " + path() : "";
}

std::string RandomPipeline::constant() {
  return any(kConstants);
}

std::string RandomPipeline::test() {
  switch (below(12)) {
    case 0:
      return "equals: " + constant();
    case 1:
      return "not_equals: " + constant();
    case 2:
      return "in: [" + constant() + ", " + constant() + ", " + constant() + "]";
    case 3:
      return "in_ignore_case: [AB, \"12\", \"\xc3\x89\"]";
    case 4:
      return "matches: " + in_quotes(any(kPatterns));
    case 5:
      return one_in(2) ? "exists: true" : "exists: false";
    case 6:
      return one_in(2) ? "is_null: true" : "is_null: false";
    case 7:
      return (one_in(2) ? "less_than: " : "at_least: ") + any(kNumbers);
    case 8:
      return (one_in(2) ? "at_most: " : "greater_than: ") + any(kNumbers);
    case 9:
      return one_in(2) ? "version_at_least: \"2.3\"" : "version_below: \"2.10.0\"";
    case 10:
      return "version_at_least: \"2.3\", lexicographic: true";
    default:
      return "ip_in: [10.0.0.0/8, \"2001:db8::/32\"]";
  }
}

std::string RandomPipeline::condition(size_t depth) {
  if (depth > 0) {
    switch (below(6)) {
      case 0:
        return "{not: " + condition(depth - 1) + "}";
      case 1:
        return "{all: [" + condition(depth - 1) + ", " + condition(depth - 1) + "]}";
      case 2:
        return "{any: [" + condition(depth - 1) + ", " + condition(depth - 1) + "]}";
      default:
        break;
    }
  }
  return "{field: " + path() + ", " + test() + "}";
}

std::string RandomPipeline::filter_step() {
  constexpr auto kKinds = std::to_array<string_view>({"keep_if", "drop_if", "reject_if"});
  return any(kKinds) + ": " + condition(2);
}

std::string RandomPipeline::member_step() {
  switch (below(6)) {
    case 0:
      return "rename: {" + member_path() + ": " + any(kNames) + "}";
    case 1:
      return "rename: {" + member_path() + ": e, " + member_path() + ": f}";
    case 2:
      return "remove: " + paths();
    case 3:
      return one_in(2) ? R"(keep_only: [c, a, '["x.y"]'])" : "keep_only: [b, d, a, e]";
    case 4:
      return "add: {" + path() + ": " + constant() + ", e.f: {constant: {\"b\": 1.50, a: []}}}";
    default:
      return "default: {values: {" + path() + ": " + constant() + ", e: 1}, when: " +
             any(std::to_array<string_view>({"absent", "null", "absent_or_null"})) + "}";
  }
}

std::string RandomPipeline::value_step() {
  const std::string field = "{field: " + path();
  switch (below(9)) {
    case 0:
      return any(std::to_array<string_view>({"lowercase: ", "uppercase: ", "trim: "})) + paths();
    case 1:
    case 2:
      return "cast: " + field +
             ", to: " + any(std::to_array<string_view>({"int", "float", "bool", "string"})) + "}";
    case 3:
    case 4:
      return "lookup: " + field +
             ", table: {a: A, \"null\": 0, \"1\": [1, {\"b\": 2}], \"12\": " + constant() +
             "}, unmapped: " + any(std::to_array<string_view>({"keep", "\"null\"", "reject"})) +
             into() + "}";
    case 5:
      return "valid_ip: " + field +
             ", version: " + any(std::to_array<string_view>({"any", "4", "6"})) +
             (one_in(2) ? ", otherwise: no address}" : "}");
    case 6:
      return "mask: " + field + ", " +
             any(std::to_array<string_view>(
                 {"drop: true", "with: hidden", "keep_last: 1", "keep_last: 3"})) +
             "}";
    case 7:
      return "unwrap: " + (one_in(8) ? "." : field + into() + "}");
    default:
      return "format_time: " + field + ", from: unix_" +
             any(std::to_array<string_view>(
                 {"seconds", "seconds", "milliseconds", "microseconds"})) +
             ", as: " +
             any(std::to_array<string_view>({"rfc3339", "rfc3339_millis", "unix_milliseconds"})) +
             (one_in(2) ? ", accept_text: true" : "") + (one_in(2) ? ", truncate: true" : "") +
             into() + "}";
  }
}

std::string RandomPipeline::routing_step() {
  switch (below(5)) {
    case 0:
      return one_in(2) ? "emit: copies" : "emit: more-copies";
    case 1:
      return "route: [{when: " + condition(1) + ", topic: first}" +
             (one_in(2) ? ", {when: " + condition(1) + ", topic: second}" : "") +
             (one_in(3) ? ", {topic: rest}" : "") + "]";
    case 2:
      return one_in(3) ? "explode: ." : "explode: " + path();
    default:
      return "explode: {field: " + (one_in(2) ? "c" : path()) +
             ", piece: " + (one_in(3) ? "element" : "record") +
             ", empty: " + (one_in(2) ? "filter" : "reject") + "}";
  }
}

std::string RandomPipeline::step() {
  const size_t kind = below(16);
  if (kind < 3) return filter_step();
  if (kind < 7) return member_step();
  return kind < 14 ? value_step() : routing_step();
}

std::string RandomPipeline::steps() {
  const size_t count = 1 + below(5);
  std::string text = "steps:\n";
  for (size_t i = 0; i < count; ++i) {
    if (one_in(8)) {
      text += "  - stage:\n      name: group-" + std::to_string(i) + "\n" +
              std::string(one_in(2) ? "      dead_letters: letters-of-stage\n" : "") +
              "      steps:\n        - " + step() + "\n        - " + step() + "\n";
    } else if (one_in(6)) {
      text += "  - " + value_step() + "\n    dead_letters: letters-of-step\n";
    } else {
      text += "  - " + step() + "\n";
    }
  }
  return text;
}

std::string RandomPipeline::schema_list(size_t depth) {
  return "[" + schema(depth) + ", " + schema(depth) + "]";
}

std::string RandomPipeline::keyword(size_t number, size_t depth) {
  switch (number) {
    case 0:
      return one_in(2) ? "type: " + any(kTypes) : "type: [" + any(kTypes) + "]";
    case 1:
      return "enum: [" + constant() + ", " + constant() + ", a, {\"a\": 1.0}]";
    case 2:
      return "const: " + constant();
    case 3:
      return any(std::to_array<string_view>({"minimum: ", "exclusiveMinimum: "})) + any(kNumbers);
    case 4:
      return any(std::to_array<string_view>({"maximum: ", "exclusiveMaximum: "})) + any(kNumbers);
    case 5:
      return any(std::to_array<string_view>({"minLength: 1", "minLength: 2", "maxLength: 2"}));
    case 6:
      return "pattern: " + in_quotes(any(kPatterns));
    case 7:
      return any(std::to_array<string_view>({"minItems: 1", "maxItems: 1", "uniqueItems: true"}));
    case 8:
      return one_in(2) ? "required: [a]" : "required: [b, c]";
    case 9:
      return "additionalProperties: " + (one_in(2) ? "false" : schema(depth));
    case 10:
      return "items: " + schema(depth);
    case 11:
      return any(std::to_array<string_view>({"anyOf: ", "oneOf: ", "allOf: "})) +
             schema_list(depth);
    case 12:
      return "not: " + schema(depth);
    default:
      return "properties: {" + any(kSchemaNames) + ": " + schema(depth) + ", e: " + schema(depth) +
             "}";
  }
}

// Few keywords, in any order, for the order decides which rule is broken first.
std::string RandomPipeline::schema(size_t depth) {
  if (one_in(12)) return one_in(3) ? "false" : "true";
  std::vector<size_t> numbers;
  const size_t kinds = depth == 0 ? 9 : 15;
  for (size_t count = 1 + below(3); numbers.size() < count;) {
    const size_t number = std::min<size_t>(below(kinds), 13);
    if (std::find(numbers.begin(), numbers.end(), number) == numbers.end())
      numbers.push_back(number);
  }
  std::string text;
  for (const size_t number : numbers)
    text += (text.empty() ? "" : ", ") + keyword(number, depth == 0 ? 0 : depth - 1);
  return "{" + text + "}";
}

Yaml RandomPipeline::pipeline() {
  Yaml yaml;
  yaml.input = "{topic: in, group: g";
  if (one_in(2)) yaml.input += ", values: any";
  if (one_in(4)) yaml.input += ", duplicate_members: dead_letter";
  yaml.input += "}";
  yaml.output = "{topic: out";
  if (one_in(4)) yaml.output += one_in(2) ? ", key: none" : ", key: {field: " + path() + "}";
  yaml.output += "}";
  if (one_in(2)) {
    // Mostly what many records fit.
    yaml.rest += one_in(3)
                     ? "schema: " + schema(3) + "\n"
                     : "schema: {properties: {" + any(kSchemaNames) + ": " + schema(2) + "}}\n";
  }
  if (!one_in(8)) yaml.rest += steps();
  return yaml;
}

std::string RandomPipeline::space() {
  return one_in(12) ? any(std::to_array<string_view>({" ", "\n", "\t "})) : "";
}

std::string RandomPipeline::array(size_t depth) {
  std::string text = "[";
  for (size_t i = 0, count = below(4); i < count; ++i)
    text += (i > 0 ? "," : "") + space() + value(depth);
  return text + space() + "]";
}

std::string RandomPipeline::object(size_t depth) {
  std::string text = "{";
  const size_t first = below(kNameTexts.size());
  for (size_t i = 0, count = below(6); i < count; ++i) {
    // Mostly different names.
    const size_t name = one_in(16) ? 0 : (first + i * 3) % kNameTexts.size();
    text += (i > 0 ? "," : "") + space() + std::string(kNameTexts[name]) + space() + ":" + space() +
            value(depth);
  }
  return text + space() + "}";
}

std::string RandomPipeline::value(size_t depth) {
  if (depth == 0 || one_in(2)) return any(kScalars);
  return one_in(2) ? array(depth - 1) : object(depth - 1);
}

std::string RandomPipeline::broken(std::string text) {
  constexpr auto kBytes = std::to_array<char>(
      {'{', '}', '[', ']', ',', ':', '"', '\\', '0', '-', 'x', ' ', '\x01', '\x80', '\xff'});
  const size_t at = below(text.size());
  switch (below(4)) {
    case 0:
      return text.substr(0, at);
    case 1:
      return text.erase(at, 1);
    case 2:
      return text.insert(at, 1, kBytes[below(kBytes.size())]);
    default:
      text[at] = kBytes[below(kBytes.size())];
      return text;
  }
}

std::string RandomPipeline::record() {
  std::string text = one_in(16) ? value(2) : object(3);
  text = space() + text + space();
  return one_in(20) ? broken(std::move(text)) : text;
}

OptionalText RandomPipeline::key() {
  if (one_in(4)) return std::nullopt;
  return one_in(2) ? "key" : std::string("\xff\x00k", 3);
}

}  // namespace millrace::plan::testing
