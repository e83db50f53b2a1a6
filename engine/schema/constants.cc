// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/constants.h"

#include <algorithm>
#include <tuple>

#include "engine/record/decimal.h"
#include "engine/record/value_text.h"

namespace millrace::schema {
namespace {

using record::ValueKind;

// Up to here a search from the front is faster than one by halves.
constexpr size_t kFew = 8;

bool by_length(std::string_view a, std::string_view b) noexcept {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

void Constants::add(const record::Document& document, const record::Node& node, SameValue& same) {
  switch (node.value.kind) {
    case ValueKind::kNull:
      null_ = true;
      return;
    case ValueKind::kBoolean:
      (node.value.text == "true" ? true_ : false_) = true;
      return;
    case ValueKind::kNumber:
      numbers_.push_back(node.value.text);
      return;
    case ValueKind::kString: {
      std::string scratch;
      strings_.emplace_back(record::content(node.value, scratch));
      return;
    }
    case ValueKind::kArray:
    case ValueKind::kObject:
      containers_.push_back({same.hash(document, node), &document, &node});
      return;
  }
}

void Constants::sort() {
  std::sort(strings_.begin(), strings_.end(), by_length);
  std::sort(numbers_.begin(), numbers_.end(), [](std::string_view a, std::string_view b) {
    return record::compare_numbers(a, b) < 0;
  });
  std::sort(containers_.begin(), containers_.end(),
            [](const Container& a, const Container& b) { return a.hash < b.hash; });
}

bool Constants::has(const record::Document& document, const record::Node& node,
                    SameValue& same) const noexcept {
  switch (node.value.kind) {
    case ValueKind::kNull:
      return null_;
    case ValueKind::kBoolean:
      return node.value.text == "true" ? true_ : false_;
    case ValueKind::kNumber:
      return has_number(node.value.text);
    case ValueKind::kString:
      if (!node.value.escaped) [[likely]]
        return has_string(node.value.plain());
      return has_string(same.content(node.value));
    case ValueKind::kArray:
    case ValueKind::kObject:
      break;
  }
  if (containers_.empty()) return false;
  const uint64_t hash = same.hash(document, node);
  auto i = std::lower_bound(
      containers_.begin(), containers_.end(), hash,
      [](const Container& container, uint64_t value) { return container.hash < value; });
  for (; i != containers_.end() && i->hash == hash; ++i) {
    if (same.same(document, node, *i->document, *i->node)) return true;
  }
  return false;
}

bool Constants::has_string(std::string_view text) const noexcept {
  if (strings_.size() > kFew) {
    return std::binary_search(strings_.begin(), strings_.end(), text, by_length);
  }
  return std::any_of(strings_.begin(), strings_.end(),
                     [text](std::string_view string) { return string == text; });
}

bool Constants::has_number(std::string_view text) const noexcept {
  if (numbers_.size() > kFew) {
    return std::binary_search(
        numbers_.begin(), numbers_.end(), text,
        [](std::string_view a, std::string_view b) { return record::compare_numbers(a, b) < 0; });
  }
  return std::any_of(numbers_.begin(), numbers_.end(), [text](std::string_view number) {
    return number == text || record::equal_numbers(number, text);
  });
}

}  // namespace millrace::schema
