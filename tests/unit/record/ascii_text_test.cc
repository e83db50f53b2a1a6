// SPDX-License-Identifier: Apache-2.0
#include "engine/record/ascii_text.h"

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

namespace millrace::record {
namespace {

// Around the size of a block, and of two.
constexpr size_t kSizeMax = 34;

// Each byte at each place of texts of each size: nothing is looked at twice or not at all.
template <typename Check>
void for_each_byte(Check check) {
  for (size_t size = 0; size <= kSizeMax; ++size) {
    for (size_t place = 0; place < size; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, 'a');
        text[place] = static_cast<char>(byte);
        ASSERT_TRUE(check(text, byte)) << "byte " << byte << " at " << place << " of " << size;
      }
    }
  }
}

TEST(AsciiText, IsPrintableWithoutBytesBeyondTheTilde) {
  for_each_byte([](const std::string& text, int byte) {
    return byte < 0x20 || is_printable_ascii(text) == (byte < 0x7F);
  });
  EXPECT_TRUE(is_printable_ascii(""));
  EXPECT_TRUE(is_printable_ascii("{\"a\":\t1}\r\n"));
}

TEST(AsciiText, NeedsNoEscapeWithoutQuotesBackslashesAndControlCharacters) {
  for_each_byte([](const std::string& text, int byte) {
    const bool plain = byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
    return needs_no_escape(text) == plain;
  });
  EXPECT_TRUE(needs_no_escape(""));
}

}  // namespace
}  // namespace millrace::record
