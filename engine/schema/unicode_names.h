// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace millrace::schema {

// A value of a Unicode property under its short and its long name. RE2 knows scripts by the long
// one.
struct UnicodeName {
  std::string_view short_name;
  std::string_view long_name;
};

// Unicode's scripts, as far as RE2 knows them.
extern const std::array<UnicodeName, 161> kUnicodeScripts;

}  // namespace millrace::schema
