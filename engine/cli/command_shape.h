// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

// The command line as plain values, read from its definition: what the help, the completion of the
// shells, the man page and docs/commands.md are made of, so that none of them can drift from it.
namespace millrace::cli {

enum class ValueKind : uint8_t {
  kText,
  kChoice,    // one of `choices`
  kPipeline,  // a pipeline file: *.yaml
  kFile,
};

struct OptionShape {
  std::vector<std::string> names;  // "-h", "--help"; of a positional: "FILE"
  std::string value;               // what stands for it: "DURATION"; empty: takes none
  ValueKind kind = ValueKind::kText;
  std::vector<std::string> choices;
  std::string description;
  std::vector<std::string> notes;  // "default: 9092", "needs --topic", …
  bool required = false;
  bool repeated = false;  // takes several values
};

struct CommandShape {
  std::string path;  // "millrace dead-letters list"
  std::string name;  // "list"
  std::string description;
  std::vector<std::string> notes;     // paragraphs below the options
  std::vector<std::string> examples;  // commands, each on its line
  std::vector<OptionShape> positionals;
  std::vector<OptionShape> options;
  std::vector<CommandShape> commands;  // in the order of their declaration
};

[[nodiscard]] CommandShape shape_of(const CLI::App& app);

// What an option is called where it stands with its value: "--wait DURATION".
[[nodiscard]] std::string option_title(const OptionShape& option);

// "[OPTIONS] FILE..."
[[nodiscard]] std::string usage_of(const CommandShape& command);

}  // namespace millrace::cli
