// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/compile.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/limits.h"
#include "engine/plan/compile_insights.h"
#include "engine/plan/compile_schema.h"
#include "engine/plan/plan.h"
#include "engine/record/parse_error.h"

namespace millrace::plan {
// Compiles a plan in the order in which records meet its parts, which is also the order of the
// rules.
class PlanCompiler {
 public:
  PlanCompiler(const config::PipelineConfig& config, Plan& plan)
      : config_(config),
        plan_(plan),
        program_(plan.program_),
        context_{plan.names_, plan.declaration_.rules, problems_,
                 config.input.values == config::Values::kObjects} {}

  std::vector<config::Problem> compile() {
    add_topics();
    // A parse error's rule is its number less one: Processor relies on it.
    for (auto error = record::ParseError::kEmpty; error <= record::ParseError::kDuplicateMember;
         error = static_cast<record::ParseError>(static_cast<int>(error) + 1))
      add_rule(record::rule_id(error));
    program_.rules.tombstone = add_rule("input:tombstone");
    if (config_.schema) add_schema();
    for (const config::StepConfig& step : config_.steps) add_step(step);
    program_.rules.output_key = add_rule("output:key");
    program_.rules.output_expansion = add_rule("output:expansion");
    program_.rules.output_too_large = add_rule("output:too_large");
    if (config_.delivery.on_failure == config::OnFailure::kDeadLetter)
      program_.rules.delivery_refused = add_rule("delivery:refused");
    add_output();
    program_.insights = compile_insights(config_, context_, plan_.declaration_);
    return std::move(problems_);
  }

 private:
  steps::RuleId add_rule(std::string id) {
    plan_.declaration_.rules.push_back(std::move(id));
    return {static_cast<uint32_t>(plan_.declaration_.rules.size() - 1)};
  }

  record::OutputTopic topic(const std::string& name, bool dead_letters) {
    std::vector<OutputTopicUse>& topics = plan_.output_topics_;
    auto found = std::find_if(topics.begin(), topics.end(),
                              [&name](const OutputTopicUse& use) { return use.name == name; });
    if (found == topics.end()) {
      // The configuration has said so; the plan is compiled only for what else is wrong.
      if (topics.size() == base::limits::kOutputTopicsMax) return 0;
      found = topics.insert(topics.end(), OutputTopicUse{name});
    }
    (dead_letters ? found->dead_letters : found->records) = true;
    return static_cast<record::OutputTopic>(found - topics.begin());
  }

  // The output's and the dead letters' topics come first.
  void add_topics() {
    program_.output_topic = topic(config_.output.topic.value, false);
    if (!config_.dead_letters.discard)
      program_.dead_letters = topic(config_.dead_letters.topic.value, true);
  }

  void add_schema() {
    program_.schema = compile_schema(config_, plan_.names_, problems_);
    program_.schema_rules = {static_cast<uint32_t>(plan_.declaration_.rules.size())};
    if (program_.schema == nullptr) return;
    for (const std::string& rule : program_.schema->rules()) add_rule("schema:" + rule);
  }

  void add_step(const config::StepConfig& step) {
    Instruction instruction;
    instruction.dead_letters =
        step.dead_letters ? topic(step.dead_letters->value, true) : program_.dead_letters;
    if (const auto* emit = std::get_if<config::EmitStep>(&step.step)) {
      instruction.emit = Emit{topic(emit->topic.value, false)};
    } else if (const auto* route = std::get_if<config::RouteStep>(&step.step)) {
      instruction.route = compile_route(*route, step);
    } else if (const auto* explode = std::get_if<config::ExplodeStep>(&step.step)) {
      instruction.explode = std::make_unique<const Explode>(
          Explode{steps::compile_path(explode->field, plan_.names_),
                  explode->piece == config::ExplodeStep::Piece::kRecord,
                  explode->empty == config::ExplodeStep::Empty::kReject, step_rule(step)});
      context_.records_are_objects =
          explode->piece == config::ExplodeStep::Piece::kRecord && context_.records_are_objects;
    } else {
      instruction.step = steps::compile_step(step, context_);
    }
    program_.instructions.push_back(std::move(instruction));
  }

  steps::RuleId step_rule(const config::StepConfig& step) {
    return add_rule("step:" + std::to_string(step.number) + ":" + step.kind);
  }

  std::unique_ptr<const Route> compile_route(const config::RouteStep& step,
                                             const config::StepConfig& of) {
    auto route = std::make_unique<Route>();
    for (const config::RouteStep::Case& one : step.cases) {
      Route::Case compiled;
      if (one.condition) compiled.condition = steps::compile_condition(*one.condition, context_);
      compiled.topic = topic(one.topic.value, false);
      route->cases.push_back(std::move(compiled));
    }
    const bool decides =
        std::any_of(route->cases.begin(), route->cases.end(), [](const Route::Case& one) {
          return one.condition != nullptr && one.condition->may_be_undecided();
        });
    if (decides) route->rule = step_rule(of);
    return route;
  }

  void add_output() {
    program_.key = config_.output.key;
    if (program_.key == config::OutputKey::kField)
      program_.key_path = steps::compile_path(config_.output.key_field, plan_.names_);
    program_.encoding = config_.output.encoding == config::OutputEncoding::kSpaced
                            ? record::Encoding::kSpaced
                            : record::Encoding::kCompact;
    for (const config::Text& field : config_.dead_letters.fields) {
      record::Path path;
      path.segments.push_back({plan_.names_.intern(field.value), 0});
      path.text = field.value;
      program_.letter_fields.push_back(std::move(path));
    }
  }

  const config::PipelineConfig& config_;
  Plan& plan_;
  Program& program_;
  std::vector<config::Problem> problems_;
  steps::CompileContext context_;
};

Plan::Compiled Plan::compile(const config::PipelineConfig& config) {
  std::unique_ptr<Plan> plan(new Plan(config));
  Compiled compiled;
  compiled.problems = PlanCompiler(config, *plan).compile();
  const bool good = std::none_of(compiled.problems.begin(), compiled.problems.end(),
                                 [](const config::Problem& problem) { return !problem.warning; });
  if (good) compiled.plan = std::move(plan);
  return compiled;
}

}  // namespace millrace::plan
