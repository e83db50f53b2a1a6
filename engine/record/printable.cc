// SPDX-License-Identifier: Apache-2.0
#include "engine/record/printable.h"

namespace millrace::record {
namespace {

unsigned char byte_at(std::string_view bytes, size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

// Of the character that begins here, by table 3-7 of the Unicode standard; 0 where none does.
size_t character_bytes(std::string_view bytes) {
  const unsigned char first = byte_at(bytes, 0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const size_t length = first < 0xE0 ? 2 : (first < 0xF0 ? 3 : 4);
  if (bytes.size() < length) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte_at(bytes, i) & 0xC0U) != 0x80U) return 0;
  const unsigned char second = byte_at(bytes, 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || beyond ? 0 : length;
}

bool is_control(std::string_view character) {
  const unsigned char first = byte_at(character, 0);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return first == 0xC2 && byte_at(character, 1) < 0xA0;
}

}  // namespace

void append_printable(std::string_view bytes, std::string& to) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  while (!bytes.empty()) {
    const size_t length = character_bytes(bytes);
    if (length != 0 && !is_control(bytes.substr(0, length))) {
      to += bytes.substr(0, length);
      bytes.remove_prefix(length);
      continue;
    }
    to += "\\x";
    to += kHex[byte_at(bytes, 0) >> 4U];
    to += kHex[byte_at(bytes, 0) & 0xFU];
    bytes.remove_prefix(1);
  }
}

std::string printable(std::string_view bytes) {
  std::string shown;
  append_printable(bytes, shown);
  return shown;
}

size_t width(std::string_view shown) {
  size_t characters = 0;
  for (const char c : shown) characters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return characters;
}

}  // namespace millrace::record
