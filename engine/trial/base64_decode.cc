// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/base64_decode.h"

#include <cstddef>
#include <cstdint>

namespace millrace::trial {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  size_t characters = 0;
  size_t padding = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos || padding > 0) return std::nullopt;
    bits = bits << 6U | static_cast<uint32_t>(digit);
    // The second, third and fourth of every four characters complete a byte each.
    const size_t unused = 6 - 2 * (characters % 4);
    if (++characters % 4 != 1) bytes += static_cast<char>(bits >> unused & 0xFFU);
  }
  // What is left over must be whole bytes, zeros behind them, and the right padding or none.
  const size_t last = characters % 4;
  if (last == 1 || (last == 2 && (bits & 0xFU) != 0) || (last == 3 && (bits & 0x3U) != 0))
    return std::nullopt;
  if (padding != 0 && padding != (4 - last) % 4) return std::nullopt;
  return bytes;
}

}  // namespace millrace::trial
