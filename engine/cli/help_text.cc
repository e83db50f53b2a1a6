// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/help_text.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace millrace::cli {
namespace {

constexpr size_t kColumns = 80;
constexpr size_t kIndent = 2;
// Where descriptions begin, at most; longer titles have their own line.
constexpr size_t kTitleColumnsMax = 28;

// Words on lines of at most kColumns: the first begins at `column`, the others at `indent`.
std::string wrapped(std::string_view text, size_t column, size_t indent) {
  std::string lines;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column + word.size() > kColumns && column > indent) {
      while (!lines.empty() && lines.back() == ' ') lines.pop_back();
      lines += '\n' + std::string(indent, ' ');
      column = indent;
    }
    lines += word;
    column += word.size() + 1;
    if (!text.empty()) lines += ' ';
  }
  return lines;
}

struct Row {
  std::string title;
  std::string text;
};

std::string block(const char* name, const std::vector<Row>& rows) {
  if (rows.empty()) return {};
  size_t widest = 0;
  for (const Row& row : rows)
    if (row.title.size() <= kTitleColumnsMax) widest = std::max(widest, row.title.size());
  const size_t at = kIndent + widest + 2;
  std::string text = fmt::format("\n{}:\n", name);
  for (const Row& row : rows) {
    text += std::string(kIndent, ' ') + row.title;
    if (row.title.size() > widest) {
      text += '\n' + std::string(at, ' ');
    } else {
      text += std::string(at - kIndent - row.title.size(), ' ');
    }
    text += wrapped(row.text, at, at) + '\n';
  }
  return text;
}

std::vector<Row> rows_of(const std::vector<OptionShape>& options) {
  std::vector<Row> rows;
  for (const OptionShape& option : options) {
    std::string text = option.description;
    if (!option.notes.empty()) text += fmt::format(" ({})", fmt::join(option.notes, "; "));
    rows.push_back({option_title(option), std::move(text)});
  }
  return rows;
}

void append_page(const CommandShape& command, std::string& page) {
  page += fmt::format("\n## {}\n\n```text\n{}```\n", command.path, help_text(command));
  for (const CommandShape& below : command.commands) append_page(below, page);
}

}  // namespace

std::string help_text(const CommandShape& command) {
  std::string text = wrapped(command.description, 0, 0) + '\n';
  text += fmt::format("\nUsage: {} {}\n", command.path, usage_of(command));
  text += block("Arguments", rows_of(command.positionals));
  text += block("Options", rows_of(command.options));
  std::vector<Row> commands;
  for (const CommandShape& below : command.commands)
    commands.push_back({below.name, below.description});
  text += block("Commands", commands);
  if (!command.notes.empty()) text += '\n';
  for (const std::string& note : command.notes) text += wrapped(note, 0, 0) + '\n';
  if (!command.examples.empty()) text += '\n';
  // Commands stay whole, so that they can be copied.
  for (size_t i = 0; i < command.examples.size(); ++i)
    text += (i == 0 ? "Example: " : "         ") + command.examples[i] + '\n';
  return text;
}

std::string commands_page(const CommandShape& program) {
  std::string page =
      "# Commands\n\n"
      "What each command prints with `--help`. This page is written by `millrace man --markdown`,\n"
      "and a test compares it with the program.\n";
  append_page(program, page);
  return page;
}

void use_help_text(CLI::App& app) {
  app.formatter_fn([](const CLI::App* command, const std::string&, CLI::AppFormatMode) {
    // A shape knows its path from the root.
    const CLI::App* root = command;
    std::vector<std::string> path;
    while (root->get_parent() != nullptr) {
      path.insert(path.begin(), root->get_name());
      root = root->get_parent();
    }
    CommandShape shape = shape_of(*root);
    for (const std::string& name : path) {
      auto found = std::find_if(shape.commands.begin(), shape.commands.end(),
                                [&name](const CommandShape& each) { return each.name == name; });
      if (found == shape.commands.end()) return help_text(shape_of(*command));  // a hidden one
      CommandShape below = std::move(*found);
      shape = std::move(below);
    }
    return help_text(shape);
  });
}

}  // namespace millrace::cli
