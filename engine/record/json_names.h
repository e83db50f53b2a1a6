// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/record/json_walk.h"

namespace millrace::record {

// Finds names that occur twice in an object. A few names are compared each with each, more are
// hashed; only where two of them fall together are they sorted, which settles the matter and is not
// quadratic whatever a sender thinks up.
//
// Threading: one worker at a time. It keeps the room it works in, so that a stream of similar
// records allocates nothing.
class DuplicateFinder {
 public:
  // True where two of `names` are equal. May reorder them.
  [[nodiscard]] bool has_duplicates(std::span<std::string_view> names);

  // Leaves one member of each name: the last value at the place of the first. True where there was
  // something to do.
  bool resolve(std::vector<Member>& members);

  // Gives back the room that only a huge object needs.
  void release_if_huge();

 private:
  // False says only that somebody must look closer.
  template <typename NameAt>
  bool surely_distinct(size_t count, NameAt name_at);

  std::vector<uint32_t> hashes_;  // an open-addressing table, 0 where free
  std::vector<uint32_t> order_;   // of the members by name
};

}  // namespace millrace::record
