// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace millrace::record {

// A byte string that Kafka may also leave out: null and empty are different things (a record with a
// null value is a tombstone). Does not own; the bytes usually lie in a batch's arena.
class Bytes {
 public:
  constexpr Bytes() = default;

  constexpr Bytes(const char* data, size_t size) : data_(data), size_(size) {}

  // Never null, even where `text` is a default string_view.
  static constexpr Bytes of(std::string_view text) {
    return text.data() == nullptr ? Bytes("", 0) : Bytes(text.data(), text.size());
  }

  [[nodiscard]] constexpr bool null() const { return data_ == nullptr; }

  [[nodiscard]] constexpr const char* data() const { return data_; }

  [[nodiscard]] constexpr size_t size() const { return size_; }

  // The empty view where null.
  [[nodiscard]] constexpr std::string_view view() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  size_t size_ = 0;
};

// One Kafka header. Does not own.
struct Header {
  std::string_view name;
  Bytes value;
};

}  // namespace millrace::record
