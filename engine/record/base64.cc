// SPDX-License-Identifier: Apache-2.0
#include "engine/record/base64.h"

#include <cstddef>
#include <cstdint>

namespace millrace::record {

void append_base64(std::string_view bytes, std::string& to) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](size_t at) {
      return at < bytes.size() ? static_cast<uint32_t>(static_cast<unsigned char>(bytes[at])) : 0U;
    };
    const uint32_t bits = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    to += kDigits[bits >> 18U];
    to += kDigits[bits >> 12U & 63U];
    to += i + 1 < bytes.size() ? kDigits[bits >> 6U & 63U] : '=';
    to += i + 2 < bytes.size() ? kDigits[bits & 63U] : '=';
  }
}

}  // namespace millrace::record
