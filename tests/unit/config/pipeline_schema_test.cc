// SPDX-License-Identifier: Apache-2.0
#include "engine/config/pipeline_schema.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>

#include "engine/config/kafka_refused.h"
#include "engine/config/yaml_parser.h"
#include "tests/unit/config/loading.h"

// Holds the schema to the parser: at each level both know the same keys, and the same words. The
// parser is asked by a key, or a word, that is near none of its own: its message lists those.
namespace millrace::config {
namespace {

using Names = std::set<std::string>;

constexpr std::string_view kOdd = "@@@@@@@@@@";

NodePointer parsed_schema() {
  Problems problems;
  NodePointer root =
      parse_yaml(std::string(pipeline_schema()), "pipeline.schema.json", nullptr, problems);
  EXPECT_TRUE(problems.empty());
  return root;
}

const YamlNode* member(const YamlNode& map, const std::string& key) {
  for (const NodeMember& one : map.members) {
    if (one.key.value == key) return one.value.get();
  }
  return nullptr;
}

// The value at a JSON Pointer without escapes.
const YamlNode* at(const YamlNode& root, const std::string& pointer) {
  const YamlNode* node = &root;
  for (size_t begin = 1; node != nullptr && begin < pointer.size();) {
    const size_t end = std::min(pointer.find('/', begin), pointer.size());
    const std::string name = pointer.substr(begin, end - begin);
    if (node->kind == NodeKind::kList) {
      node = node->items.at(std::stoul(name)).get();
    } else {
      node = member(*node, name);
    }
    begin = end + 1;
  }
  return node;
}

// "a, b or c"
Names listed(std::string text) {
  Names names;
  const size_t last = text.rfind(" or ");
  if (last != std::string::npos) text.replace(last, 4, ", ");
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(", ", begin), text.size());
    names.insert(text.substr(begin, end - begin));
    begin = end + 2;
  }
  return names;
}

// What stands between two texts in the first problem that holds the first one.
std::string between(const std::string& yaml, const std::string& before, const std::string& after) {
  const std::vector<std::string> lines = problems_in(yaml);
  for (const std::string& line : lines) {
    const size_t found = line.find(before);
    if (found == std::string::npos) continue;
    const size_t begin = found + before.size();
    return line.substr(begin, std::min(line.find(after, begin), line.size()) - begin);
  }
  ADD_FAILURE() << "no problem of " << yaml << " says " << before
                << "; they are: " << ::testing::PrintToString(lines);
  return "";
}

// A map of the file: its subschema, and a file with the odd key in such a map.
struct Level {
  std::string pointer;
  std::string yaml;
};

std::string odd() {
  return "'" + std::string(kOdd) + "': 1";
}

std::string step(const std::string& text) {
  return smallest_with("steps: [" + text + "]\n");
}

std::vector<Level> levels() {
  const std::string o = odd();
  return {
      {"", smallest_with(o + "\n")},
      {"/$defs/secret_file",
       smallest_but("kafka", "kafka: {bootstrap.servers: {file: f, " + o + "}}")},
      {"/$defs/input", smallest_but("input", "input: {topic: in, group: g, " + o + "}")},
      {"/$defs/batch", smallest_but("input", "input: {topic: in, group: g, batch: {" + o + "}}")},
      {"/$defs/schema_source",
       smallest_with("schema: {}\nschema_sources: [{prefix: 'a:', dir: ., " + o + "}]\n")},
      {"/$defs/output", smallest_but("output", "output: {topic: out, " + o + "}")},
      {"/$defs/output/properties/key/anyOf/2",
       smallest_but("output", "output: {topic: out, key: {field: a, " + o + "}}")},
      {"/$defs/dead_letters", smallest_but("dead_letters", "dead_letters: {topic: d, " + o + "}")},
      {"/$defs/dead_letter_fields",
       smallest_but("dead_letters", "dead_letters: {topic: d, format: {fields: [a], " + o + "}}")},
      {"/$defs/stop_above",
       smallest_but("dead_letters",
                    "dead_letters: {topic: d, stop_above: {share: 5%, " + o + "}}")},
      {"/$defs/state", smallest_with("state: {" + o + "}\n")},
      {"/$defs/delivery",
       smallest_but("delivery", "delivery: {guarantee: at_least_once, " + o + "}")},
      {"/$defs/insight", smallest_with("insights: [{distinct: a, " + o + "}]\n")},
      {"/$defs/insight/properties/top", smallest_with("insights: [top: {of: a, " + o + "}]\n")},
      {"/$defs/insight/properties/top/properties/also",
       smallest_with("insights: [top: {of: a, also: {last: b, " + o + "}}]\n")},
      {"/$defs/insight/properties/quantiles/anyOf/1",
       smallest_with("insights: [quantiles: {of: a, " + o + "}]\n")},
      {"/$defs/insight/properties/quantiles/anyOf/1/properties/latency_of/anyOf/1",
       smallest_with("insights: [quantiles: {latency_of: {timestamp: true, " + o + "}}]\n")},
      {"/$defs/window",
       smallest_with("insights: [window: {every: 1m, on: t, sum: a, " + o + "}]\n")},
      {"/$defs/record_timestamp",
       smallest_with("insights: [window: {every: 1m, on: {timestamp: true, " + o +
                     "}, sum: a}]\n")},
      {"/$defs/alert", smallest_with("alert: {when: lag > 5, " + o + "}\n")},
      {"/$defs/report", smallest_with("report: {" + o + "}\n")},
      {"/$defs/log", smallest_with("log: {" + o + "}\n")},
      {"/$defs/serve", smallest_with("serve: {listen: 'localhost:1', " + o + "}\n")},
      {"/$defs/serve/properties/tls",
       smallest_with("serve: {listen: 'localhost:1', tls: {" + o + "}}\n")},
      {"/$defs/stage", step("{stage: {name: s, steps: [{trim: a}], " + o + "}}")},
      {"/$defs/condition", step("{keep_if: {field: a, exists: true, " + o + "}}")},
      {"/$defs/source", step("{add: {a: {" + o + "}}}")},
      {"/$defs/source/properties/environment/anyOf/1",
       step("{add: {a: {environment: {name: A, default: x, " + o + "}}}}")},
      {"/$defs/default/then", step("{default: {values: {a: 1}, " + o + "}}")},
      {"/$defs/replace", step("{replace: {field: a, pattern: b, with: c, " + o + "}}")},
      {"/$defs/lookup", step("{lookup: {field: a, table: {b: c}, " + o + "}}")},
      {"/$defs/cast", step("{cast: {field: a, to: int, " + o + "}}")},
      {"/$defs/parse_time", step("{parse_time: {field: a, from: rfc3339, " + o + "}}")},
      {"/$defs/format_time",
       step("{format_time: {field: a, from: unix_seconds, as: rfc3339, " + o + "}}")},
      {"/$defs/valid_ip", step("{valid_ip: {field: a, " + o + "}}")},
      {"/$defs/valid_ip/properties/otherwise/anyOf/1",
       step("{valid_ip: {field: a, otherwise: {text: x, " + o + "}}}")},
      {"/$defs/mask", step("{mask: {field: a, drop: true, " + o + "}}")},
      {"/$defs/mask/properties/hmac_sha256",
       step("{mask: {field: a, hmac_sha256: {key_file: f, " + o + "}}}")},
      {"/$defs/unwrap", step("{unwrap: {field: a, " + o + "}}")},
      {"/$defs/explode", step("{explode: {field: a, " + o + "}}")},
      {"/$defs/emit", step("{emit: {topic: t, " + o + "}}")},
      {"/$defs/route_case", step("{route: [{topic: t, " + o + "}]}")},
  };
}

Names properties_of(const YamlNode& schema) {
  Names names;
  const YamlNode* const properties = member(schema, "properties");
  if (properties == nullptr) return names;
  for (const NodeMember& property : properties->members) names.insert(property.key.value);
  return names;
}

void visit(const YamlNode& node, const std::string& pointer,
           const std::function<void(const YamlNode&, const std::string&)>& see) {
  see(node, pointer);
  for (const NodeMember& one : node.members) visit(*one.value, pointer + "/" + one.key.value, see);
  for (size_t i = 0; i < node.items.size(); ++i) {
    visit(*node.items[i], pointer + "/" + std::to_string(i), see);
  }
}

TEST(PipelineSchema, KnowsTheKeysThatTheParserKnows) {
  const NodePointer schema = parsed_schema();
  for (const Level& level : levels()) {
    const YamlNode* const subschema = at(*schema, level.pointer);
    ASSERT_NE(subschema, nullptr) << level.pointer;

    EXPECT_EQ(properties_of(*subschema), listed(between(level.yaml, "; known here: ", ";")))
        << level.pointer;
  }
}

TEST(PipelineSchema, KnowsTheStepsThatTheParserKnows) {
  const NodePointer schema = parsed_schema();
  Names known = listed(between(step("{" + odd() + "}"), "; known here: ", ";"));
  known.merge(listed(between(step("{trim: a, " + odd() + "}"), "; known here: ", ";")));
  const YamlNode& subschema = *at(*schema, "/$defs/step");

  EXPECT_EQ(properties_of(subschema), known);
  Names required;
  for (const NodePointer& one : member(subschema, "oneOf")->items) {
    required.insert(member(*one, "required")->items.at(0)->text);
  }
  known.erase("dead_letters");
  EXPECT_EQ(required, known);
}

TEST(PipelineSchema, HasNoMapThatTheseTestsDoNotKnow) {
  Names compared = {"/$defs/step"};
  for (const Level& level : levels()) compared.insert(level.pointer);
  Names closed;
  visit(*parsed_schema(), "", [&closed](const YamlNode& node, const std::string& pointer) {
    const YamlNode* const additional = member(node, "additionalProperties");
    const bool is_closed = additional != nullptr && additional->text == "false";
    EXPECT_TRUE(is_closed || member(node, "properties") == nullptr ||
                pointer.ends_with("/properties") || pointer == "/$defs/kafka" ||
                pointer == "/$defs/default/if")
        << pointer;
    if (is_closed) closed.insert(pointer);
  });

  EXPECT_EQ(closed, compared);
}

TEST(PipelineSchema, DescribesEveryKeyInASentence) {
  const NodePointer schema = parsed_schema();
  visit(*schema, "", [&schema](const YamlNode& node, const std::string& pointer) {
    const YamlNode* const properties = member(node, "properties");
    if (properties == nullptr || pointer == "/$defs/default/if") return;
    for (const NodeMember& property : properties->members) {
      const YamlNode* description = member(*property.value, "description");
      const YamlNode* const reference = member(*property.value, "$ref");
      if (description == nullptr && reference != nullptr) {
        description = member(*at(*schema, reference->text.substr(1)), "description");
      }
      ASSERT_NE(description, nullptr) << pointer << " " << property.key.value;
      EXPECT_TRUE(description->text.ends_with('.')) << description->text;
      EXPECT_EQ(description->text.find(". "), std::string::npos) << description->text;
    }
  });
}

// A key whose value is one of some words: its subschema, and a file with the odd word.
std::vector<Level> choices() {
  const std::string o = "'" + std::string(kOdd) + "'";
  const auto input = [&o](const std::string& key) {
    return smallest_but("input", "input: {topic: in, group: g, " + key + ": " + o + "}");
  };
  const auto output = [&o](const std::string& key) {
    return smallest_but("output", "output: {topic: out, " + key + ": " + o + "}");
  };
  const std::string in = "/$defs/input/properties/";
  const std::string out = "/$defs/output/properties/";
  return {
      {"/properties/schema_draft", smallest_with("schema: {}\nschema_draft: " + o + "\n")},
      {"/properties/formats", smallest_with("schema: {}\nformats: " + o + "\n")},
      {in + "start", input("start")},
      {in + "on_lost_offsets", input("on_lost_offsets")},
      {in + "tombstones", input("tombstones")},
      {in + "duplicate_members", input("duplicate_members")},
      {in + "values", input("values")},
      {out + "headers", output("headers")},
      {out + "timestamp", output("timestamp")},
      {out + "partition", output("partition")},
      {out + "encoding", output("encoding")},
      {"/$defs/delivery/properties/guarantee",
       smallest_but("delivery", "delivery: {guarantee: " + o + "}")},
      {"/$defs/delivery/properties/on_failure",
       smallest_but("delivery", "delivery: {on_failure: " + o + "}")},
      {"/$defs/insight/properties/of", smallest_with("insights: [{distinct: a, of: " + o + "}]\n")},
      {"/$defs/insight/properties/count", smallest_with("insights: [count: " + o + "]\n")},
      {"/$defs/insight/properties/rate", smallest_with("insights: [rate: " + o + "]\n")},
      {"/$defs/insight_record/additionalProperties",
       smallest_with("insights: [{sum: a, topic: t, as: {x: " + o + "}}]\n")},
      {"/$defs/log/properties/level", smallest_with("log: {level: " + o + "}\n")},
      {"/$defs/log/properties/format", smallest_with("log: {format: " + o + "}\n")},
      {"/$defs/default/then/properties/when", step("{default: {values: {a: 1}, when: " + o + "}}")},
      {"/$defs/lookup/properties/unmapped",
       step("{lookup: {field: a, table: {b: c}, unmapped: " + o + "}}")},
      {"/$defs/cast/properties/to", step("{cast: {field: a, to: " + o + "}}")},
      {"/$defs/parse_time/properties/as",
       step("{parse_time: {field: a, from: rfc3339, as: " + o + "}}")},
      {"/$defs/valid_ip/properties/version", step("{valid_ip: {field: a, version: " + o + "}}")},
      {"/$defs/explode/properties/piece", step("{explode: {field: a, piece: " + o + "}}")},
      {"/$defs/explode/properties/empty", step("{explode: {field: a, empty: " + o + "}}")},
  };
}

TEST(PipelineSchema, KnowsTheWordsThatTheParserKnows) {
  const NodePointer schema = parsed_schema();
  for (const Level& choice : choices()) {
    const YamlNode* const words = at(*schema, choice.pointer + "/anyOf/0/enum");
    ASSERT_NE(words, nullptr) << choice.pointer;
    Names names;
    for (const NodePointer& word : words->items) {
      // null stands for the word of that name, and numbers for theirs.
      names.insert(word->kind == NodeKind::kNull ? "null" : word->text);
    }

    EXPECT_EQ(names, listed(between(choice.yaml, "must be ", ", not '"))) << choice.pointer;
  }
}

TEST(PipelineSchema, RefusesOnlyKafkaPropertiesThatTheParserRefuses) {
  const NodePointer schema = parsed_schema();
  const YamlNode* const refused = at(*schema, "/$defs/kafka_property_name/not/anyOf/0/enum");
  ASSERT_NE(refused, nullptr);

  EXPECT_GE(refused->items.size(), 42U);
  for (const NodePointer& name : refused->items) {
    EXPECT_TRUE(why_refused(name->text).has_value()) << name->text;
  }
  EXPECT_TRUE(why_refused("x_cb").has_value());
}

}  // namespace
}  // namespace millrace::config
