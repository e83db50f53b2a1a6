// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/value_text.h"

#include "engine/base/limits.h"

namespace millrace::plan {
namespace {

constexpr size_t kShownBytesMax = base::limits::kReasonTextBytesMax / 2;

void append_cut(std::string_view text, std::string& to) {
  const std::string_view shown = cut_text(text, kShownBytesMax);
  to += shown;
  if (shown.size() < text.size()) to += "…";
}

}  // namespace

std::string_view cut_text(std::string_view text, size_t bytes_max) noexcept {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string_view content(const record::JsonValue& value, std::string& scratch) {
  if (value.kind != record::ValueKind::kString) return value.text;
  if (!value.escaped) return value.plain();
  scratch.clear();
  record::append_unescaped(value.text, scratch);
  return scratch;
}

void append_shown(const record::JsonValue& value, std::string& to) {
  switch (value.kind) {
    case record::ValueKind::kString: {
      std::string scratch;
      const std::string_view text = content(value, scratch);
      const std::string_view shown = cut_text(text, kShownBytesMax);
      to += '\'';
      for (const char c : shown) {
        if (c == '\'' || c == '\\') to += '\\';
        to += c;
      }
      if (shown.size() < text.size()) to += "…";
      to += '\'';
      return;
    }
    case record::ValueKind::kNull:
      to += "None";
      return;
    case record::ValueKind::kBoolean:
      to += value.text == "true" ? "True" : "False";
      return;
    case record::ValueKind::kNumber:
    case record::ValueKind::kObject:
    case record::ValueKind::kArray:
      append_cut(value.text, to);
      return;
  }
}

void append_pointer_token(std::string_view name, std::string& to) {
  for (const char c : name) {
    if (c == '~') {
      to += "~0";
    } else if (c == '/') {
      to += "~1";
    } else {
      to += c;
    }
  }
}

}  // namespace millrace::plan
