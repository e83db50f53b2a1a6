// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "engine/record/document.h"
#include "engine/steps/field.h"
#include "engine/steps/step_compiler.h"

namespace millrace::steps {

// A JSON value of the plan that steps put into records.
class Constant {
 public:
  // Nothing, and a problem at `place`, where `json` is not valid JSON or too deep for a record at
  // `field`.
  [[nodiscard]] static std::optional<Constant> compile(const std::string& json, const Field& field,
                                                       const config::Place& place,
                                                       StepCompiler& compiler);

  // Puts it in the place of a value at the field that it was compiled for.
  void put(record::Document& document, record::NodeIndex at) const noexcept;

 private:
  explicit Constant(std::string json) : json_(std::move(json)) {}

  std::string json_;
};

}  // namespace millrace::steps
