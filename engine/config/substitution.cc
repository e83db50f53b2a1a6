// SPDX-License-Identifier: Apache-2.0
#include "engine/config/substitution.h"

#include <algorithm>
#include <optional>

#include "engine/config/problems.h"
#include "engine/config/utf8.h"

namespace millrace::config {
namespace {

bool is_name(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto letter_or_digit = [&letter](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), letter_or_digit);
}

// Appends what the inside of one ${…} stands for.
void expand(std::string_view inside, const Environment& environment, Substituted& result) {
  const auto problem = [&result](std::string sentence) {
    result.problems.push_back(std::move(sentence));
  };
  if (inside.find("${") != std::string_view::npos) {
    problem("a ${…} inside a ${…} is not supported: " + in_quotes(inside));
    return;
  }
  const size_t colon = inside.find(":-");
  const std::string name(inside.substr(0, colon));
  if (!is_name(name)) {
    problem(in_quotes("${" + std::string(inside) + "}") +
            " is neither ${NAME} nor ${NAME:-default}; to write the characters as they are, write "
            "$${");
    return;
  }
  const std::optional<std::string> value = environment(name);
  const bool use_default = colon != std::string_view::npos && (!value || value->empty());
  if (use_default) {
    result.text += inside.substr(colon + 2);
    return;
  }
  result.from_environment = true;
  if (!value) {
    problem("the environment variable " + in_quotes(name) +
            " is not set; set it, or give a default: ${" + name + ":-default}");
  } else if (find_invalid_utf8(*value)) {
    problem("the environment variable " + in_quotes(name) + " is not valid UTF-8");
  } else {
    result.text += *value;
  }
}

}  // namespace

Substituted substitute(std::string_view text, const Environment& environment) {
  Substituted result;
  size_t i = 0;
  while (i < text.size()) {
    const size_t dollar = text.find('$', i);
    result.text += text.substr(i, dollar - i);
    if (dollar == std::string_view::npos) break;
    const std::string_view rest = text.substr(dollar);
    if (rest.starts_with("$${")) {
      result.text += "${";
      i = dollar + 3;
    } else if (!rest.starts_with("${")) {
      result.text += '$';
      i = dollar + 1;
    } else {
      const size_t close = rest.find('}');
      if (close == std::string_view::npos) {
        result.problems.emplace_back(
            "a ${ without its }; to write the characters as they are, write $${");
        break;
      }
      expand(rest.substr(2, close - 2), environment, result);
      i = dollar + close + 1;
    }
  }
  return result;
}

}  // namespace millrace::config
