// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/letter_text.h"

#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "engine/record/json_writer.h"

namespace millrace::operate {
namespace {

constexpr size_t kLongestCharacter = 4;

// How many bytes the character at `at` has; 0 where it is none that a terminal may see.
size_t character_at(std::string_view bytes, size_t at) {
  const auto byte = static_cast<unsigned char>(bytes[at]);
  if (byte < 0x80) return byte >= 0x20 && byte != 0x7f ? 1 : 0;
  for (size_t size = 2; size <= kLongestCharacter && at + size <= bytes.size(); ++size) {
    const std::string_view one = bytes.substr(at, size);
    if (record::repair_utf8(one) != one) continue;
    // U+0080 to U+009F are control characters as well.
    return byte == 0xc2 && static_cast<unsigned char>(one[1]) < 0xa0 ? 0 : size;
  }
  return 0;
}

std::string shown(record::Bytes bytes) {
  return bytes.null() ? "(null)" : shown_text(bytes.view());
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
    text += fmt::format("  {}: {}\n", shown_text(header.name), shown(header.value));
  }
  text += fmt::format("value ({} bytes):\n{}\n", record.value.size(), shown(record.value));
}

}  // namespace

std::string time_text(int64_t unix_ms) {
  if (unix_ms < 0) return "an unknown time";
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds{unix_ms}};
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)), unix_ms % 1000);
}

std::string times_text(uint64_t count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

std::string shown_text(std::string_view bytes) {
  std::string text;
  for (size_t at = 0; at < bytes.size();) {
    const size_t size = character_at(bytes, at);
    if (size == 0) {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[at++]));
      continue;
    }
    text += bytes.substr(at, size);
    at += size;
  }
  return text;
}

std::string describe_letter(const Scanned& scanned, LetterFormat format, bool replayed) {
  const Letter& letter = *scanned.letter;
  std::string text =
      fmt::format("Pipeline {} rejected a record of {} at {}.\n", shown_text(letter.pipeline),
                  fmt::format("{}-{}", shown_text(letter.topic), letter.partition), letter.offset);
  const auto line = [&text](const char* name, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<12}{}\n", name, value);
  };
  line("rule", shown_text(letter.reason));
  line("why", shown_text(letter.reason_text));
  line("value at", shown_text(letter.value_pointer));
  line("schema", shown_text(letter.rule_pointer));
  line("stage", shown_text(letter.stage));
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
