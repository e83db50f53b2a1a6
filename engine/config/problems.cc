// SPDX-License-Identifier: Apache-2.0
#include "engine/config/problems.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace millrace::config {
namespace {

constexpr size_t kShownBytesMax = 80;

}  // namespace

std::string to_string(const Problem& problem) {
  std::string line = problem.place.file;
  if (problem.place.line > 0) {
    line += ':';
    line += std::to_string(problem.place.line);
    line += ':';
    line += std::to_string(problem.place.column);
  }
  line += problem.warning ? ": warning: " : ": ";
  line += problem.message;
  return line;
}

void Problems::add(const Place& place, std::string message) {
  problems_.push_back(Problem{place, std::move(message), false});
}

void Problems::add_warning(const Place& place, std::string message) {
  problems_.push_back(Problem{place, std::move(message), true});
}

std::vector<Problem> Problems::take(const std::string& main_file) {
  const auto order = [&main_file](const Problem& problem) {
    return std::tuple<bool, const std::string&, int, int>(problem.place.file != main_file,
                                                          problem.place.file, problem.place.line,
                                                          problem.place.column);
  };
  std::stable_sort(problems_.begin(), problems_.end(),
                   [&order](const Problem& a, const Problem& b) { return order(a) < order(b); });
  // A value that several aliases repeat is checked, and found wrong, several times.
  const auto same = [&order](const Problem& a, const Problem& b) {
    return order(a) == order(b) && a.message == b.message;
  };
  problems_.erase(std::unique(problems_.begin(), problems_.end(), same), problems_.end());
  if (problems_.size() > kProblemsMax) {
    const std::vector<Problem> more(problems_.begin() + kProblemsMax, problems_.end());
    problems_.resize(kProblemsMax);
    problems_.push_back(Problem{Place{main_file}, std::to_string(more.size()) + " more problems",
                                !has_errors(more)});
  }
  return std::exchange(problems_, {});
}

bool has_errors(const std::vector<Problem>& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return !problem.warning; });
}

std::string in_quotes(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  const bool cut = text.size() > kShownBytesMax;
  if (cut) {
    size_t end = kShownBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end);
  }
  std::string shown = "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      shown += c;
    } else {
      shown += "\\x";
      shown += kHex[byte >> 4U];
      shown += kHex[byte & 0xFU];
    }
  }
  shown += cut ? "…'" : "'";
  return shown;
}

std::string one_of(const std::vector<std::string_view>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace millrace::config
