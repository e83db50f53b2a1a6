// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace millrace::insights {

template <typename Word>
[[nodiscard]] inline bool same_word(const char* a, const char* b) {
  Word word_a;
  Word word_b;
  std::memcpy(&word_a, a, sizeof(Word));
  std::memcpy(&word_b, b, sizeof(Word));
  return word_a == word_b;
}

// Whether two texts of one size are equal: memcmp without a call, for texts of which most are
// short. The last words of a text may overlap the ones before.
[[nodiscard, gnu::always_inline]] inline bool equal_short(const char* a, const char* b,
                                                          size_t size) {
  for (; size > 16; a += 16, b += 16, size -= 16)
    if (!same_word<uint64_t>(a, b) || !same_word<uint64_t>(a + 8, b + 8)) return false;
  if (size >= 8)
    return same_word<uint64_t>(a, b) && same_word<uint64_t>(a + size - 8, b + size - 8);
  if (size >= 4)
    return same_word<uint32_t>(a, b) && same_word<uint32_t>(a + size - 4, b + size - 4);
  if (size >= 2)
    return same_word<uint16_t>(a, b) && same_word<uint16_t>(a + size - 2, b + size - 2);
  return size == 0 || *a == *b;
}

}  // namespace millrace::insights
