// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "engine/record/json_writer.h"
#include "engine/trial/trial_run.h"

// How `try` shows what became of a record.
namespace millrace::trial {

// For people, safe for a terminal:
//   record 2: dead_lettered by schema:/required/device_type
//     'device_type' is a required property
//     -> user-login.dead-letters  key=(null)
//        {"user_id":"7"}
void append_text(const RecordResult& result, std::string_view title, std::string& to);

// For programs: the members outcome, reason, reason_text, outputs, in this order, each output with
// topic, key and value. Keys and values are strings; bytes that are no UTF-8 become U+FFFD there,
// and stand in key_base64 or value_base64 as they are.
void write_json(const RecordResult& result, record::JsonWriter& json);

// Whether two plans made the same of a record: outcome, reason and reason text, and topic, key and
// value of each output.
[[nodiscard]] bool same(const RecordResult& before, const RecordResult& after);

// What they made of it, where it differs, for people. Requires: !same(before, after).
void append_difference(const RecordResult& before, const RecordResult& after,
                       std::string_view title, std::string& to);

}  // namespace millrace::trial
