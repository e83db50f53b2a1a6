// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/config/alert_condition.h"
#include "engine/config/load.h"
#include "engine/config/pipeline_config.h"
#include "engine/config/problems.h"
#include "engine/config/yaml_reader.h"

// The keys of the top level, one function each. A function gets the value of its key, which may be
// absent, and returns what it could read; what is wrong is in the problems.
namespace millrace::config {

// What a section needs besides its value.
struct Context {
  const std::string& file;  // the pipeline's; paths are relative to it
  const Environment& environment;
  Problems& problems;
};

[[nodiscard]] KafkaConfig read_kafka(const Field& field, const Context& context);
[[nodiscard]] InputConfig read_input(const Field& field, const Context& context);
[[nodiscard]] std::optional<SchemaConfig> read_schema(const Field& field, const Context& context);
[[nodiscard]] std::vector<SchemaSource> read_schema_sources(const Field& field,
                                                            const Context& context);
[[nodiscard]] std::vector<StepConfig> read_steps(const Field& field, const Context& context);
[[nodiscard]] OutputConfig read_output(const Field& field);
[[nodiscard]] DeadLettersConfig read_dead_letters(const Field& field);
[[nodiscard]] std::vector<InsightConfig> read_insights(const Field& field, const Context& context);
// `alerts`, and `alert`, which stands for a list of one.
[[nodiscard]] std::vector<AlertConfig> read_alerts(const Field& alerts, const Field& alert,
                                                   const KnownInsights& known, Problems& problems);
[[nodiscard]] ReportConfig read_report(const Field& field);
[[nodiscard]] LogConfig read_log(const Field& field);
[[nodiscard]] std::optional<ServeConfig> read_serve(const Field& field, const Context& context);

// `delivery` and `state`, which say together how is committed. After the dead letters.
void read_delivery_keys(MapReader& map, PipelineConfig& config);

// librdkafka's timeouts, which pass through, must fit those that have a key of ours.
void check_timeouts(const PipelineConfig& config, Problems& problems);

// No topic is read and written: its records would go round for ever. No topic gets rejected records
// among good ones, or a record twice. And the topics that are written to are not too many; none is
// an insight's or an alert's where nothing makes it durable.
void check_topics(const PipelineConfig& config, Problems& problems);

}  // namespace millrace::config
