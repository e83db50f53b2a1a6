// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/value_set.h"

#include <algorithm>
#include <utility>

#include "engine/record/value_text.h"

namespace millrace::steps {

using record::ValueKind;

ValueSet::ValueSet(std::vector<JsonConstant> values) {
  for (JsonConstant& value : values) {
    switch (value.kind()) {
      case ValueKind::kNull:
        null_ = true;
        break;
      case ValueKind::kBoolean:
        (value.text() == "true" ? true_ : false_) = true;
        break;
      case ValueKind::kNumber:
        number_values_.push_back(std::move(value));
        break;
      case ValueKind::kString:
        strings_.insert(value.text());
        break;
      case ValueKind::kArray:
      case ValueKind::kObject:
        containers_.push_back(std::move(value));
        break;
    }
  }
  for (const JsonConstant& number : number_values_) numbers_.emplace_back(number.text());
  std::sort(numbers_.begin(), numbers_.end(),
            [](const Number& a, const Number& b) { return compare(a, b) < 0; });
}

bool ValueSet::contains(const record::Document& document, record::NodeIndex value,
                        std::string& scratch) const noexcept {
  const record::JsonValue& json = document.node(value).value;
  switch (json.kind) {
    case ValueKind::kNull:
      return null_;
    case ValueKind::kBoolean:
      return json.text == "true" ? true_ : false_;
    case ValueKind::kNumber:
      return contains_number(json.text);
    case ValueKind::kString:
      return !strings_.empty() && strings_.contains(record::content(json, scratch));
    case ValueKind::kArray:
    case ValueKind::kObject:
      return std::any_of(containers_.begin(), containers_.end(), [&](const JsonConstant& constant) {
        return constant.equals(document, value, scratch);
      });
  }
  return false;
}

bool ValueSet::contains_number(std::string_view text) const noexcept {
  if (numbers_.empty()) return false;
  const Number number(text);
  const auto at =
      std::lower_bound(numbers_.begin(), numbers_.end(), number,
                       [](const Number& a, const Number& b) { return compare(a, b) < 0; });
  return at != numbers_.end() && compare(*at, number) == 0;
}

}  // namespace millrace::steps
