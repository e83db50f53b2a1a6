// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/record/arena.h"
#include "engine/record/batch.h"
#include "engine/record/document.h"
#include "engine/record/path.h"
#include "engine/record/topic_limits.h"

namespace millrace::plan {

// What a dead letter tells about the record besides the record itself.
struct Provenance {
  std::string_view pipeline;
  std::string_view topic;
  int32_t partition = 0;
  std::string_view reason;        // the rule's id; outlives the batch
  std::string_view reason_text;   // may hold the value; copied, cut to a bound
  std::string_view rule_pointer;  // JSON Pointer of a schema's rule; null where it is another rule
  std::string_view
      value_pointer;       // JSON Pointer of the value in the record; copied, cut to a bound
  std::string_view stage;  // the stage whose step rejected it, or empty; outlives the batch
  // Where the value shows some members of the record only: record::kFieldsFormat. Else empty.
  std::string_view format = {};
};

// Makes the dead letter of `input`: `value` (the record's own, or a form made of it), key and
// headers as they came, and the headers millrace.reason, .reason_text, .value_pointer,
// .rule_pointer, .stage, .topic, .partition, .offset, .timestamp, .pipeline, .format, which replace
// those of an earlier round; millrace.attempts alone is carried on. What would not fit the topic
// (`message_bytes_max`) is cut: the letter then has the record's own value, cut too where need be,
// and the header millrace.truncated says how long that was; the record that it came from is named
// by the other headers. A letter is never lost for its size.
[[nodiscard]] record::OutputRecord make_dead_letter(const record::InputRecord& input,
                                                    record::Bytes value,
                                                    const Provenance& provenance,
                                                    size_t message_bytes_max,
                                                    record::Arena& arena) noexcept;

// Writes the values of dead letters that are not the record's own bytes.
// Threading: one worker.
class LetterWriter {
 public:
  explicit LetterWriter(record::Encoding encoding);

  // All there is about the record in one JSON object: reason, reason_text, value_pointer, stage,
  // pipeline, topic, partition, offset, timestamp, key, value. Key and value are strings; where
  // they are not UTF-8, key_base64 and value_base64 stand for them.
  [[nodiscard]] record::Bytes envelope(const record::InputRecord& input,
                                       const Provenance& provenance, record::Arena& arena) noexcept;

  // The named members as they came in, null where absent, and the reason text as the member
  // `error`. `document` null: the record is no JSON.
  [[nodiscard]] record::Bytes fields(const std::vector<record::Path>& fields,
                                     std::string_view error, const record::Document* document,
                                     std::string_view reason_text, record::Arena& arena) noexcept;

 private:
  void begin();
  void put_string(std::string_view text);
  void put_name(std::string_view name);
  void put_text(std::string_view name, std::string_view text);
  void put_number(std::string_view name, int64_t number);
  void put_bytes(const std::string& name, record::Bytes bytes);
  void put_value(std::string_view name, const record::JsonValue& value);
  [[nodiscard]] record::Bytes encoded(record::Arena& arena) noexcept;

  record::NameTable no_names_;
  record::Document document_;
  record::Encoding encoding_;
  std::string text_;
  bool as_encoded_ = true;  // text_ is what `encoding_` writes, without being parsed first
};

}  // namespace millrace::plan
