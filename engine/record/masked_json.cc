// SPDX-License-Identifier: Apache-2.0
#include "engine/record/masked_json.h"

#include <string_view>
#include <utility>

#include "engine/record/value_text.h"

namespace millrace::record {
namespace {

constexpr std::string_view kMasked = "\"\u2022\u2022\u2022\"";
constexpr std::string_view kCut = "\u2026";

class Masker {
 public:
  Masker(const Document& document, size_t bytes_max) : document_(document), bytes_max_(bytes_max) {}

  [[nodiscard]] std::string mask() {
    write(document_.root());
    if (text_.size() <= bytes_max_) return std::move(text_);
    return std::string(cut_text(text_, bytes_max_)) += kCut;
  }

 private:
  [[nodiscard]] bool full() const { return text_.size() > bytes_max_; }

  // (Each level writes something before the next one: so it is never deep.)
  void write(NodeIndex index) {  // NOLINT(misc-no-recursion): bounded, see above
    const JsonValue& value = document_.node(index).value;
    switch (value.kind) {
      case ValueKind::kObject:
        write_container(index, '{', '}');
        return;
      case ValueKind::kArray:
        write_container(index, '[', ']');
        return;
      case ValueKind::kString:
        text_ += kMasked;
        return;
      case ValueKind::kNumber:
        write_number(value.text);
        return;
      case ValueKind::kBoolean:
      case ValueKind::kNull:
        text_ += value.text;
        return;
    }
  }

  void write_container(NodeIndex index, char begin, char end) {  // NOLINT(misc-no-recursion)
    text_ += begin;
    bool first = true;
    for (NodeIndex child = document_.first_child(index); child != kNoNode && !full();
         child = document_.next_child(child)) {
      if (!first) text_ += ',';
      first = false;
      const Node& node = document_.node(child);
      if (!node.name_text.empty()) {
        text_ += node.name == kNoName ? kMasked : node.name_text;
        text_ += ':';
      }
      write(child);
    }
    text_ += end;
  }

  void write_number(std::string_view number) {
    for (const char character : number) {
      if (full()) return;
      text_ += character >= '0' && character <= '9' ? '0' : character;
    }
  }

  const Document& document_;
  const size_t bytes_max_;
  std::string text_;
};

}  // namespace

std::string masked_json(const Document& document, size_t bytes_max) {
  return Masker(document, bytes_max).mask();
}

}  // namespace millrace::record
