// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace millrace::record {

// Never 0. Good for ordinary names; who makes names collide must be borne by the caller.
[[nodiscard]] uint32_t hash_name(std::string_view name) noexcept;

// Finds names that occur twice in an object. A few names are compared each with each, more are
// hashed; only where two of them fall together are they sorted, which settles the matter and is not
// quadratic whatever a sender thinks up.
//
// Threading: one worker at a time. It keeps the room it works in, so that a stream of similar
// records allocates nothing.
class DuplicateFinder {
 public:
  // For a name that stands again later: which place holds the last of them; kDropped for all the
  // places that follow the first of a name.
  static constexpr uint32_t kDropped = UINT32_MAX;

  // True where two of `names` are equal. Then last_of()[i] is i for a name that stands once.
  [[nodiscard]] bool find(std::span<const std::string_view> names);

  [[nodiscard]] std::span<const uint32_t> last_of() const { return last_of_; }

  // Gives back the room that only a huge object needs.
  void release_if_huge();

 private:
  // False says only that somebody must look closer.
  bool surely_distinct(std::span<const std::string_view> names);

  std::vector<uint32_t> hashes_;  // an open-addressing table, 0 where free
  std::vector<uint32_t> order_;   // of the places by name
  std::vector<uint32_t> last_of_;
};

}  // namespace millrace::record
