// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/command_shape.h"

#include <algorithm>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace millrace::cli {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Of "TEXT:{bash,zsh,fish}": the words in the braces.
std::vector<std::string> choices_of(std::string_view type) {
  const size_t begin = type.find('{');
  const size_t end = type.find('}', begin == std::string_view::npos ? 0 : begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  return CLI::detail::split(std::string(type.substr(begin + 1, end - begin - 1)), ',');
}

ValueKind kind_of(const CLI::Option& option, const OptionShape& shape) {
  if (!shape.choices.empty()) return ValueKind::kChoice;
  const std::string type = option.get_type_name();
  if (!type.starts_with("TEXT") && !type.starts_with("FILE")) return ValueKind::kText;
  const std::string_view description = shape.description;
  if (contains(description, "ipeline file")) return ValueKind::kPipeline;
  const bool file = shape.value == "FILE" || contains(description, "this file") ||
                    contains(description, "whole file") || contains(description, "(PEM)");
  return file ? ValueKind::kFile : ValueKind::kText;
}

// What stands for the value of an option: a word rather than a type.
std::string value_of(const CLI::Option& option, const OptionShape& shape) {
  const std::string type = option.get_type_name();
  std::string word = type.substr(0, type.find(':'));
  if (shape.kind == ValueKind::kChoice) return fmt::format("{}", fmt::join(shape.choices, "|"));
  if (shape.kind == ValueKind::kFile || shape.kind == ValueKind::kPipeline) return "FILE";
  if (word == "INT" || word == "UINT" || word == "FLOAT") return "N";
  return word;
}

std::vector<std::string> notes_of(const CLI::Option& option) {
  std::vector<std::string> notes;
  const std::string type = option.get_type_name();
  if (const size_t range = type.find(" in ["); range != std::string::npos) {
    const std::string bounds = type.substr(range + 5, type.find(']', range) - range - 5);
    if (const size_t dash = bounds.find(" - "); dash != std::string::npos)
      notes.push_back(fmt::format("{} to {}", bounds.substr(0, dash), bounds.substr(dash + 3)));
  }
  if (!option.get_default_str().empty())
    notes.push_back(fmt::format("default: {}", option.get_default_str()));
  if (!option.get_envname().empty()) notes.push_back("or " + option.get_envname());
  const auto name_others = [&notes](const char* word, const std::set<CLI::Option*>& others) {
    std::vector<std::string> names;
    for (const CLI::Option* other : others) names.push_back(other->get_name());
    std::sort(names.begin(), names.end());  // the set is in the order of addresses
    if (!names.empty()) notes.push_back(fmt::format("{} {}", word, fmt::join(names, ", ")));
  };
  name_others("needs", option.get_needs());
  name_others("not with", option.get_excludes());
  return notes;
}

OptionShape shape_of(const CLI::Option& option) {
  OptionShape shape;
  const bool positional = option.get_positional();
  if (positional) {
    shape.names.push_back(option.get_name(true));
  } else {
    for (const std::string& name : option.get_snames()) shape.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) shape.names.push_back("--" + name);
  }
  shape.description = option.get_description();
  shape.notes = notes_of(option);
  shape.required = option.get_required();
  if (option.get_items_expected_max() == 0) return shape;
  shape.choices = choices_of(option.get_type_name());
  shape.repeated = option.get_items_expected_max() > 1;
  if (positional) shape.value = shape.names.front();
  shape.kind = kind_of(option, shape);
  if (!positional) {
    shape.value = value_of(option, shape);
  } else if (!shape.choices.empty()) {
    shape.notes.insert(shape.notes.begin(), fmt::format("{}", fmt::join(shape.choices, ", ")));
  }
  return shape;
}

// A footer is paragraphs, in lines of any length, and commands: those behind "Example: ", and
// below it those that are as far in.
void read_footer(std::string_view footer, CommandShape& shape) {
  constexpr std::string_view kExample = "Example: ";
  bool in_example = false;
  bool goes_on = false;  // the last paragraph
  while (!footer.empty()) {
    std::string_view line = footer.substr(0, footer.find('\n'));
    footer.remove_prefix(std::min(footer.size(), line.size() + 1));
    const bool example = line.starts_with(kExample) || (in_example && line.starts_with(" "));
    if (example) {
      if (line.starts_with(kExample)) line.remove_prefix(kExample.size());
      line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
      shape.examples.emplace_back(line);
    } else if (goes_on && !line.starts_with("Exit codes") && !line.starts_with("`")) {
      shape.notes.back().append(" ").append(line);
    } else {
      shape.notes.emplace_back(line);
    }
    in_example = example;
    goes_on = !example;
  }
}

CommandShape shape_below(const CLI::App& app, const std::string& above) {
  CommandShape shape;
  shape.name = app.get_name();
  shape.path = above.empty() ? shape.name : above + " " + shape.name;
  shape.description = app.get_description();
  std::replace(shape.description.begin(), shape.description.end(), '\n', ' ');
  read_footer(app.get_footer(), shape);
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    auto& list = option->get_positional() ? shape.positionals : shape.options;
    list.push_back(shape_of(*option));
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_group().empty() || command->get_name().empty()) continue;
    shape.commands.push_back(shape_below(*command, shape.path));
  }
  return shape;
}

}  // namespace

CommandShape shape_of(const CLI::App& app) {
  return shape_below(app, "");
}

std::string option_title(const OptionShape& option) {
  std::string title = fmt::format("{}", fmt::join(option.names, ", "));
  const bool positional = !option.names.front().starts_with("-");
  if (!positional && !option.value.empty()) title += " " + option.value;
  if (positional && option.repeated) title += "...";
  return title;
}

std::string usage_of(const CommandShape& command) {
  std::string usage = "[OPTIONS]";
  for (const OptionShape& positional : command.positionals) {
    const std::string title = option_title(positional);
    usage += positional.required ? " " + title : " [" + title + "]";
  }
  if (!command.commands.empty()) usage += " COMMAND";
  return usage;
}

}  // namespace millrace::cli
