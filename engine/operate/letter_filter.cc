// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/letter_filter.h"

#include <algorithm>

namespace millrace::operate {

bool names_rule(std::string_view named, std::string_view rule) {
  if (named.ends_with('*')) return rule.starts_with(named.substr(0, named.size() - 1));
  if (!rule.starts_with(named)) return false;
  return rule.size() == named.size() || named.ends_with(':') || rule[named.size()] == ':';
}

bool LetterFilter::matches(const Letter& letter, int64_t died_ms) const {
  if (since_ms && died_ms < *since_ms) return false;
  if (until_ms && died_ms >= *until_ms) return false;
  if (topic && *topic != letter.topic) return false;
  if (partition && *partition != letter.partition) return false;
  return reasons.empty() || std::any_of(reasons.begin(), reasons.end(), [&](const auto& reason) {
           return names_rule(reason, letter.reason);
         });
}

}  // namespace millrace::operate
