// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/record/document.h"
#include "engine/record/json_text.h"

namespace millrace::schema {

// Whether JSON values are the same: strings by content, numbers by value (1.0 is 1, of any size),
// arrays by order, objects regardless of it. No answer takes time beyond n log n in the values.
//
// Threading: one worker; holds its scratch. Lifetime: the documents outlive each call only.
class SameValue {
 public:
  // The seed keeps whoever writes the values from choosing their hashes.
  explicit SameValue(uint64_t hash_seed) : hash_seed_(hash_seed) {}

  [[nodiscard]] bool same(const record::Document& a_document, const record::Node& a,
                          const record::Document& b_document, const record::Node& b) noexcept;

  // Equal for the same values, under the same seed.
  [[nodiscard]] uint64_t hash(const record::Document& document, const record::Node& node) noexcept;

  // The content of a string with escapes, until the next call of anything.
  [[nodiscard]] std::string_view content(const record::JsonValue& string) noexcept;

  // Whether no two elements of an array are the same.
  [[nodiscard]] bool all_different(const record::Document& document,
                                   const record::Node& array) noexcept;

 private:
  struct HashedNode {
    uint64_t hash = 0;
    record::NodeIndex node = record::kNoNode;
  };

  [[nodiscard]] bool same_text(std::string_view a, bool a_escaped, std::string_view b,
                               bool b_escaped) noexcept;
  [[nodiscard]] uint64_t hash_text(std::string_view text, bool escaped) noexcept;
  [[nodiscard]] bool same_arrays(const record::Document& a_document, const record::Node& a,
                                 const record::Document& b_document,
                                 const record::Node& b) noexcept;
  [[nodiscard]] bool same_objects(const record::Document& a_document, const record::Node& a,
                                  const record::Document& b_document,
                                  const record::Node& b) noexcept;
  // With the members of b as those of `stack_` from `first` on.
  [[nodiscard]] bool same_members(const record::Document& a_document, const record::Node& a,
                                  const record::Document& b_document, size_t first) noexcept;
  // Of those of `stack_` from `first` on.
  [[nodiscard]] bool hashed_all_different(const record::Document& document, size_t first) noexcept;

  uint64_t hash_seed_;
  std::string a_text_;
  std::string b_text_;
  std::vector<HashedNode> stack_;  // nested calls use what lies above
};

}  // namespace millrace::schema
