// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "engine/config/load.h"
#include "engine/plan/plan.h"
#include "engine/trial/case.h"
#include "engine/trial/case_check.h"
#include "engine/trial/load_cases.h"
#include "engine/trial/trial_run.h"

namespace millrace::trial {

// A pipeline of one schema rule, some steps, a copy and a dead-letter topic; step by step.
inline constexpr const char* kSteps =
    "steps:\n"
    "  - drop_if: {field: id, equals: old}\n"
    "  - lowercase: name\n"
    "  - emit: copies\n"
    "  - cast: {field: n, to: int}\n";

inline std::unique_ptr<const plan::Plan> compile_plan(const std::string& more,
                                                      const std::string& values = "objects") {
  const config::Loaded loaded = config::load_text(
      "pipeline: p\n"
      "kafka: {bootstrap.servers: none}\n"
      "input: {topic: in, group: g, values: " +
          values +
          "}\n"
          "output: {topic: out}\n"
          "delivery: {guarantee: at_least_once}\n" +
          more,
      "p.yaml", [](const std::string&) { return std::nullopt; });
  for (const config::Problem& problem : loaded.problems)
    ADD_FAILURE() << config::to_string(problem);
  plan::Plan::Compiled compiled = plan::Plan::compile(loaded.config);
  for (const config::Problem& problem : compiled.problems)
    ADD_FAILURE() << config::to_string(problem);
  return std::move(compiled.plan);
}

class TrialTest : public ::testing::Test {
 protected:
  explicit TrialTest(const std::string& more = std::string(kSteps) +
                                               "schema: {required: [id]}\n"
                                               "dead_letters: {topic: dead}\n")
      : plan_(compile_plan(more)) {}

  // The one case of a file, from its members in YAML's flow style.
  static Case make_case(const std::string& members) {
    const CaseFile file = load_cases_text("cases: [{name: one, " + members + "}]\n", "p.test.yaml");
    for (const config::Problem& problem : file.problems)
      ADD_FAILURE() << config::to_string(problem);
    return file.cases.empty() ? Case{} : file.cases.front();
  }

  // What is wrong with the case; empty: it passes.
  std::string check(const std::string& members, plan::Observer* observer = nullptr) {
    const Case one = make_case(members);
    TrialRun run(*plan_, observer);
    return check_case(one, run_case(one, run, *plan_));
  }

  const std::unique_ptr<const plan::Plan> plan_;
};

}  // namespace millrace::trial
