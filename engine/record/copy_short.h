// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstring>

namespace millrace::record {

// Copies `kBytes` to twice as many in two copies, which overlap where there are fewer.
template <size_t kBytes>
inline void copy_two(char* to, const char* from, size_t size) noexcept {
  std::array<char, kBytes> first;
  std::array<char, kBytes> last;
  std::memcpy(first.data(), from, kBytes);
  std::memcpy(last.data(), from + size - kBytes, kBytes);
  std::memcpy(to, first.data(), kBytes);
  std::memcpy(to + size - kBytes, last.data(), kBytes);
}

// memcpy without a call, for texts of which most are short. The ranges do not overlap.
inline void copy_short(char* to, const char* from, size_t size) noexcept {
  if (size > 64) {
    std::memcpy(to, from, size);
  } else if (size >= 32) {
    copy_two<32>(to, from, size);
  } else if (size >= 16) {
    copy_two<16>(to, from, size);
  } else if (size >= 8) {
    copy_two<8>(to, from, size);
  } else if (size >= 4) {
    copy_two<4>(to, from, size);
  } else {
    for (size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

}  // namespace millrace::record
