// SPDX-License-Identifier: Apache-2.0
#include "engine/config/ip_network.h"

#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/config/quantities.h"

namespace millrace::config {
namespace {

constexpr size_t kTextBytesMax = INET6_ADDRSTRLEN + 4;  // "/128"

std::optional<size_t> prefix_of(std::string_view text, size_t bits) {
  const auto prefix = parse_count(text);
  const bool has_leading_zero = text.size() > 1 && text[0] == '0';
  if (!prefix || *prefix > bits || has_leading_zero) return std::nullopt;
  return *prefix;
}

}  // namespace

NetworkCheck check_ip_network(std::string_view text) {
  // inet_pton reads up to a zero, which would hide the rest.
  if (text.size() > kTextBytesMax || text.find('\0') != std::string_view::npos) return {};
  const size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  const bool is_v4 = address.find(':') == std::string::npos;
  const int family = is_v4 ? AF_INET : AF_INET6;
  const size_t bits = is_v4 ? 32 : 128;
  std::array<uint8_t, 16> bytes{};
  if (::inet_pton(family, address.c_str(), bytes.data()) != 1) return {};
  if (slash == std::string_view::npos) return NetworkCheck{true, {}};
  const auto prefix = prefix_of(text.substr(slash + 1), bits);
  if (!prefix) return {};

  bool has_more_bits = false;
  for (size_t bit = *prefix; bit < bits; ++bit) {
    const auto mask = static_cast<uint8_t>(0x80U >> (bit % 8));
    has_more_bits = has_more_bits || (bytes[bit / 8] & mask) != 0;
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] & ~mask);
  }
  if (!has_more_bits) return NetworkCheck{true, {}};
  std::array<char, INET6_ADDRSTRLEN> shown{};
  ::inet_ntop(family, bytes.data(), shown.data(), shown.size());
  return NetworkCheck{true, std::string(shown.data()) + "/" + std::to_string(*prefix)};
}

}  // namespace millrace::config
