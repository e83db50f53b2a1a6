// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "engine/record/document.h"
#include "engine/record/names.h"
#include "engine/schema/schema.h"

namespace millrace::schema {

// A schema that must compile, and what it says of values.
class Checked {
 public:
  struct Answer {
    bool valid = true;
    std::string rule;
    std::string sentence;
    std::string pointer;  // of the value
  };

  explicit Checked(std::string_view schema, const Options& options = {},
                   const std::string& uri = "")
      : compiled_(compile(schema, uri, names_, options)),
        document_(names_, {.objects_only = false}) {
    for (const Problem& problem : compiled_.problems) {
      if (!problem.warning) ADD_FAILURE() << problem.pointer << ": " << problem.message;
    }
  }

  [[nodiscard]] const std::vector<std::string>& rules() const { return compiled_.schema->rules(); }

  [[nodiscard]] const std::vector<Problem>& problems() const { return compiled_.problems; }

  [[nodiscard]] Answer answer(std::string_view value) {
    Answer answer;
    if (compiled_.schema == nullptr) return answer;
    EXPECT_EQ(document_.parse(value), record::ParseError::kNone) << value;
    Checker checker(*compiled_.schema);
    answer.valid = checker.valid(document_);
    if (answer.valid) return answer;
    Failure failure;
    checker.explain(document_, failure);
    answer.rule = rules()[failure.rule];
    answer.sentence = failure.sentence;
    document_.append_pointer(failure.value, answer.pointer);
    return answer;
  }

  [[nodiscard]] bool accepts(std::string_view value) { return answer(value).valid; }

  [[nodiscard]] std::string sentence(std::string_view value) { return answer(value).sentence; }

 private:
  record::NameTable names_;
  Compiled compiled_;
  record::Document document_;
};

}  // namespace millrace::schema
