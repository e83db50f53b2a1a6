// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/letter.h"

#include <charconv>

#include <fmt/format.h>

#include "engine/operate/envelope.h"
#include "engine/record/letter_headers.h"

namespace millrace::operate {
namespace {

template <typename T>
bool parse(std::string_view text, T& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

bool is_own_header(std::string_view name) {
  return name.starts_with(record::kOwnHeaderPrefix);
}

std::optional<Letter> read_letter(const record::InputRecord& record) {
  Letter letter;
  bool partition = false;
  bool offset = false;
  bool good = true;
  for (const record::Header& header : record.headers) {
    if (!is_own_header(header.name)) continue;
    const std::string_view name = header.name.substr(record::kOwnHeaderPrefix.size());
    const std::string_view value = header.value.view();
    if (name == "reason") letter.reason = value;
    if (name == "reason_text") letter.reason_text = value;
    if (name == "value_pointer") letter.value_pointer = value;
    if (name == "rule_pointer") letter.rule_pointer = value;
    if (name == "stage") letter.stage = value;
    if (name == "pipeline") letter.pipeline = value;
    if (name == "topic") letter.topic = value;
    if (name == "partition") partition = parse(value, letter.partition);
    if (name == "offset") offset = parse(value, letter.offset);
    if (header.name == record::kFormatHeader) letter.fields = value == record::kFieldsFormat;
    if (name == "timestamp") good = good && parse(value, letter.timestamp_ms);
    if (name == "attempts") good = good && parse(value, letter.attempts);
    if (name != "truncated") continue;
    uint64_t size = 0;
    good = good && parse(value, size);
    letter.truncated = size;
  }
  good = good && partition && letter.partition >= 0 && offset && letter.offset >= 0;
  if (!good || letter.reason.empty() || letter.topic.empty() || letter.pipeline.empty())
    return std::nullopt;
  return letter;
}

base::Result<record::InputRecord> original_of(const record::InputRecord& record,
                                              const Letter& letter, LetterFormat format,
                                              record::Arena& arena) {
  record::InputRecord original = record;
  original.offset = base::Offset{letter.offset};
  original.timestamp_ms = letter.timestamp_ms;
  if (letter.truncated) {
    // Where only the envelope did not fit, the record itself is there.
    if (format.raw || record.value.size() != *letter.truncated) {
      return base::Error{
          fmt::format("it was cut, as it did not fit the dead-letter topic; the "
                      "record had {} bytes",
                      *letter.truncated)};
    }
  } else if (letter.fields || format.fields) {
    return base::Error{fmt::format(
        "{} of a record only ('dead_letters.format')",
        letter.fields ? "it shows some members" : "the pipeline's dead letters show some members")};
  } else if (const auto inside = read_envelope(record.value, letter, arena)) {
    original.key = inside->key;
    original.value = inside->value;
  }
  auto* headers = arena.take_array<record::Header>(record.headers.size());
  size_t count = 0;
  for (const record::Header& header : record.headers)
    if (!is_own_header(header.name)) headers[count++] = header;
  original.headers = {headers, count};
  return original;
}

}  // namespace millrace::operate
