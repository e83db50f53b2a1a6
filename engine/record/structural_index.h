// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/record/parse_error.h"

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace millrace::record {

// simdjson's stage 1: the places of all brackets, colons and commas outside strings, and of the
// first byte of every other token. It also checks the UTF-8 of the document and that its strings
// are closed and without control characters. That is an internal interface of simdjson, so the
// constructor tries it out once (docs/decisions/0002).
//
// Threading: one worker. It keeps its room, but that for a huge document until the next one only.
class StructuralIndex {
 public:
  StructuralIndex();
  ~StructuralIndex();
  StructuralIndex(const StructuralIndex&) = delete;
  StructuralIndex& operator=(const StructuralIndex&) = delete;

  // kNone, kEmpty (nothing but white space) or, for whatever else stage 1 finds wrong, kSyntax.
  // Reads nothing beyond the document's end.
  [[nodiscard]] ParseError index(std::string_view document) noexcept;

  // count() places and, one more, the document's length. Until the next index().
  [[nodiscard]] const uint32_t* places() const noexcept { return places_; }

  [[nodiscard]] size_t count() const noexcept { return count_; }

 private:
  void fit_room(size_t bytes) noexcept;
  void set_room(size_t bytes) noexcept;

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage1_;
  size_t room_ = 0;  // the largest document that stage1_ can take
  const uint32_t* places_ = nullptr;
  size_t count_ = 0;
};

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace millrace::record
