// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/compile_insights.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "engine/config/condition_key.h"
#include "engine/config/insight_names.h"
#include "engine/plan/compile_insight_topic.h"
#include "engine/plan/define_insight.h"

namespace millrace::plan {
namespace {

using config::InsightKind;
using insights::PartKind;
using record::Outcome;

insights::Kind to_kind(InsightKind kind) {
  switch (kind) {
    case InsightKind::kCount:
      return insights::Kind::kCount;
    case InsightKind::kCountBy:
      return insights::Kind::kCountBy;
    case InsightKind::kDistinct:
      return insights::Kind::kDistinct;
    case InsightKind::kTop:
      return insights::Kind::kTop;
    case InsightKind::kHoursOfDay:
      return insights::Kind::kHoursOfDay;
    case InsightKind::kQuantiles:
      return insights::Kind::kQuantiles;
    case InsightKind::kSum:
      return insights::Kind::kSum;
    case InsightKind::kMin:
      return insights::Kind::kMin;
    case InsightKind::kMax:
      return insights::Kind::kMax;
    case InsightKind::kMean:
      return insights::Kind::kMean;
    case InsightKind::kFirst:
      return insights::Kind::kFirst;
    case InsightKind::kLast:
      return insights::Kind::kLast;
    case InsightKind::kRate:
      return insights::Kind::kRate;
  }
  return insights::Kind::kCount;
}

PartKind part_kind(InsightKind kind) {
  switch (kind) {
    case InsightKind::kCount:
    case InsightKind::kRate:
      return PartKind::kCounter;
    case InsightKind::kCountBy:
    case InsightKind::kDistinct:
    case InsightKind::kTop:
    case InsightKind::kFirst:
    case InsightKind::kLast:
      return PartKind::kKeys;
    case InsightKind::kHoursOfDay:
      return PartKind::kHours;
    case InsightKind::kQuantiles:
      return PartKind::kSketch;
    case InsightKind::kSum:
    case InsightKind::kMin:
    case InsightKind::kMax:
    case InsightKind::kMean:
      return PartKind::kNumbers;
  }
  return PartKind::kCounter;
}

bool keeps_an_edge(InsightKind kind) {
  return kind == InsightKind::kFirst || kind == InsightKind::kLast;
}

OutcomeSet to_outcomes(config::InsightOf of) {
  OutcomeSet outcomes;
  const bool all = of == config::InsightOf::kConsumed;
  if (all || of == config::InsightOf::kEmitted) outcomes.add(Outcome::kEmitted);
  if (all || of == config::InsightOf::kFiltered) outcomes.add(Outcome::kFiltered);
  if (all || of == config::InsightOf::kDeadLettered) outcomes.add(Outcome::kDeadLettered);
  return outcomes;
}

// The fields of the part's key, or the one with its number or time.
std::vector<config::FieldPath> part_fields(const config::InsightConfig& insight) {
  std::vector<config::FieldPath> fields = insight.by;
  if (!keeps_an_edge(insight.kind)) {
    fields.insert(fields.end(), insight.fields.begin(), insight.fields.end());
  }
  return fields;
}

// What the insight keeps of the first or last record of each key.
std::vector<config::AlsoConfig> part_edges(const config::InsightConfig& insight) {
  if (!keeps_an_edge(insight.kind)) return insight.also;
  const auto edge = insight.kind == InsightKind::kFirst ? config::AlsoConfig::Edge::kFirst
                                                        : config::AlsoConfig::Edge::kLast;
  return {{edge, insight.fields.front()}};
}

// Whether an insight reads a value of the record, which `after` says more about.
bool reads_values(const config::InsightConfig& insight) {
  return !insight.fields.empty() || (insight.window && insight.window->on);
}

bool reads_fields(const PartReading& part) {
  return !part.fields.empty() || (part.event_time && part.event_time->time != nullptr);
}

// A format as a part of a key.
std::string time_key(const config::TimeFormat& format) {
  const std::string& pattern = format.pattern.value;
  return std::to_string(static_cast<int>(format.kind)) + "/" + std::to_string(pattern.size()) +
         pattern + "/";
}

// Windows as a part of a key; empty where there are none.
std::string window_key(const config::InsightConfig& insight) {
  if (!insight.window) return "";
  const config::WindowConfig& window = *insight.window;
  std::string key = "window/";
  for (const auto duration : {window.every, window.hop, window.grace, window.max_ahead})
    key += std::to_string(duration.count()) + "/";
  if (!window.on) return key;
  if (insight.after) key += "after/";
  return key + config::path_key(*window.on) + "," + time_key(window.from);
}

class InsightCompiler {
 public:
  InsightCompiler(const config::PipelineConfig& config, steps::CompileContext& context,
                  insights::Declaration& declaration)
      : config_(config), context_(context), declaration_(declaration) {}

  InsightProgram compile() {
    // Every emitted record: number 0, whether anything counts it or not.
    static_cast<void>(add_selection("", to_outcomes(config::InsightOf::kEmitted)));
    for (const config::InsightConfig& insight : config_.insights) add(insight);
    declaration_.selections = program_.selections.size();
    for (SelectionReading& selection : program_.selections) {
      for (PartReading& part : selection.parts) {
        if (part.kind != PartKind::kKeys || part.event_time) continue;
        const bool one_value = part.fields.size() == 1 && part.edges.empty();
        part.way = one_value ? PartReading::Way::kValue : PartReading::Way::kKeys;
      }
      if (!selection.parts.empty()) program_.counted.add(selection.of);
      program_.tests_input |= selection.when != nullptr && !selection.after;
      const bool reads = selection.when != nullptr ||
                         std::any_of(selection.parts.begin(), selection.parts.end(), reads_fields);
      if (reads) program_.read.add(selection.of);
    }
    return std::move(program_);
  }

 private:
  void add(const config::InsightConfig& config) {
    check_after(config);
    if (!config.after) check_masked(config);
    insights::Insight insight;
    insight.kind = to_kind(config.kind);
    insight.name = config.name;
    for (const config::FieldPath& field : part_fields(config)) insight.fields.push_back(field.text);
    insight.by = config.kind == InsightKind::kDistinct ? config.by.size() : 0;
    insight.limit = config.limit;
    insight.exact_up_to = config.exact_up_to;
    insight.keys_max = config.keys_max;
    if (config.kind == InsightKind::kQuantiles) insight.quantiles = config.quantiles;
    insight.live = config.latency || config.kind == InsightKind::kRate;
    insight.definition = definition_of(config);
    if (config.window) insight.close_idle_after = config.window->close_idle_after;
    if (config.topic) insight.output = compile_insight_topic(config);
    PartReading& reading = part(config, selection(config));
    insight.part = reading.part;
    for (const config::AlsoConfig& edge : part_edges(config))
      insight.edges.push_back(add_edge(edge, reading));
    declaration_.insights.push_back(std::move(insight));
  }

  void check_after(const config::InsightConfig& insight) {
    if (!insight.after) return;
    const bool explodes =
        std::any_of(config_.steps.begin(), config_.steps.end(), [](const config::StepConfig& step) {
          return std::holds_alternative<config::ExplodeStep>(step.step);
        });
    if (explodes) {
      context_.problems.push_back(
          {insight.after_place,
           "'after' reads the output of a record, and 'explode' makes several of one; leave "
           "'after' out to read the record as it came in"});
    } else if (!reads_values(insight) && !insight.when) {
      context_.problems.push_back(
          {insight.after_place, "'after' changes nothing here: no field is read", true});
    }
  }

  // A value that a step hides would be shown all the same, as it came in.
  void check_masked(const config::InsightConfig& insight) {
    for (const config::FieldPath& field : insight.by) check_masked(field);
    for (const config::FieldPath& field : insight.fields) check_masked(field);
    for (const config::AlsoConfig& also : insight.also) check_masked(also.field);
  }

  void check_masked(const config::FieldPath& field) {
    for (const config::StepConfig& step : config_.steps) {
      const auto* mask = std::get_if<config::MaskStep>(&step.step);
      if (mask == nullptr) continue;
      if (!config::path_key(field).starts_with(config::path_key(mask->field))) continue;
      context_.problems.push_back({field.place,
                                   "'" + field.text + "' is read as it came in, and step " +
                                       std::to_string(step.number) +
                                       " masks it later; 'after: true' reads the masked value",
                                   true});
      return;
    }
  }

  size_t add_selection(const std::string& key, OutcomeSet of) {
    const auto [found, is_new] = selections_.emplace(
        std::to_string(of.has(Outcome::kEmitted)) + std::to_string(of.has(Outcome::kFiltered)) +
            std::to_string(of.has(Outcome::kDeadLettered)) + key,
        program_.selections.size());
    if (is_new) program_.selections.push_back({of, nullptr, false, {}});
    return found->second;
  }

  // The number of the insight's selection.
  size_t selection(const config::InsightConfig& insight) {
    const OutcomeSet of = to_outcomes(insight.of);
    if (!insight.when) return add_selection("", of);
    const size_t count = program_.selections.size();
    const size_t number = add_selection(
        (insight.after ? "after " : "input ") + config::condition_key(*insight.when), of);
    if (number < count) return number;
    SelectionReading& added = program_.selections.back();
    added.when = steps::compile_condition(*insight.when, context_);
    added.after = insight.after;
    return number;
  }

  // What is read for the insight: what another one reads already, or something new.
  PartReading& part(const config::InsightConfig& insight, size_t selection) {
    const PartKind kind = part_kind(insight.kind);
    const std::vector<config::FieldPath> fields = part_fields(insight);
    const bool timed = !fields.empty() && (kind == PartKind::kHours || insight.latency);
    std::string key = std::to_string(selection) + "/" + std::to_string(static_cast<int>(kind)) +
                      "/" + (insight.latency ? "latency/" : "") +
                      (insight.after && !fields.empty() ? "after/" : "");
    if (timed) key += time_key(insight.from);
    key += window_key(insight);
    for (const config::FieldPath& field : fields) key += config::path_key(field) + ",";
    const auto [found, is_new] = parts_.emplace(
        std::move(key), PartPlace{selection, program_.selections[selection].parts.size()});
    std::vector<PartReading>& parts = program_.selections[selection].parts;
    if (!is_new) return parts[found->second.index];

    PartReading& reading = parts.emplace_back();
    reading.part = declaration_.parts.size();
    reading.kind = kind;
    reading.after = insight.after;
    reading.latency = insight.latency;
    for (const config::FieldPath& field : fields)
      reading.fields.push_back(steps::compile_path(field, context_.names));
    if (timed) reading.time = time_format(insight.from);
    insights::Part declared;
    if (insight.window) {
      const config::WindowConfig& window = *insight.window;
      reading.event_time = event_time(window);
      declared.window = {window.every.count(), window.hop.count(), window.grace.count(),
                         window.max_ahead.count()};
    }
    declared.kind = kind;
    declared.fields = kind == PartKind::kKeys ? fields.size() : 0;
    declared.selection = selection;
    declaration_.parts.push_back(std::move(declared));
    return reading;
  }

  EventTime event_time(const config::WindowConfig& window) {
    EventTime event_time;
    event_time.max_ahead_ms = window.max_ahead.count();
    if (!window.on) return event_time;
    event_time.on = steps::compile_path(*window.on, context_.names);
    event_time.time = time_format(window.from);
    return event_time;
  }

  std::unique_ptr<const steps::TimeFormat> time_format(const config::TimeFormat& format) {
    auto compiled = steps::TimeFormat::compile(format, steps::TimeFormat::Use::kRead, nullptr);
    if (compiled.ok())
      return std::make_unique<const steps::TimeFormat>(std::move(compiled.value()));
    context_.problems.push_back({format.pattern.place, compiled.message()});
    return nullptr;
  }

  // The number of a part's edge: one that it has already, or a new one.
  size_t add_edge(const config::AlsoConfig& edge, PartReading& reading) {
    std::vector<insights::EdgeField>& edges = declaration_.parts[reading.part].edges;
    const auto which = edge.edge == config::AlsoConfig::Edge::kFirst ? insights::Edge::kFirst
                                                                     : insights::Edge::kLast;
    const auto [found, is_new] = edges_.emplace(std::to_string(reading.part) + "/" +
                                                    std::to_string(static_cast<int>(which)) + "/" +
                                                    config::path_key(edge.field),
                                                edges.size());
    if (is_new) {
      edges.push_back({which, config::words_of(edge.field)});
      reading.edges.push_back(steps::compile_path(edge.field, context_.names));
    }
    return found->second;
  }

  struct PartPlace {
    size_t selection = 0;
    size_t index = 0;
  };

  const config::PipelineConfig& config_;
  steps::CompileContext& context_;
  insights::Declaration& declaration_;
  InsightProgram program_;
  // What is there already, by texts that are the same where the thing is.
  std::map<std::string, size_t> selections_;
  std::map<std::string, PartPlace> parts_;
  std::map<std::string, size_t> edges_;
};

}  // namespace

InsightProgram compile_insights(const config::PipelineConfig& config,
                                steps::CompileContext& context,
                                insights::Declaration& declaration) {
  return InsightCompiler(config, context, declaration).compile();
}

}  // namespace millrace::plan
