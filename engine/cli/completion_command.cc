// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/cli/command_shape.h"
#include "engine/cli/commands.h"
#include "engine/cli/completion.h"
#include "engine/cli/help_text.h"
#include "engine/cli/man_page.h"

// What is made of the command line's own definition.
namespace millrace::cli {
namespace {

base::ExitCode print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return base::ExitCode::kClean;
  fmt::print(stderr, "millrace: stdout cannot be written\n");
  return base::ExitCode::kFailed;
}

}  // namespace

void add_completion(CLI::App& app, Command& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("completion", "Prints a script that makes a shell complete commands.");
  command->add_option("SHELL", *shell, "Which one")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer(
      "Example: source <(millrace completion bash)\n"
      "         millrace completion zsh > ~/.zfunc/_millrace\n"
      "         millrace completion fish > ~/.config/fish/completions/millrace.fish\n"
      "Packages install all three.");
  command->callback([shell, &app, &chosen] {
    chosen = [shell, &app] {
      const CommandShape program = shape_of(app);
      if (*shell == "bash") return print(bash_completion(program));
      if (*shell == "zsh") return print(zsh_completion(program));
      return print(fish_completion(program));
    };
  });
}

void add_man(CLI::App& app, Command& chosen) {
  auto markdown = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("man", "Prints the manual page, millrace(1), as roff.");
  command->add_flag("--markdown", *markdown, "Print the help of all commands as docs/commands.md");
  command->footer("Example: millrace man | man -l -");
  command->callback([markdown, &app, &chosen] {
    chosen = [markdown, &app] {
      const CommandShape program = shape_of(app);
      return print(*markdown ? commands_page(program) : man_page(program, MILLRACE_VERSION));
    };
  });
}

}  // namespace millrace::cli
