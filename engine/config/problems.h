// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/place.h"

namespace millrace::config {

// Collects everything that is wrong with a configuration, so that the user sees it all at once.
//
// Threading: one thread.
class Problems {
 public:
  Problems() = default;
  Problems(const Problems&) = delete;
  Problems& operator=(const Problems&) = delete;

  void add(const Place& place, std::string message);
  // Worth a second look, and no reason not to start.
  void add_warning(const Place& place, std::string message);

  [[nodiscard]] bool empty() const { return problems_.empty(); }

  // The problems in the order of the file, those of `main_file` first, each once. At most
  // kProblemsMax of them; a last one then says how many more there are (an error, where one of
  // those is).
  [[nodiscard]] std::vector<Problem> take(const std::string& main_file);

 private:
  std::vector<Problem> problems_;
};

inline constexpr size_t kProblemsMax = 1000;

// Whether one of them makes the configuration unusable; warnings do not.
[[nodiscard]] bool has_errors(const std::vector<Problem>& problems);

// A text of the user's in single quotes: cut where it is long, control characters written as \xNN,
// so that a message stays one line whatever the file holds.
[[nodiscard]] std::string in_quotes(std::string_view text);

// "a", "a or b", "a, b or c".
[[nodiscard]] std::string one_of(const std::vector<std::string_view>& words);

}  // namespace millrace::config
