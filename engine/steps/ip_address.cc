// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/ip_address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <limits>

namespace millrace::steps {
namespace {

constexpr size_t kAddressBits = 128;
constexpr size_t kMappedPrefixBits = 96;
constexpr uint64_t kAllOnes = std::numeric_limits<uint64_t>::max();

// Takes a number from 0 to 255 without leading zeros off `rest`; false where there is none.
bool take_octet(std::string_view& rest, uint32_t& octet) noexcept {
  octet = 0;
  size_t digits = 0;
  while (digits < rest.size() && digits < 3 && rest[digits] >= '0' && rest[digits] <= '9') {
    octet = octet * 10 + static_cast<uint32_t>(rest[digits] - '0');
    ++digits;
  }
  if (digits == 0 || octet > 255 || (digits > 1 && rest.front() == '0')) return false;
  rest.remove_prefix(digits);
  return true;
}

uint64_t read_big_endian(const unsigned char* bytes) noexcept {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof value; ++i) value = value << 8 | bytes[i];
  return value;
}

// The bits behind the first `bits` of 64.
uint64_t host_mask(size_t bits) noexcept {
  return bits >= 64 ? 0 : kAllOnes >> bits;
}

struct Network {
  IpAddress address;
  size_t prefix_bits = 0;  // of 128
};

std::optional<Network> parse_network(std::string_view text) noexcept {
  const size_t slash = text.find('/');
  const std::string_view address_text = text.substr(0, slash);
  const auto v4 = parse_ipv4(address_text);
  const auto address = v4 ? v4 : parse_ipv6(address_text);
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return Network{*address, kAddressBits};

  const std::string_view bits_text = text.substr(slash + 1);
  const char* end = bits_text.data() + bits_text.size();
  size_t bits = 0;
  const auto parsed = std::from_chars(bits_text.data(), end, bits);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  const size_t skipped = v4 ? kMappedPrefixBits : 0;
  if (bits > kAddressBits - skipped) return std::nullopt;
  return Network{*address, bits + skipped};
}

}  // namespace

std::optional<IpAddress> parse_ipv4(std::string_view text) noexcept {
  uint64_t value = 0;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
    uint32_t octet = 0;
    if (!take_octet(text, octet)) return std::nullopt;
    value = value << 8 | octet;
  }
  if (!text.empty()) return std::nullopt;
  return IpAddress{0, uint64_t{0xFFFF} << 32 | value};
}

std::optional<IpAddress> parse_ipv6(std::string_view text) noexcept {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size()) return std::nullopt;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  std::copy(text.begin(), text.end(), terminated.begin());
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (inet_pton(AF_INET6, terminated.data(), bytes.data()) != 1) return std::nullopt;
  return IpAddress{read_big_endian(bytes.data()), read_big_endian(bytes.data() + 8)};
}

std::optional<IpAddress> parse_ip(std::string_view text) noexcept {
  const auto v4 = parse_ipv4(text);
  return v4 ? v4 : parse_ipv6(text);
}

bool IpNetworks::add(std::string_view network) {
  const auto parsed = parse_network(network);
  if (!parsed) return false;
  const size_t bits = parsed->prefix_bits;
  const uint64_t high_mask = host_mask(bits);
  const uint64_t low_mask = host_mask(bits < 64 ? 0 : bits - 64);
  const Range range{{parsed->address.high & ~high_mask, parsed->address.low & ~low_mask},
                    {parsed->address.high | high_mask, parsed->address.low | low_mask}};
  const bool v4 = bits >= kMappedPrefixBits && range.first.is_mapped_v4();
  (v4 ? v4_ : v6_).push_back(range);
  return true;
}

void IpNetworks::finish() {
  merge(v4_);
  merge(v6_);
}

void IpNetworks::merge(std::vector<Range>& ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.first < b.first; });
  std::vector<Range> merged;
  for (const Range& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().last) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  ranges = std::move(merged);
}

bool IpNetworks::contains(const std::vector<Range>& ranges, const IpAddress& address) noexcept {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), address,
                       [](const IpAddress& a, const Range& range) { return a < range.first; });
  return after != ranges.begin() && address <= std::prev(after)->last;
}

bool IpNetworks::contains(const IpAddress& address) const noexcept {
  return contains(address.is_mapped_v4() ? v4_ : v6_, address);
}

}  // namespace millrace::steps
