// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace millrace::steps {

inline constexpr size_t kSha256Bytes = 32;
inline constexpr size_t kSha256BlockBytes = 64;

using Sha256Digest = std::array<unsigned char, kSha256Bytes>;

// SHA-256 of the parts in a row. Allocates nothing.
[[nodiscard]] Sha256Digest sha256(std::initializer_list<std::string_view> parts) noexcept;

// A key of HMAC-SHA-256 (RFC 2104), made ready once. Immutable, shared by all workers.
class HmacKey {
 public:
  explicit HmacKey(std::string_view key);

  [[nodiscard]] Sha256Digest sign(std::string_view message) const noexcept;

 private:
  // A block of SHA-256: the key, each byte changed by the constant of the one pass or the other.
  std::array<char, kSha256BlockBytes> inner_{};
  std::array<char, kSha256BlockBytes> outer_{};
};

}  // namespace millrace::steps
