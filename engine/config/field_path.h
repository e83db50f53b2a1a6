// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/place.h"

namespace millrace::config {

// The way to a value inside a record, as the user wrote it: user.address.city, items[0].sku,
// ["a.b"].c for a name with a dot; "." is the record itself (no parts).
struct FieldPath {
  struct Part {
    std::string name;
    uint32_t index = 0;
    bool is_index = false;
  };

  std::vector<Part> parts;
  std::string text;
  Place place;

  [[nodiscard]] bool is_record() const { return parts.empty(); }
};

inline constexpr size_t kPathPartsMax = 32;
inline constexpr uint32_t kPathIndexMax = 1'000'000;

// Reads a path; its place stays empty. The message says what is wrong at which character, and shows
// nothing of the text.
[[nodiscard]] base::Result<FieldPath> parse_field_path(std::string_view text);

// Two paths have the same key where they lead to the same value: a and ["a"].
[[nodiscard]] std::string path_key(const FieldPath& path);

}  // namespace millrace::config
