// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.h"

namespace millrace::state {

// What the committed offset of a partition says about its state, as the text that the group stores
// beside it: "millrace 1 state=5000 closed=5210 commit=k3f9q2-118", with "none" for an invalid
// offset. A restore counts again from `state` on, and lets closed windows go out from `closed` on.
//
// Who moves the committed offset on purpose says so instead, and what the insights are to do:
// "millrace 1 state=none closed=none moved=reset commit=rewind-k3f9q2".
struct CommitMark {
  enum class Moved : uint8_t {
    kNo,
    kReset,  // the insights begin anew at the committed offset
    kKeep,   // they go on there with what the topic has
  };

  base::Offset state;   // the state that is written down covers the input up to here; invalid: none
  base::Offset closed;  // what windows closed by the input up to here went out
  std::string commit;   // no two commits have the same
  Moved moved = Moved::kNo;

  // At most io::kMetadataBytesMax. Requires: `commit` is visible ASCII without spaces, 1 to
  // kCommitBytesMax characters.
  [[nodiscard]] std::string to_text() const;

  // Takes what to_text() gives, and nothing else. Nothing: it is none of ours, or of a format that
  // is not known. How the offsets relate to the committed one is the caller's to ask.
  [[nodiscard]] static std::optional<CommitMark> parse(std::string_view text);

  static constexpr size_t kCommitBytesMax = 500;

  bool operator==(const CommitMark&) const = default;
};

}  // namespace millrace::state
