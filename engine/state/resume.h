// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/ids.h"
#include "engine/state/commit_mark.h"

namespace millrace::state {

// What becomes of a partition's insights when somebody reads it next: a function of what the state
// topic has of it and of what the group has committed.
struct Resume {
  enum class Kind : uint8_t {
    kAnew,     // there is nothing to go on with
    kGoesOn,   // with the state; what lies between its end and the committed offset counts again
    kReset,    // somebody moved the offset, and said that they begin anew there
    kKeep,     // … and that they go on there with what they have
    kMistaken  // somebody moved the offset, and did not say: `why`
  };

  Kind kind = Kind::kAnew;
  std::string why;  // kMistaken: a clause about the partition; kReset and kKeep: what was done
};

// `written`: up to where the state in `topic` is, none where there is no state. `mark`: that of the
// committed offset, none where it is none of ours or there is no such offset; then `committed` is
// invalid.
[[nodiscard]] Resume resume_of(std::optional<base::Offset> written,
                               const std::optional<CommitMark>& mark, base::Offset committed,
                               const std::string& topic);

}  // namespace millrace::state
