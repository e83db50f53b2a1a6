// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/plan/dead_letter.h"
#include "engine/record/base64.h"
#include "engine/record/json_writer.h"
#include "engine/record/value_text.h"

namespace millrace::plan {
namespace {

std::string_view shown(std::string_view reason_text) {
  return record::cut_text(reason_text, base::limits::kReasonTextBytesMax);
}

void put_name(std::string_view name, std::string& to) {
  to += to.size() == 1 ? "" : ",";
  record::append_json_string(name, to);
  to += ':';
}

void put_text(std::string_view name, std::string_view text, std::string& to) {
  put_name(name, to);
  record::append_json_string(record::repair_utf8(text), to);
}

void put_number(std::string_view name, int64_t number, std::string& to) {
  put_name(name, to);
  to += std::to_string(number);
}

// As text where it is one, else as base64 under a name that says so.
void put_bytes(const std::string& name, record::Bytes bytes, std::string& to) {
  if (bytes.null()) {
    put_name(name, to);
    to += "null";
  } else if (record::repair_utf8(bytes.view()) == bytes.view()) {
    put_text(name, bytes.view(), to);
  } else {
    put_name(name + "_base64", to);
    to += '"';
    record::append_base64(bytes.view(), to);
    to += '"';
  }
}

}  // namespace

LetterWriter::LetterWriter(record::Encoding encoding)
    : document_(no_names_, {.reject_duplicates = false, .objects_only = true}),
      encoding_(encoding) {}

record::Bytes LetterWriter::envelope(const record::InputRecord& input, const Provenance& provenance,
                                     record::Arena& arena) noexcept {
  text_ = "{";
  put_text("reason", provenance.reason, text_);
  put_text("reason_text", shown(provenance.reason_text), text_);
  put_text("value_pointer", shown(provenance.value_pointer), text_);
  put_text("stage", provenance.stage, text_);
  put_text("pipeline", provenance.pipeline, text_);
  put_text("topic", provenance.topic, text_);
  put_number("partition", provenance.partition, text_);
  put_number("offset", input.offset.value, text_);
  put_number("timestamp", input.timestamp_ms, text_);
  put_bytes("key", input.key, text_);
  put_bytes("value", input.value, text_);
  text_ += '}';
  return encoded(arena);
}

record::Bytes LetterWriter::fields(const std::vector<record::Path>& fields, std::string_view error,
                                   const record::Document* document, std::string_view reason_text,
                                   record::Arena& arena) noexcept {
  text_ = "{";
  for (const record::Path& field : fields) {
    const record::JsonValue* value = document == nullptr ? nullptr : document->input(field);
    put_name(field.text, text_);
    text_ += value == nullptr ? "null" : value->text;
  }
  put_text(error, shown(reason_text), text_);
  text_ += '}';
  return encoded(arena);
}

record::Bytes LetterWriter::encoded(record::Arena& arena) noexcept {
  if (encoding_ == record::Encoding::kCompact) return record::Bytes::of(arena.copy(text_));
  const record::ParseError error = document_.parse(text_);
  // What stands in there was JSON before; only a record at the depth limit goes one too deep.
  if (error != record::ParseError::kNone) return record::Bytes::of(arena.copy(text_));
  const size_t size = document_.encoded_size(encoding_);
  char* to = arena.take(size);
  document_.encode(encoding_, to);
  return {to, size};
}

}  // namespace millrace::plan
