// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::steps {

// An IP address. An IPv4 address stands as its mapped form, ::ffff:a.b.c.d; what was written tells
// the two apart.
struct IpAddress {
  uint64_t high = 0;
  uint64_t low = 0;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

  // Whether it stands for an IPv4 address.
  [[nodiscard]] bool is_mapped_v4() const noexcept { return high == 0 && low >> 32 == 0xFFFF; }
};

// Four decimal numbers from 0 to 255 with dots between; no leading zeros, no white space.
[[nodiscard]] std::optional<IpAddress> parse_ipv4(std::string_view text) noexcept;

// RFC 4291, section 2.2: groups of hexadecimal digits, one "::", the last 32 bits perhaps in the
// form of IPv4. No zone ("%eth0"), no brackets.
[[nodiscard]] std::optional<IpAddress> parse_ipv6(std::string_view text) noexcept;

[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text) noexcept;

// Networks in CIDR notation, all together: one search tells whether an address is in any of them.
// An IPv4 address, mapped ones (::ffff:10.0.0.1) included, is only in IPv4 networks and in networks
// of mapped addresses: not in ::/0.
class IpNetworks {
 public:
  // Adds "10.0.0.0/8", "2001:db8::/32" or one address. False where it is neither.
  [[nodiscard]] bool add(std::string_view network);

  // To be called once after the last add().
  void finish();

  [[nodiscard]] bool contains(const IpAddress& address) const noexcept;

 private:
  struct Range {
    IpAddress first;
    IpAddress last;
  };

  static void merge(std::vector<Range>& ranges);
  static bool contains(const std::vector<Range>& ranges, const IpAddress& address) noexcept;

  // Sorted and disjoint after finish().
  std::vector<Range> v4_;
  std::vector<Range> v6_;
};

}  // namespace millrace::steps
