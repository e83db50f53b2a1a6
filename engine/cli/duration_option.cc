// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/duration_option.h"

#include <CLI/CLI.hpp>

#include "engine/config/quantities.h"

namespace millrace::cli {

void add_duration(CLI::App& command, const std::string& name,
                  std::optional<std::chrono::milliseconds>& value, const std::string& description) {
  command
      .add_option_function<std::string>(
          name,
          [name, &value](const std::string& text) {
            value = config::parse_duration(text);
            if (!value)
              throw CLI::ValidationError(name, "'" + text + "' is not a duration such as 60s");
          },
          description)
      ->type_name("DURATION");
}

}  // namespace millrace::cli
