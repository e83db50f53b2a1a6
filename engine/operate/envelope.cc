// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/envelope.h"

#include <array>
#include <charconv>
#include <string>

#include "engine/record/document.h"
#include "engine/record/value_text.h"

namespace millrace::operate {
namespace {

constexpr int kBitsOfADigit = 6;

int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

// Base64 as record/base64.h writes it.
std::optional<std::string> decode(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    const int digit = digit_of(c);
    if (digit < 0) return std::nullopt;
    bits = (bits << kBitsOfADigit | static_cast<uint32_t>(digit)) & 0xffffU;
    count += kBitsOfADigit;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xffU);
  }
  return bytes;
}

class Members {
 public:
  explicit Members(std::string_view text)
      : document_(names_, {.reject_duplicates = true, .objects_only = true}),
        valid_(document_.parse(text) == record::ParseError::kNone) {}

  [[nodiscard]] bool valid() const { return valid_; }

  // Nothing where there is no such member.
  [[nodiscard]] const record::JsonValue* find(std::string_view name) const {
    const std::string quoted = "\"" + std::string(name) + "\"";
    for (auto child = document_.first_child(document_.root()); child != record::kNoNode;
         child = document_.next_child(child)) {
      if (document_.node(child).name_text == quoted) return &document_.node(child).value;
    }
    return nullptr;
  }

  [[nodiscard]] bool says(std::string_view name, std::string_view text) const {
    const record::JsonValue* const value = find(name);
    std::string scratch;
    return value != nullptr && record::content(*value, scratch) == text;
  }

 private:
  record::NameTable names_;
  record::Document document_;
  bool valid_;
};

// Null, a text, or base64 under another name.
std::optional<record::Bytes> read_bytes(const Members& members, const std::string& name,
                                        record::Arena& arena) {
  std::string scratch;
  if (const record::JsonValue* const text = members.find(name)) {
    if (text->kind == record::ValueKind::kNull) return record::Bytes();
    if (text->kind != record::ValueKind::kString) return std::nullopt;
    return record::Bytes::of(arena.copy(record::content(*text, scratch)));
  }
  const record::JsonValue* const base64 = members.find(name + "_base64");
  if (base64 == nullptr || base64->kind != record::ValueKind::kString) return std::nullopt;
  const auto bytes = decode(record::content(*base64, scratch));
  if (!bytes) return std::nullopt;
  return record::Bytes::of(arena.copy(*bytes));
}

}  // namespace

std::optional<Enveloped> read_envelope(record::Bytes value, const Letter& letter,
                                       record::Arena& arena) {
  if (!value.view().starts_with('{')) return std::nullopt;
  const Members members(value.view());
  if (!members.valid() || !members.says("reason", letter.reason) ||
      !members.says("pipeline", letter.pipeline) || !members.says("topic", letter.topic) ||
      !members.says("partition", std::to_string(letter.partition)) ||
      !members.says("offset", std::to_string(letter.offset))) {
    return std::nullopt;
  }
  const auto key = read_bytes(members, "key", arena);
  const auto inside = read_bytes(members, "value", arena);
  if (!key || !inside) return std::nullopt;
  return Enveloped{*key, *inside};
}

}  // namespace millrace::operate
