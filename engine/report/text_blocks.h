// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/insights/results.h"
#include "engine/report/counted.h"

// Parts of reports as text. Internal to report/.
namespace millrace::report {

inline constexpr size_t kColumns = 80;
inline constexpr size_t kNameColumnsMax = 249;  // the longest name of a Kafka topic: never cut
inline constexpr size_t kIndent = 2;

// `sentence` on lines of at most kColumns, those after the first further in.
[[nodiscard]] std::string wrapped(std::string_view sentence);

// The same of a text that may be anybody's.
[[nodiscard]] std::string safe_sentence(std::string_view text);

// Nothing where there are none.
[[nodiscard]] std::string insights_block(const char* title,
                                         const std::vector<insights::Result>& results);

// What insights cover and were given, as terms that add up.
[[nodiscard]] std::string counted_lines(const Counted& counted);

// By rule, the most frequent first; nothing where there are none. `words` stand behind the title.
[[nodiscard]] std::string dead_letters_block(const Given& given, const std::string& words);

}  // namespace millrace::report
