// SPDX-License-Identifier: Apache-2.0
#include "engine/state/resume.h"

#include <fmt/format.h>

namespace millrace::state {

Resume resume_of(std::optional<base::Offset> written, const std::optional<CommitMark>& mark,
                 base::Offset committed, const std::string& topic) {
  using Kind = Resume::Kind;
  if (mark && mark->moved != CommitMark::Moved::kNo) {
    return {
        mark->moved == CommitMark::Moved::kReset ? Kind::kReset : Kind::kKeep,
        fmt::format("its committed offset was moved to {} by 'offsets rewind'", committed.value)};
  }
  if (!written) {
    if (!mark || !mark->state.valid()) return {Kind::kAnew, {}};
    return {Kind::kMistaken, fmt::format("it was committed with the insights' state up to offset "
                                         "{}, and topic {} has none",
                                         mark->state.value, topic)};
  }
  if (mark && mark->state == *written && *written <= committed) return {Kind::kGoesOn, {}};
  const std::string where = committed.valid() ? fmt::format("at offset {}", committed.value)
                                              : std::string("nowhere: it has no committed offset");
  return {Kind::kMistaken,
          fmt::format("its insights were left at offset {}, and the group's committed offset was "
                      "moved since; it is {}",
                      written->value, where)};
}

}  // namespace millrace::state
