// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/operate/letter.h"

namespace millrace::operate {

// Which dead letters an operator means. What is empty lets all pass.
struct LetterFilter {
  std::vector<std::string> reasons;  // rule ids, or their beginnings; any of them
  std::optional<int64_t> since_ms;   // when it became a dead letter, Unix; inclusive
  std::optional<int64_t> until_ms;   // exclusive
  std::optional<std::string> topic;  // of the input
  std::optional<int32_t> partition;  // of the input

  // `died_ms`: the timestamp of the letter in the dead-letter topic.
  [[nodiscard]] bool matches(const Letter& letter, int64_t died_ms) const;
};

// Whether the rule is the one named: its id, or a beginning of it that ends at a colon ("step:4",
// "step:4:" are those of step:4:format_time and not of step:40), or any beginning before a star.
[[nodiscard]] bool names_rule(std::string_view named, std::string_view rule);

}  // namespace millrace::operate
