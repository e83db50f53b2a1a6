// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/record/arena.h"
#include "engine/record/batch.h"

namespace millrace::operate {

// What a dead letter's headers say of it (engine/plan/dead_letter.h writes them). Views: of the
// record that it was read from.
struct Letter {
  std::string_view reason;
  std::string_view reason_text;  // may hold the value
  std::string_view value_pointer;
  std::string_view rule_pointer;
  std::string_view stage;
  std::string_view pipeline;
  std::string_view topic;  // the input's, and so are the next three
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = -1;
  uint64_t attempts = 0;              // how often it was replayed
  std::optional<uint64_t> truncated;  // the letter was cut; how long the record's value was
  bool fields = false;                // it says itself that it shows some members only
};

// Nothing where the record is no dead letter of Millrace: a header is missing, or is no number.
[[nodiscard]] std::optional<Letter> read_letter(const record::InputRecord& record);

// Whether the header is one of the letter's own, rather than the record's.
[[nodiscard]] bool is_own_header(std::string_view name);

// The record as it came in: its key, value, headers, offset and timestamp, out of the letter; in
// the letter's own bytes, or in the arena. An error is a sentence that says why the letter does not
// have it any more. `raw`: the pipeline's dead letters are the records' own bytes. `fields`: they
// show some members only; so does a letter that says so itself, whatever the pipeline does now.
struct LetterFormat {
  bool raw = true;
  bool fields = false;
};

[[nodiscard]] base::Result<record::InputRecord> original_of(const record::InputRecord& record,
                                                            const Letter& letter,
                                                            LetterFormat format,
                                                            record::Arena& arena);

}  // namespace millrace::operate
