// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "engine/base/result.h"

namespace millrace::config {

// The bytes of a regular file of at most `bytes_max`. Anything else (a directory, a pipe that might
// never end) is an error; the message names no path, for the caller's place does.
[[nodiscard]] base::Result<std::string> read_file(const std::string& path, size_t bytes_max);

// `path` as seen from the folder of `file`.
[[nodiscard]] std::string relative_to_file(const std::string& path, const std::string& file);

}  // namespace millrace::config
