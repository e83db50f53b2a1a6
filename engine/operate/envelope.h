// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "engine/operate/letter.h"
#include "engine/record/arena.h"
#include "engine/record/bytes.h"

namespace millrace::operate {

// The record inside a dead letter of the format `envelope`. Bytes lie in the arena.
struct Enveloped {
  record::Bytes key;
  record::Bytes value;
};

// Nothing where the value is no envelope: that is one whose members say of the record what the
// letter's headers say.
[[nodiscard]] std::optional<Enveloped> read_envelope(record::Bytes value, const Letter& letter,
                                                     record::Arena& arena);

}  // namespace millrace::operate
