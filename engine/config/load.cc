// SPDX-License-Identifier: Apache-2.0
#include "engine/config/load.h"

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "engine/config/aliases.h"
#include "engine/config/names.h"
#include "engine/config/read_file.h"
#include "engine/config/sections.h"
#include "engine/config/yaml_parser.h"
#include "engine/config/yaml_reader.h"

namespace millrace::config {
namespace {

constexpr uint64_t kWorkersMax = 1024;
constexpr uint64_t kMemoryMin = uint64_t{64} << 20U;
constexpr uint64_t kMemoryMax = uint64_t{1} << 40U;

std::optional<Text> read_plain_name(const Field& field, size_t bytes_max) {
  const std::string expectation =
      "1 to " + std::to_string(bytes_max) + " letters, digits, '.', '_' and '-'";
  auto name = field.text(expectation);
  if (name && !is_plain_name(name->value, bytes_max)) field.expected(expectation);
  return name;
}

// `schema`, and the keys that say how to read it, which mean nothing without it.
void read_schema_keys(MapReader& map, const Context& context, PipelineConfig& config) {
  const Field schema = map.take("schema");
  const Field sources = map.take("schema_sources");
  const Field draft = map.take("schema_draft");
  const Field formats = map.take("formats");
  config.schema = read_schema(schema, context);
  config.schema_sources = read_schema_sources(sources, context);
  set_if(config.schema_draft, draft.choice<SchemaDraft>({{"2020-12", SchemaDraft::k202012},
                                                         {"draft-07", SchemaDraft::k7}}));
  set_if(config.formats,
         formats.choice<Formats>({{"annotate", Formats::kAnnotate}, {"assert", Formats::kAssert}}));
  if (schema.present()) return;
  for (const Field* const field : {&sources, &draft, &formats}) {
    if (!field->present()) continue;
    context.problems.add(field->key_place(), "'" + field->path() +
                                                 "' says how to read the schema, and there is no "
                                                 "key 'schema'");
  }
}

// Alerts are about insights too. Of those that could not be read, nobody knows the names.
void read_insights_and_alerts(MapReader& map, const Context& context, PipelineConfig& config) {
  const Field insights = map.take("insights");
  config.insights = read_insights(insights, context);
  const bool complete =
      !insights.present() ||
      (insights.is(NodeKind::kList) && insights.node().items.size() == config.insights.size());
  config.alerts = read_alerts(map.take("alerts"), map.take("alert"), {config.insights, complete},
                              context.problems);
}

void read_top_level(const YamlNode& root, const Context& context, PipelineConfig& config) {
  MapReader map(root, "", Place{context.file, 1, 1}, context.problems);
  set_if(config.pipeline,
         read_plain_name(map.require("pipeline", "write 'pipeline: NAME'"), kNameBytesMax));
  config.kafka = read_kafka(map.take("kafka"), context);
  config.input =
      read_input(map.require("input", "write 'input: {topic: TOPIC, group: GROUP}'"), context);
  read_schema_keys(map, context, config);
  config.steps = read_steps(map.take("steps"), context);
  config.output = read_output(map.require("output", "write 'output: {topic: TOPIC}'"));
  config.dead_letters = read_dead_letters(
      map.require("dead_letters",
                  "say where rejected records go: 'dead_letters: {topic: TOPIC}', or "
                  "'dead_letters: discard' to count them only"));
  read_delivery_keys(map, config);
  config.instance = read_plain_name(map.take("instance"), kInstanceBytesMax);
  set_if(config.session_timeout,
         map.take("session_timeout").duration(std::chrono::seconds{1}, std::chrono::minutes{30}));
  read_insights_and_alerts(map, context, config);
  config.report = read_report(map.take("report"));
  set_if(config.latency, map.take("latency").choice<Latency>({{"low", Latency::kLow},
                                                              {"balanced", Latency::kBalanced},
                                                              {"relaxed", Latency::kRelaxed}}));
  set_if(config.workers, map.take("workers").count(1, kWorkersMax));
  set_if(config.memory_bytes, map.take("memory").bytes(kMemoryMin, kMemoryMax));
  set_if(config.stop_deadline,
         map.take("stop_deadline").duration(std::chrono::seconds{1}, std::chrono::hours{1}));
  set_if(config.stalled_after,
         map.take("stalled_after").duration(std::chrono::seconds{1}, std::chrono::hours{1}));
  config.log = read_log(map.take("log"));
  config.serve = read_serve(map.take("serve"), context);
  map.finish();
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment.
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

Loaded load_file(const std::string& path, const Environment& environment) {
  const auto contents = read_file(path, kFileBytesMax);
  if (contents.ok()) return load_text(contents.value(), path, environment);
  Loaded loaded;
  loaded.config.file = path;
  loaded.problems.push_back(Problem{Place{path}, contents.message()});
  return loaded;
}

Loaded load_text(const std::string& text, const std::string& name, const Environment& environment) {
  Problems problems;
  Loaded loaded;
  loaded.config.file = name;
  NodePointer root = parse_yaml(text, name, &environment, problems);
  if (root && root->kind != NodeKind::kMap) {
    problems.add(root->place, "a pipeline must be a map of keys and values");
  } else if (root) {
    root = with_aliases(std::move(root), name, environment, problems);
    read_top_level(*root, Context{name, environment, problems}, loaded.config);
    check_topics(loaded.config, problems);
    check_timeouts(loaded.config, problems);
  }
  loaded.problems = problems.take(name);
  return loaded;
}

}  // namespace millrace::config
