// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/plan/dead_letter.h"
#include "engine/record/ascii_text.h"
#include "engine/record/base64.h"
#include "engine/record/json_writer.h"
#include "engine/record/value_text.h"

namespace millrace::plan {
namespace {

std::string_view shown(std::string_view reason_text) {
  return record::cut_text(reason_text, base::limits::kReasonTextBytesMax);
}

}  // namespace

LetterWriter::LetterWriter(record::Encoding encoding)
    : document_(no_names_, {.reject_duplicates = false, .objects_only = true}),
      encoding_(encoding) {}

void LetterWriter::begin() {
  text_ = "{";
  as_encoded_ = true;
}

void LetterWriter::put_string(std::string_view text) {
  if (record::needs_no_escape(text)) [[likely]] {
    text_.append(1, '"').append(text).append(1, '"');
    return;
  }
  record::append_json_string(record::repair_utf8(text), text_);
  as_encoded_ = false;
}

void LetterWriter::put_name(std::string_view name) {
  const bool spaced = encoding_ == record::Encoding::kSpaced;
  if (text_.size() > 1) text_ += spaced ? ", " : ",";
  put_string(name);
  text_ += spaced ? ": " : ":";
}

void LetterWriter::put_text(std::string_view name, std::string_view text) {
  put_name(name);
  put_string(text);
}

void LetterWriter::put_number(std::string_view name, int64_t number) {
  put_name(name);
  text_ += std::to_string(number);
}

// As text where it is one, else as base64 under a name that says so.
void LetterWriter::put_bytes(const std::string& name, record::Bytes bytes) {
  if (bytes.null()) {
    put_name(name);
    text_ += "null";
  } else if (record::repair_utf8(bytes.view()) == bytes.view()) {
    put_text(name, bytes.view());
  } else {
    put_name(name + "_base64");
    text_ += '"';
    record::append_base64(bytes.view(), text_);
    text_ += '"';
  }
}

void LetterWriter::put_value(std::string_view name, const record::JsonValue& value) {
  put_name(name);
  text_ += value.text;
  as_encoded_ = as_encoded_ && value.kind < record::ValueKind::kObject && !value.escaped &&
                record::is_printable_ascii(value.text);
}

record::Bytes LetterWriter::envelope(const record::InputRecord& input, const Provenance& provenance,
                                     record::Arena& arena) noexcept {
  begin();
  put_text("reason", provenance.reason);
  put_text("reason_text", shown(provenance.reason_text));
  put_text("value_pointer", shown(provenance.value_pointer));
  put_text("stage", provenance.stage);
  put_text("pipeline", provenance.pipeline);
  put_text("topic", provenance.topic);
  put_number("partition", provenance.partition);
  put_number("offset", input.offset.value);
  put_number("timestamp", input.timestamp_ms);
  put_bytes("key", input.key);
  put_bytes("value", input.value);
  text_ += '}';
  return encoded(arena);
}

record::Bytes LetterWriter::fields(const std::vector<record::Path>& fields, std::string_view error,
                                   const record::Document* document, std::string_view reason_text,
                                   record::Arena& arena) noexcept {
  constexpr record::JsonValue kNull{"null", record::ValueKind::kNull, false};
  begin();
  for (const record::Path& field : fields) {
    const record::JsonValue* value = document == nullptr ? nullptr : document->input(field);
    put_value(field.text, value == nullptr ? kNull : *value);
  }
  put_text(error, shown(reason_text));
  text_ += '}';
  return encoded(arena);
}

record::Bytes LetterWriter::encoded(record::Arena& arena) noexcept {
  if (encoding_ == record::Encoding::kCompact || as_encoded_)
    return record::Bytes::of(arena.copy(text_));
  const record::ParseError error = document_.parse(text_);
  // What stands in there was JSON before; only a record at the depth limit goes one too deep.
  if (error != record::ParseError::kNone) return record::Bytes::of(arena.copy(text_));
  const size_t size = document_.encoded_size(encoding_);
  char* to = arena.take(size);
  document_.encode(encoding_, to);
  return {to, size};
}

}  // namespace millrace::plan
