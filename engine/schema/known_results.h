// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/record/document.h"
#include "engine/schema/program.h"

namespace millrace::schema {

// What is known of a document's values, so that schemas that ask the same again and again, through
// alternatives inside alternatives, take time in proportion to the document all the same. Empty
// and free of cost for other schemas.
class KnownResults {
 public:
  // Begins with another document.
  void clear() noexcept;

  [[nodiscard]] std::optional<bool> find(SubschemaId schema,
                                         record::NodeIndex value) const noexcept;
  void add(SubschemaId schema, record::NodeIndex value, bool holds) noexcept;

 private:
  struct Entry {
    uint64_t key = 0;
    uint32_t round = 0;  // counts if it is round_
    bool holds = false;
  };

  // The entry of the key, or the free one where it belongs.
  [[nodiscard]] size_t position(uint64_t key) const noexcept;
  void grow() noexcept;

  std::vector<Entry> entries_;  // a power of two, at most half full
  size_t used_ = 0;
  uint32_t round_ = 1;
};

}  // namespace millrace::schema
