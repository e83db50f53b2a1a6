// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

// What libFuzzer calls with each input. NOLINTNEXTLINE(readability-identifier-naming): its name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

// What the fuzz targets share. Each is a function of the bytes alone; a broken promise ends the
// process, and libFuzzer keeps the input.
namespace millrace::fuzz {

// Parts of an input, which NUL bytes separate: neither YAML nor JSON holds one.
inline std::vector<std::string_view> split_at_nul(const uint8_t* data, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t nul = rest.find('\0');
    parts.push_back(rest.substr(0, nul));
    if (nul == std::string_view::npos) return parts;
    rest.remove_prefix(nul + 1);
  }
}

}  // namespace millrace::fuzz
