// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/record/document.h"
#include "engine/record/json_value.h"

namespace millrace::steps {

// A JSON value of the plan, taken apart so that values of records can be compared with it: numbers
// by value, strings by content, arrays in order, objects whatever the order of their members.
class JsonConstant {
 public:
  // Nothing where `json` is not valid JSON.
  [[nodiscard]] static std::optional<JsonConstant> parse(std::string_view json);

  // Time: that of reading the value, whatever the constant. `scratch` is for unescaping.
  [[nodiscard]] bool equals(const record::Document& document, record::NodeIndex value,
                            std::string& scratch) const noexcept;

  [[nodiscard]] record::ValueKind kind() const noexcept { return kind_; }

  // A string's content; the text of other scalars; of containers nothing.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  JsonConstant(const record::Document& document, record::NodeIndex value);

  [[nodiscard]] bool equals_array(const record::Document& document, record::NodeIndex value,
                                  std::string& scratch) const noexcept;
  [[nodiscard]] bool equals_object(const record::Document& document, record::NodeIndex value,
                                   std::string& scratch) const noexcept;
  [[nodiscard]] const JsonConstant* member(std::string_view name) const noexcept;

  record::ValueKind kind_;
  std::string text_;
  std::vector<std::string> names_;   // of an object's members, sorted
  std::vector<JsonConstant> parts_;  // an array's elements; an object's values, in names_' order
};

}  // namespace millrace::steps
