// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/completion.h"

#include <functional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace millrace::cli {
namespace {

using Visit = std::function<void(const CommandShape& command, const std::string& path)>;

// Every command, the program itself included; `path` is " dead-letters list", of the program "".
void visit(const CommandShape& command, const std::string& path, const Visit& each) {
  each(command, path);
  for (const CommandShape& below : command.commands) visit(below, path + " " + below.name, each);
}

std::vector<std::string> names_of(const std::vector<CommandShape>& commands) {
  std::vector<std::string> names;
  for (const CommandShape& command : commands) names.push_back(command.name);
  return names;
}

// Between single quotes.
std::string in_shell_quotes(std::string_view text) {
  std::string to = "'";
  for (const char c : text) {
    if (c == '\'') {
      to += "'\\''";
    } else {
      to += c;
    }
  }
  return to + "'";
}

// ---- bash

std::string bash_values(const OptionShape& option) {
  switch (option.kind) {
    case ValueKind::kChoice:
      return fmt::format("_millrace_words '{}'", fmt::join(option.choices, " "));
    case ValueKind::kPipeline:
      return "_millrace_pipelines";
    case ValueKind::kFile:
      return "_millrace_files";
    case ValueKind::kText:
      return ":";
  }
  return ":";
}

std::string bash_case(const CommandShape& command, const std::string& path) {
  std::string text = fmt::format("    {})\n", in_shell_quotes(path));
  std::vector<std::string> all;
  std::string values;
  for (const OptionShape& option : command.options) {
    all.insert(all.end(), option.names.begin(), option.names.end());
    if (option.value.empty()) continue;
    values += fmt::format("        {}) {}; return ;;\n", fmt::join(option.names, "|"),
                          bash_values(option));
  }
  if (!values.empty()) text += "      case \"$previous\" in\n" + values + "      esac\n";
  text += fmt::format("      if [[ $current == -* ]]; then _millrace_words '{}'\n",
                      fmt::join(all, " "));
  std::string words = ":";
  if (!command.commands.empty()) {
    words = fmt::format("_millrace_words '{}'", fmt::join(names_of(command.commands), " "));
  } else if (!command.positionals.empty()) {
    words = bash_values(command.positionals.front());
  }
  return text + fmt::format("      else {}; fi ;;\n", words);
}

constexpr std::string_view kBashHead = R"(# SPDX-License-Identifier: Apache-2.0
# Written by `millrace completion bash`.
_millrace_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }
_millrace_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
_millrace_pipelines() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(
    compgen -f -X '!*.yaml' -- "$current"
    compgen -f -X '!*.yml' -- "$current"
    compgen -d -- "$current"
  )
}
_millrace() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} path='' i
  # --option=value comes as three words.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${COMP_WORDS[i]}" in
)";

// ---- zsh

// In a description of _arguments brackets and backslashes have a meaning, and so have colons in
// what follows it.
std::string zsh_text(std::string_view text) {
  std::string to;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == '\\' || c == ':') to += '\\';
    to += c;
  }
  return to;
}

std::string zsh_values(const OptionShape& option) {
  switch (option.kind) {
    case ValueKind::kChoice:
      return fmt::format("({})", fmt::join(option.choices, " "));
    case ValueKind::kPipeline:
      return "_files -g \"*.(yaml|yml)(-.)\"";
    case ValueKind::kFile:
      return "_files";
    case ValueKind::kText:
      return "";
  }
  return "";
}

std::string function_name(const std::string& path) {
  std::string name = "_millrace";
  for (const char c : path) name += c == ' ' || c == '-' ? '_' : c;
  return name;
}

std::string zsh_function(const CommandShape& command, const std::string& path) {
  std::string specs;
  for (const OptionShape& option : command.options) {
    for (const std::string& name : option.names) {
      std::string spec =
          fmt::format("{}{}[{}]", option.repeated ? "*" : "", name, zsh_text(option.description));
      if (!option.value.empty())
        spec += fmt::format(":{}:{}", zsh_text(option.value), zsh_values(option));
      specs += " \\\n    " + in_shell_quotes(spec);
    }
  }
  const std::string function = function_name(path);
  if (command.commands.empty()) {
    size_t place = 1;
    for (const OptionShape& positional : command.positionals) {
      const std::string at = positional.repeated ? "*" : fmt::to_string(place++);
      specs += " \\\n    " + in_shell_quotes(fmt::format("{}:{}:{}", at, zsh_text(positional.value),
                                                         zsh_values(positional)));
    }
    return fmt::format("{}() {{\n  _arguments{}\n}}\n\n", function, specs);
  }
  std::string described;
  std::string cases;
  for (const CommandShape& below : command.commands) {
    described +=
        fmt::format("\n    {}", in_shell_quotes(below.name + ":" + zsh_text(below.description)));
    cases += fmt::format("        {}) {} ;;\n", below.name, function_name(path + " " + below.name));
  }
  return fmt::format(
      "{0}() {{\n  local context state state_descr line curcontext=\"$curcontext\"\n"
      "  typeset -A opt_args\n  local -a commands\n  commands=({1}\n  )\n"
      "  _arguments -C{2} \\\n    '1:command:->command' \\\n    '*::argument:->argument'\n"
      "  case $state in\n    command) _describe command commands ;;\n    argument)\n"
      "      case $line[1] in\n{3}      esac ;;\n  esac\n}}\n\n",
      function, described, specs, cases);
}

// ---- fish

std::string fish_values(const OptionShape& option) {
  switch (option.kind) {
    case ValueKind::kChoice:
      return fmt::format(" -x -a {}",
                         in_shell_quotes(fmt::format("{}", fmt::join(option.choices, " "))));
    case ValueKind::kPipeline:
      return " -x -a '(__fish_complete_suffix .yaml)'";
    case ValueKind::kFile:
      return " -r -F";
    case ValueKind::kText:
      return " -x";
  }
  return "";
}

// In fish a single quote in quotes is escaped by a backslash.
std::string in_fish_quotes(std::string_view text) {
  std::string to = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') to += '\\';
    to += c;
  }
  return to + "'";
}

std::string fish_lines(const CommandShape& command, const std::string& path) {
  const std::string begin = fmt::format("complete -c millrace -n {}",
                                        in_fish_quotes(fmt::format("__millrace_at '{}'", path)));
  std::string text;
  for (const CommandShape& below : command.commands) {
    text += fmt::format("{} -a {} -d {}\n", begin, below.name, in_fish_quotes(below.description));
  }
  for (const OptionShape& option : command.options) {
    text += begin;
    for (const std::string& name : option.names) {
      text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (!option.value.empty()) text += fish_values(option);
    text += fmt::format(" -d {}\n", in_fish_quotes(option.description));
  }
  if (command.positionals.empty()) return text;
  const OptionShape& positional = command.positionals.front();
  switch (positional.kind) {
    case ValueKind::kChoice:
      return text +
             fmt::format("{} -a {}\n", begin,
                         in_shell_quotes(fmt::format("{}", fmt::join(positional.choices, " "))));
    case ValueKind::kPipeline:
      return text + begin + " -a '(__fish_complete_suffix .yaml)'\n";
    case ValueKind::kFile:
      return text + begin + " -F\n";
    case ValueKind::kText:
      break;
  }
  return text;
}

constexpr std::string_view kFishHead = R"(# SPDX-License-Identifier: Apache-2.0
# Written by `millrace completion fish`.
function __millrace_at
    set -l path ''
    for word in (commandline -opc)[2..-1]
        if contains -- "$path $word" $__millrace_paths
            set path "$path $word"
        end
    end
    test "$path" = "$argv[1]"
end

complete -c millrace -f
)";

}  // namespace

std::string bash_completion(const CommandShape& program) {
  std::vector<std::string> paths;
  std::string cases;
  visit(program, "", [&](const CommandShape& command, const std::string& path) {
    if (!path.empty()) paths.push_back(in_shell_quotes(path));
    cases += bash_case(command, path);
  });
  return fmt::format(
      "{}      {}) path+=\" ${{COMP_WORDS[i]}}\" ;;\n    esac\n  done\n  case \"$path\" in\n{}  "
      "esac\n}}\ncomplete -F _millrace millrace\n",
      kBashHead, fmt::join(paths, "|"), cases);
}

std::string zsh_completion(const CommandShape& program) {
  std::string text =
      "#compdef millrace\n# SPDX-License-Identifier: Apache-2.0\n"
      "# Written by `millrace completion zsh`.\n\n";
  visit(program, "", [&text](const CommandShape& command, const std::string& path) {
    text += zsh_function(command, path);
  });
  // Sourced, it declares itself; loaded from the function path, it completes.
  return text +
         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n  _millrace \"$@\"\nelse\n"
         "  compdef _millrace millrace\nfi\n";
}

std::string fish_completion(const CommandShape& program) {
  std::vector<std::string> paths;
  std::string lines;
  visit(program, "", [&](const CommandShape& command, const std::string& path) {
    if (!path.empty()) paths.push_back(in_fish_quotes(path));
    lines += fish_lines(command, path);
  });
  return fmt::format("{}set -g __millrace_paths {}\n{}", kFishHead, fmt::join(paths, " "), lines);
}

}  // namespace millrace::cli
