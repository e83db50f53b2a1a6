// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/show_result.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "engine/record/base64.h"
#include "engine/record/printable.h"
#include "engine/trial/json_difference.h"
#include "engine/trial/text_difference.h"

namespace millrace::trial {
namespace {

using record::Bytes;
using record::OutputRecord;

std::string shown(Bytes bytes) {
  return bytes.null() ? "(null)" : record::printable(bytes.view());
}

std::string verdict(const RecordResult& result) {
  std::string text(outcome_name(result.outcome));
  if (!result.reason.empty()) text.append(" by ").append(result.reason);
  return text;
}

std::string head_of(const RecordResult& result, const OutputRecord& output) {
  return fmt::format("-> {}  key={}", result.topic(output), shown(output.key));
}

void write_bytes(std::string_view name, Bytes bytes, record::JsonWriter& json) {
  json.name(name);
  if (bytes.null()) return json.null();
  json.string(bytes.view());
  if (record::repair_utf8(bytes.view()) == bytes.view()) return;
  std::string base64;
  record::append_base64(bytes.view(), base64);
  json.member(fmt::format("{}_base64", name), base64);
}

void write_text(std::string_view name, bool present, std::string_view text,
                record::JsonWriter& json) {
  json.name(name);
  if (present) {
    json.string(text);
  } else {
    json.null();
  }
}

bool same_bytes(Bytes left, Bytes right) {
  return left.null() == right.null() && left.view() == right.view();
}

bool same_place(const RecordResult& before, const OutputRecord& left, const RecordResult& after,
                const OutputRecord& right) {
  return before.topic(left) == after.topic(right) && same_bytes(left.key, right.key);
}

void append_indented(std::string_view lines, std::string& to) {
  while (!lines.empty()) {
    const size_t end = lines.find('\n') + 1;
    to.append("     ").append(lines.substr(0, end));
    lines.remove_prefix(end);
  }
}

void append_values(Bytes before, Bytes after, std::string& to) {
  const JsonComparison comparison = compare_json(before.view(), after.view());
  if (comparison.difference) {
    append_indented(comparison.difference->text, to);
  } else if (before.null() || after.null()) {
    to += fmt::format("     - {}\n     + {}\n", shown(before), shown(after));
  } else {
    append_indented(text_difference(before.view(), after.view()), to);
  }
}

void append_output(char mark, const RecordResult& result, const OutputRecord& output,
                   std::string& to) {
  to +=
      fmt::format("  {0} {1}\n  {0}    {2}\n", mark, head_of(result, output), shown(output.value));
}

}  // namespace

void append_text(const RecordResult& result, std::string_view title, std::string& to) {
  to += fmt::format("{}: {}\n", title, verdict(result));
  if (!result.reason_text.empty())
    to += fmt::format("  {}\n", record::printable(result.reason_text));
  for (const OutputRecord& output : result.outputs)
    to += fmt::format("  {}\n     {}\n", head_of(result, output), shown(output.value));
}

void write_json(const RecordResult& result, record::JsonWriter& json) {
  const bool rejected = !result.reason.empty();
  json.begin_object();
  json.member("outcome", outcome_name(result.outcome));
  write_text("reason", rejected, result.reason, json);
  write_text("reason_text", rejected, result.reason_text, json);
  json.name("outputs");
  json.begin_array();
  for (const OutputRecord& output : result.outputs) {
    json.begin_object();
    json.member("topic", result.topic(output));
    write_bytes("key", output.key, json);
    write_bytes("value", output.value, json);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

bool same(const RecordResult& before, const RecordResult& after) {
  if (before.outcome != after.outcome || before.reason != after.reason ||
      before.reason_text != after.reason_text)
    return false;
  return std::equal(before.outputs.begin(), before.outputs.end(), after.outputs.begin(),
                    after.outputs.end(), [&](const OutputRecord& left, const OutputRecord& right) {
                      return same_place(before, left, after, right) &&
                             same_bytes(left.value, right.value);
                    });
}

void append_difference(const RecordResult& before, const RecordResult& after,
                       std::string_view title, std::string& to) {
  if (before.outcome == after.outcome && before.reason == after.reason) {
    to += fmt::format("{}: {}\n", title, verdict(before));
  } else {
    to += fmt::format("{}:\n  - {}\n  + {}\n", title, verdict(before), verdict(after));
  }
  if (before.reason_text != after.reason_text) {
    to += fmt::format("  - {}\n  + {}\n", record::printable(before.reason_text),
                      record::printable(after.reason_text));
  }
  const size_t both = std::min(before.outputs.size(), after.outputs.size());
  for (size_t i = 0; i < both; ++i) {
    const OutputRecord& left = before.outputs[i];
    const OutputRecord& right = after.outputs[i];
    if (!same_place(before, left, after, right)) {
      append_output('-', before, left, to);
      append_output('+', after, right, to);
    } else if (!same_bytes(left.value, right.value)) {
      to += fmt::format("    {}\n", head_of(before, left));
      append_values(left.value, right.value, to);
    }
  }
  for (size_t i = both; i < before.outputs.size(); ++i)
    append_output('-', before, before.outputs[i], to);
  for (size_t i = both; i < after.outputs.size(); ++i)
    append_output('+', after, after.outputs[i], to);
}

}  // namespace millrace::trial
