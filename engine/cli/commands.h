// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "engine/base/startup_error.h"

namespace CLI {
class App;
}

// The commands of the program, one file each. `add_…` declares a command's options; when the user
// chose it, `chosen` is set to what runs it.
namespace millrace::cli {

using Command = std::function<base::ExitCode()>;

void add_check(CLI::App& app, Command& chosen);
void add_completion(CLI::App& app, Command& chosen);
void add_dead_letters(CLI::App& app, Command& chosen);
void add_demo(CLI::App& app, Command& chosen);
void add_doctor(CLI::App& app, Command& chosen);
void add_generate(CLI::App& app, Command& chosen);
void add_man(CLI::App& app, Command& chosen);
void add_offsets(CLI::App& app, Command& chosen);
void add_probe(CLI::App& app, Command& chosen);
void add_read(CLI::App& app, Command& chosen);
void add_report(CLI::App& app, Command& chosen);
void add_run(CLI::App& app, Command& chosen);
void add_test(CLI::App& app, Command& chosen);
void add_top(CLI::App& app, Command& chosen);
void add_topics(CLI::App& app, Command& chosen);
void add_try(CLI::App& app, Command& chosen);

}  // namespace millrace::cli
