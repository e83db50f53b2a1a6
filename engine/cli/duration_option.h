// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace millrace::cli {

// Adds an option whose value is a duration as in pipeline files: 500ms, 60s, 5m.
void add_duration(CLI::App& command, const std::string& name,
                  std::optional<std::chrono::milliseconds>& value, const std::string& description);

}  // namespace millrace::cli
