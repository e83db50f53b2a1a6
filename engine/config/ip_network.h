// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace millrace::config {

// What a text says as CIDR: 10.0.0.0/8, 2001:db8::/32, or one address without a prefix.
struct NetworkCheck {
  bool is_network = false;
  std::string network;  // where address bits are set behind the prefix: the text without them
};

[[nodiscard]] NetworkCheck check_ip_network(std::string_view text);

}  // namespace millrace::config
