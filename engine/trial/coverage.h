// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "engine/plan/observer.h"
#include "engine/plan/plan.h"

namespace millrace::trial {

// Which rules and steps of a plan the records seen so far exercised: a rule by being the reason of
// a dead letter, a step by having an effect (it changed, filtered, rejected, copied or routed a
// record). Asked for are the rules that the user wrote, `schema:…` and `step:…`; what every
// pipeline has (`parse:…`, `input:…`, `output:…`) is not, and neither is a schema's `type: object`
// where nothing else comes to the schema (input.values).
//
// Threading: one thread. Lifetime: the plan outlives it.
class Coverage final : public plan::Observer {
 public:
  explicit Coverage(const plan::Plan& plan);

  void on_record(size_t /*index*/) override {}

  void on_checked(const record::Document& /*document*/) override {}

  void on_step(size_t step, const record::Document& document, bool effect) override;
  void on_rejected(const plan::Rejection& rejection) override;

  void on_outcome(size_t /*index*/, record::Outcome /*outcome*/) override {}

  [[nodiscard]] bool complete() const;

  // The rules and steps that no record exercised, a line each.
  [[nodiscard]] std::vector<std::string> missing() const;

  // "rules 3 of 4, steps 2 of 2 exercised"
  [[nodiscard]] std::string summary() const;

 private:
  const plan::Plan& plan_;
  std::vector<std::string> rules_;  // asked for, in the plan's order, each once
  std::set<std::string, std::less<>> rejected_by_;
  std::vector<bool> steps_;
};

}  // namespace millrace::trial
