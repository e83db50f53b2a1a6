// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/letter_text.h"

#include <fmt/format.h>

#include "engine/insights/utc_text.h"
#include "engine/record/printable.h"

namespace millrace::operate {
namespace {

std::string shown(record::Bytes bytes) {
  return bytes.null() ? "(null)" : record::printable(bytes.view());
}

void append_record(const Scanned& scanned, LetterFormat format, std::string& text) {
  record::Arena arena;
  const auto original = original_of(scanned.record, *scanned.letter, format, arena);
  const record::InputRecord& record = original.ok() ? original.value() : scanned.record;
  if (!original.ok())
    text += fmt::format("\nThe record itself is not in it: {}. What is:\n", original.message());
  text += fmt::format("\nkey: {}\n", shown(record.key));
  text += record.headers.empty() ? "headers: none\n" : "headers:\n";
  for (const record::Header& header : record.headers) {
    if (is_own_header(header.name)) continue;
    text += fmt::format("  {}: {}\n", record::printable(header.name), shown(header.value));
  }
  text += fmt::format("value ({} bytes):\n{}\n", record.value.size(), shown(record.value));
}

}  // namespace

std::string time_text(int64_t unix_ms) {
  if (unix_ms < 0) return "an unknown time";
  return insights::utc_text(unix_ms, insights::Precision::kMilliseconds);
}

std::string times_text(uint64_t count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

std::string describe_letter(const Scanned& scanned, LetterFormat format, bool replayed) {
  const Letter& letter = *scanned.letter;
  std::string text = fmt::format(
      "Pipeline {} rejected a record of {} at {}.\n", record::printable(letter.pipeline),
      fmt::format("{}-{}", record::printable(letter.topic), letter.partition), letter.offset);
  const auto line = [&text](const char* name, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<12}{}\n", name, value);
  };
  line("rule", record::printable(letter.reason));
  line("why", record::printable(letter.reason_text));
  line("value at", record::printable(letter.value_pointer));
  line("schema", record::printable(letter.rule_pointer));
  line("stage", record::printable(letter.stage));
  line("written", time_text(letter.timestamp_ms) + " (the record, to the input)");
  line("rejected", time_text(scanned.record.timestamp_ms));
  line("dead letter", fmt::format("{}-{} at {}", scanned.at.topic, scanned.at.partition,
                                  scanned.record.offset.value));
  line("replayed", letter.attempts == 0 ? "never before it was rejected"
                                        : times_text(letter.attempts) + " before it was rejected");
  line("now", replayed ? "replayed or parked" : "not replayed yet");
  append_record(scanned, format, text);
  return text;
}

}  // namespace millrace::operate
