// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/text_difference.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "engine/record/printable.h"

namespace millrace::trial {
namespace {

constexpr size_t kBeforeBytesMax = 48;
constexpr size_t kAfterBytesMax = 48;

bool is_continuation(std::string_view text, size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

// Back to where a character begins, so that it is shown whole; bytes that are no UTF-8 have no such
// place near.
size_t character_begin(std::string_view text, size_t at) {
  for (size_t back = 0; back < 4 && back <= at; ++back)
    if (!is_continuation(text, at - back)) return at - back;
  return at;
}

size_t parting(std::string_view expected, std::string_view actual) {
  const size_t shorter = std::min(expected.size(), actual.size());
  const auto parted = std::mismatch(
      expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(shorter), actual.begin());
  const auto at = static_cast<size_t>(parted.first - expected.begin());
  return std::min(character_begin(expected, at), character_begin(actual, at));
}

struct Window {
  std::string before;  // the difference
  std::string after;   // from there on
};

Window window(std::string_view text, size_t at) {
  const size_t begin = at <= kBeforeBytesMax ? 0 : character_begin(text, at - kBeforeBytesMax);
  const size_t end =
      text.size() - at <= kAfterBytesMax ? text.size() : character_begin(text, at + kAfterBytesMax);
  Window shown;
  if (begin > 0) shown.before = "…";
  record::append_printable(text.substr(begin, at - begin), shown.before);
  record::append_printable(text.substr(at, end - at), shown.after);
  if (end < text.size()) shown.after += "…";
  return shown;
}

}  // namespace

std::string text_difference(std::string_view expected, std::string_view actual,
                            std::string_view label) {
  const size_t at = parting(expected, actual);
  const Window left = window(expected, at);
  const Window right = window(actual, at);
  return fmt::format("- {0}{1}{2}\n+ {0}{3}{4}\n  {5:{6}}^ byte {7}\n", label, left.before,
                     left.after, right.before, right.after, "",
                     record::width(label) + record::width(left.before), at);
}

}  // namespace millrace::trial
