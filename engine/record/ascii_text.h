// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace millrace::record {

// Bytes that are looked at in one go; the compiler makes vector instructions of it, of whatever
// processor it builds for.
using ByteBlock [[gnu::vector_size(16)]] = uint8_t;

// Hands every byte of `text` to `look` in blocks, some of them twice; spaces fill up a short text.
template <typename Look>
inline void look_at_blocks(std::string_view text, Look look) noexcept {
  ByteBlock block = ByteBlock{} + ' ';
  const auto load = [&](size_t at, size_t bytes) {
    std::memcpy(&block, text.data() + at, bytes);
    look(block);
  };
  if (text.size() < sizeof(block)) {
    if (!text.empty()) load(0, text.size());
    return;
  }
  for (size_t at = 0; at + sizeof(block) <= text.size(); at += sizeof(block))
    load(at, sizeof(block));
  load(text.size() - sizeof(block), sizeof(block));
}

// Whether the highest bit of any byte is set.
[[nodiscard]] inline bool has_highest_bit(const ByteBlock& block) noexcept {
  std::array<uint64_t, 2> halves;
  std::memcpy(halves.data(), &block, sizeof(halves));
  return ((halves[0] | halves[1]) & 0x8080808080808080) != 0;
}

// Whether a text is nothing but ASCII and has no DEL, which Python escapes too. Requires: no
// control characters but white space, as in the text of a document.
[[nodiscard]] inline bool is_printable_ascii(std::string_view text) noexcept {
  ByteBlock high{};  // adding one makes the highest bit of DEL
  look_at_blocks(text, [&](const ByteBlock& block) { high |= block | (block + 1); });
  return !has_highest_bit(high);
}

// Whether a text is printable ASCII and stands in a JSON string as it is, also in one that nothing
// but ASCII is written to.
[[nodiscard]] inline bool needs_no_escape(std::string_view text) noexcept {
  ByteBlock odd{};
  look_at_blocks(text, [&](const ByteBlock& block) {
    odd |= block | (block + 1) | reinterpret_cast<ByteBlock>(block < ' ') |
           reinterpret_cast<ByteBlock>(block == '"') | reinterpret_cast<ByteBlock>(block == '\\');
  });
  return !has_highest_bit(odd);
}

}  // namespace millrace::record
