// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/joined_key.h"

#include "engine/base/check.h"
#include "engine/insights/encoding.h"
#include "engine/record/copy_short.h"

namespace millrace::insights {
namespace {

// A length is written in base 128, the low digits first, each but the last with its top bit set.
constexpr size_t kDigit = 0x80;
constexpr size_t kLengthBytesMax = 10;

char* write_length(size_t length, char* to) {
  for (; length >= kDigit; length /= kDigit) *to++ = static_cast<char>(length % kDigit + kDigit);
  *to++ = static_cast<char>(length);
  return to;
}

size_t take_length(std::string_view& from) {
  size_t length = 0;
  for (unsigned shift = 0;; shift += 7) {
    MILLRACE_CHECK(!from.empty() && shift < 63);
    const auto digit = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    length += (digit % kDigit) << shift;
    if (digit < kDigit) return length;
  }
}

std::string_view take_value(std::string_view& from) {
  const size_t length = take_length(from);
  MILLRACE_CHECK(length <= from.size());
  const std::string_view value = from.substr(0, length);
  from.remove_prefix(length);
  return value;
}

}  // namespace

std::string_view join_key(std::span<const std::string_view> values, std::vector<char>& room) {
  size_t size_max = values.size() * kLengthBytesMax;
  for (const std::string_view value : values) size_max += value.size();
  if (room.size() < size_max) [[unlikely]]
    room.resize(size_max);
  char* to = room.data();
  for (const std::string_view value : values) {
    to = write_length(value.size(), to);
    record::copy_short(to, value.data(), value.size());
    to += value.size();
  }
  return {room.data(), static_cast<size_t>(to - room.data())};
}

bool is_joined_key(std::string_view bytes, size_t values) {
  // The lengths are an Encoder's numbers.
  Decoder rest(bytes);
  for (size_t i = 0; i < values; ++i) static_cast<void>(rest.text());
  return rest.ok() && rest.at_end();
}

bool is_key(std::string_view bytes, size_t fields) {
  return fields == 1 || is_joined_key(bytes, fields);
}

std::vector<std::string_view> split_key(std::string_view joined, size_t values) {
  std::vector<std::string_view> split;
  split.reserve(values);
  for (size_t i = 0; i < values; ++i) split.push_back(take_value(joined));
  MILLRACE_CHECK(joined.empty());
  return split;
}

std::string_view first_values(std::string_view joined, size_t values) {
  std::string_view rest = joined;
  for (size_t i = 0; i < values; ++i) static_cast<void>(take_value(rest));
  return joined.substr(0, joined.size() - rest.size());
}

std::vector<std::string_view> values_of(std::string_view key, size_t fields) {
  return fields == 1 ? std::vector{key} : split_key(key, fields);
}

std::string_view first_value(std::string_view key, size_t fields) {
  return fields == 1 ? key : take_value(key);
}

bool comes_before(std::string_view a, std::string_view b, size_t fields) {
  if (fields == 1) return a < b;
  for (size_t i = 0; i < fields; ++i) {
    const int order = take_value(a).compare(take_value(b));
    if (order != 0) return order < 0;
  }
  return false;
}

}  // namespace millrace::insights
