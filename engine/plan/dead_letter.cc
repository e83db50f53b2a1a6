// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/dead_letter.h"

#include <algorithm>
#include <charconv>

#include "engine/base/limits.h"
#include "engine/record/letter_headers.h"
#include "engine/record/value_text.h"

namespace millrace::plan {
namespace {

// The ten, millrace.attempts, and millrace.format or millrace.truncated.
constexpr size_t kOwnHeaders = 12;
constexpr size_t kAttemptsDigitsMax = 9;

record::Bytes number_text(int64_t value, record::Arena& arena) {
  constexpr size_t kDigitsMax = 20;
  char* to = arena.take(kDigitsMax);
  const auto written = std::to_chars(to, to + kDigitsMax, value);
  return {to, static_cast<size_t>(written.ptr - to)};
}

record::Bytes bounded(std::string_view text, record::Arena& arena) {
  return record::Bytes::of(arena.copy(record::cut_text(text, base::limits::kReasonTextBytesMax)));
}

// How often the record was replayed before, as a replay has written it; null where it was not. What
// is no number is not a replay's.
record::Bytes attempts_of(const record::InputRecord& input) {
  record::Bytes attempts;
  for (const record::Header& header : input.headers) {
    if (header.name != record::kAttemptsHeader) continue;
    const std::string_view digits = header.value.view();
    if (digits.empty() || digits.size() > kAttemptsDigitsMax) continue;
    if (digits.find_first_not_of("0123456789") == std::string_view::npos) attempts = header.value;
  }
  return attempts;
}

}  // namespace

record::OutputRecord make_dead_letter(const record::InputRecord& input, record::Bytes value,
                                      const Provenance& provenance, size_t message_bytes_max,
                                      record::Arena& arena) noexcept {
  auto* headers = arena.take_array<record::Header>(input.headers.size() + kOwnHeaders);
  size_t count = 0;
  for (const record::Header& header : input.headers)
    if (!header.name.starts_with(record::kOwnHeaderPrefix)) headers[count++] = header;
  const size_t first_own = count;
  if (const record::Bytes attempts = attempts_of(input); !attempts.null())
    headers[count++] = {record::kAttemptsHeader, attempts};
  headers[count++] = {"millrace.reason", record::Bytes::of(provenance.reason)};
  headers[count++] = {"millrace.reason_text", bounded(provenance.reason_text, arena)};
  headers[count++] = {"millrace.value_pointer", bounded(provenance.value_pointer, arena)};
  if (provenance.rule_pointer.data() != nullptr)
    headers[count++] = {"millrace.rule_pointer", record::Bytes::of(provenance.rule_pointer)};
  if (!provenance.stage.empty())
    headers[count++] = {"millrace.stage", record::Bytes::of(provenance.stage)};
  headers[count++] = {"millrace.topic", record::Bytes::of(provenance.topic)};
  headers[count++] = {"millrace.partition", number_text(provenance.partition, arena)};
  headers[count++] = {"millrace.offset", number_text(input.offset.value, arena)};
  headers[count++] = {"millrace.timestamp", number_text(input.timestamp_ms, arena)};
  headers[count++] = {"millrace.pipeline", record::Bytes::of(provenance.pipeline)};
  const size_t of_any_value = count;
  if (!provenance.format.empty())
    headers[count++] = {record::kFormatHeader, record::Bytes::of(provenance.format)};

  record::OutputRecord letter;
  letter.key = input.key;
  letter.value = value;
  letter.headers = {headers, count};
  letter.role = record::OutputRole::kDeadLetter;
  if (record::sent_size(letter) <= message_bytes_max) return letter;

  // The value is then the record's own, so that the format is not said.
  count = of_any_value;
  // The headers that came with the record go only if even an empty value does not help.
  headers[count++] = {"millrace.truncated",
                      number_text(static_cast<int64_t>(input.value.size()), arena)};
  letter.headers = {headers, count};
  letter.value = record::Bytes("", 0);
  if (record::sent_size(letter) > message_bytes_max) {
    letter.headers = {headers + first_own, count - first_own};
    letter.key = record::sent_size(letter) <= message_bytes_max ? letter.key : record::Bytes();
  }
  const size_t rest = message_bytes_max - std::min(message_bytes_max, record::sent_size(letter));
  letter.value = record::Bytes(input.value.data(), std::min(rest, input.value.size()));
  return letter;
}

}  // namespace millrace::plan
