// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace millrace::insights {

// Output records that are not one to one with the outcomes.
struct OutputCounts {
  uint64_t copies = 0;             // sent by `emit`, whatever became of the record
  uint64_t exploded = 0;           // emitted records that went out in pieces
  uint64_t pieces = 0;             // what they became
  uint64_t letters_discarded = 0;  // dead letters that are counted and not sent

  OutputCounts& operator+=(const OutputCounts& other) {
    copies += other.copies;
    exploded += other.exploded;
    pieces += other.pieces;
    letters_discarded += other.letters_discarded;
    return *this;
  }
};

}  // namespace millrace::insights
