// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "engine/config/pipeline_config.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace millrace::cli {

// --serve ADDRESS:PORT.
CLI::Option* add_serve(CLI::App& command, std::string& address);

// What the file says, at another address; its token and its certificate stay. Requires: the option
// took `address`.
[[nodiscard]] config::ServeConfig with_address(const std::optional<config::ServeConfig>& file,
                                               const std::string& address);

}  // namespace millrace::cli
