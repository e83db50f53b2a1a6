// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/record/document.h"
#include "engine/schema/same_value.h"

namespace millrace::schema {

// A value in one of the schema documents.
struct ValuePlace {
  uint32_t document = 0;
  record::NodeIndex node = record::kNoNode;
};

// The values of one `enum` or `const`, sorted so that a value finds its equal without being
// compared with all.
// Lifetime: the documents that the values are of outlive it.
class Constants {
 public:
  // All with a SameValue of one seed.
  void add(const record::Document& document, const record::Node& node, SameValue& same);
  // Ends the adding.
  void sort();

  // Whether one of them equals `node` of `document`.
  [[nodiscard]] bool has(const record::Document& document, const record::Node& node,
                         SameValue& same) const noexcept;

 private:
  struct Container {
    uint64_t hash = 0;
    const record::Document* document = nullptr;
    const record::Node* node = nullptr;
  };

  [[nodiscard]] bool has_string(std::string_view text) const noexcept;
  [[nodiscard]] bool has_number(std::string_view text) const noexcept;

  bool null_ = false;
  bool true_ = false;
  bool false_ = false;
  std::vector<std::string> strings_;       // contents; sorted by length, then bytes
  std::vector<std::string_view> numbers_;  // sorted by value
  std::vector<Container> containers_;      // sorted by hash
};

}  // namespace millrace::schema
