// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "engine/operate/letter_scan.h"

namespace millrace::operate {

// One dead letter whole, for a person: where it came from and why it was rejected, in words, then
// the record's own key, headers and value. Safe for a terminal.
[[nodiscard]] std::string describe_letter(const Scanned& scanned, LetterFormat format,
                                          bool replayed);

// "2024-07-10T23:47:48.123Z"; "an unknown time" below zero, as a record without a timestamp has it.
[[nodiscard]] std::string time_text(int64_t unix_ms);

// "once", "3 times".
[[nodiscard]] std::string times_text(uint64_t count);

}  // namespace millrace::operate
