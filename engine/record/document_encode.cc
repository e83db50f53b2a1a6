// SPDX-License-Identifier: Apache-2.0
// How documents are written: once to learn the length, once into room of that length.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/record/ascii_text.h"
#include "engine/record/copy_short.h"
#include "engine/record/document.h"
#include "engine/record/document_parser.h"
#include "engine/record/json_text.h"

namespace millrace::record {

namespace {

bool is_container(const Node& node) noexcept {
  return node.value.kind >= ValueKind::kObject;
}

char opener(const Node& node) noexcept {
  return node.value.kind == ValueKind::kObject ? '{' : '[';
}

char closer(const Node& node) noexcept {
  return node.value.kind == ValueKind::kObject ? '}' : ']';
}

// What an ASCII-only JSON string says for one character: at most the 12 bytes of a surrogate pair.
struct Escape {
  std::array<char, 12> bytes;
  size_t size = 0;

  void add(char c) noexcept { bytes[size++] = c; }

  void add_unit(uint32_t unit) noexcept {
    constexpr std::string_view kHex = "0123456789abcdef";
    add('\\');
    add('u');
    for (const int shift : {12, 8, 4, 0}) add(kHex[unit >> shift & 0xF]);
  }
};

Escape escape_of(uint32_t code_point) noexcept {
  constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  Escape escape;
  if (code_point < 0x80) {
    const size_t simple = kEscaped.find(static_cast<char>(code_point));
    if (simple != std::string_view::npos) {
      escape.add('\\');
      escape.add(kLetters[simple]);
    } else if (code_point >= 0x20 && code_point < 0x7F) {
      escape.add(static_cast<char>(code_point));
    } else {
      escape.add_unit(code_point);
    }
  } else if (code_point < 0x10000) {
    escape.add_unit(code_point);
  } else {
    escape.add_unit(0xD800 + ((code_point - 0x10000) >> 10));
    escape.add_unit(0xDC00 + ((code_point - 0x10000) & 0x3FF));
  }
  return escape;
}

// The characters of a JSON string one by one, as they are to be written in ASCII.
class Rewriting {
 public:
  explicit Rewriting(std::string_view string_text) noexcept
      : rest_(string_text.substr(1, string_text.size() - 2)) {}

  [[nodiscard]] bool is_done() const noexcept { return rest_.empty(); }

  Escape next() noexcept {
    return escape_of(rest_.front() == '\\' ? take_escape(rest_) : take_code_point(rest_));
  }

 private:
  std::string_view rest_;
};

[[gnu::noinline]] size_t rewritten_length(std::string_view string_text) noexcept {
  size_t length = 2;
  for (Rewriting rewriting(string_text); !rewriting.is_done();) length += rewriting.next().size;
  return length;
}

// Returns where the written string ends.
[[gnu::noinline]] char* write_rewritten(std::string_view string_text, char* to) noexcept {
  *to++ = '"';
  for (Rewriting rewriting(string_text); !rewriting.is_done();) {
    const Escape escape = rewriting.next();
    to = std::copy_n(escape.bytes.data(), escape.size, to);
  }
  *to++ = '"';
  return to;
}

// Adds up lengths.
class LengthSink {
 public:
  void add(char) noexcept { ++length_; }

  void add(std::string_view text) noexcept { length_ += text.size(); }

  void add_rewritten(std::string_view string) noexcept { length_ += rewritten_length(string); }

  [[nodiscard]] size_t length() const noexcept { return length_; }

 private:
  size_t length_ = 0;
};

// Writes. Texts out of the parsed document are copied in blocks of one size where there is room for
// them, which may take along bytes that stand behind the text; what follows overwrites those.
//
// Nothing that is not inlined may see its address: what it writes could be its own members then,
// and they would be read again after every byte.
class CopySink {
 public:
  CopySink(char* to, size_t length, std::string_view parsed) noexcept
      : to_(to),
        end_(to + length),
        parsed_(reinterpret_cast<uintptr_t>(parsed.data())),
        blocks_(parsed.size() >= kBlock ? parsed.size() - kBlock + 1 : 0) {}

  [[gnu::always_inline]] void add(char c) noexcept { *to_++ = c; }

  [[gnu::always_inline]] void add(std::string_view text) noexcept {
    const char* from = text.data();
    char* to = to_;
    to_ += text.size();
    for (;; from += kBlock, to += kBlock) {
      if (reinterpret_cast<uintptr_t>(from) - parsed_ >= blocks_ ||
          static_cast<size_t>(end_ - to) < kBlock) [[unlikely]] {
        copy_short(to, from, static_cast<size_t>(to_ - to));
        return;
      }
      std::memcpy(to, from, kBlock);
      if (to + kBlock >= to_) [[likely]]
        return;
    }
  }

  [[gnu::always_inline]] void add_rewritten(std::string_view string) noexcept {
    to_ = write_rewritten(string, to_);
  }

  // A text behind which NameTable::kPadding bytes may be read.
  [[gnu::always_inline]] void add_padded(std::string_view text) noexcept {
    static_assert(NameTable::kPadding == kBlock);
    if (text.size() > kBlock || static_cast<size_t>(end_ - to_) < kBlock) [[unlikely]] {
      copy_short(to_, text.data(), text.size());
    } else {
      std::memcpy(to_, text.data(), kBlock);
    }
    to_ += text.size();
  }

  // Where the next byte goes.
  [[nodiscard]] char* end() const noexcept { return to_; }

  // Whether the length was right.
  [[nodiscard]] bool is_full() const noexcept { return to_ == end_; }

  static constexpr size_t kBlock = 32;

 private:
  char* to_;
  char* const end_;
  const uintptr_t parsed_;
  const size_t blocks_;  // so far behind parsed_ there is a whole block
};

// Punctuation and strings as the encodings want them.
template <Encoding encoding, typename Sink>
class Style {
 public:
  Style(Sink sink, std::string_view plain) noexcept
      : sink_(sink), plain_(reinterpret_cast<uintptr_t>(plain.data())), plain_size_(plain.size()) {}

  [[nodiscard]] Sink sink() const noexcept { return sink_; }

  [[gnu::always_inline]] void add(char c) noexcept { sink_.add(c); }

  [[gnu::always_inline]] void add_comma() noexcept {
    sink_.add(',');
    if constexpr (encoding == Encoding::kSpaced) sink_.add(' ');
  }

  [[gnu::always_inline]] void add_name(const Node& member) noexcept {
    if (member.name_text.empty()) return;
    add_string(member.name_text, member.name_escaped);
    sink_.add(':');
    if constexpr (encoding == Encoding::kSpaced) sink_.add(' ');
  }

  [[gnu::always_inline]] void add_value(const JsonValue& value) noexcept {
    if constexpr (encoding == Encoding::kSpaced) {
      if (value.kind == ValueKind::kString) return add_string(value.text, value.escaped);
    }
    sink_.add(value.text);
  }

 private:
  [[gnu::always_inline]] void add_string(std::string_view text, bool escaped) noexcept {
    if constexpr (encoding == Encoding::kSpaced) {
      if (escaped || !is_plain(text)) [[unlikely]]
        return sink_.add_rewritten(text);
    }
    sink_.add(text);
  }

  [[nodiscard, gnu::always_inline]] bool is_plain(std::string_view text) const noexcept {
    return reinterpret_cast<uintptr_t>(text.data()) - plain_ < plain_size_ ||
           is_printable_ascii(text);
  }

  Sink sink_;
  const uintptr_t plain_;  // a text that is known to be printable ASCII
  const size_t plain_size_;
};

}  // namespace

// A loop, not a recursion: the way back out of a container is its node's parent.
template <Encoding encoding, typename Sink>
Sink Document::write(NodeIndex top, Sink sink) const noexcept {
  Style<encoding, Sink> style(sink, plain_text<encoding>());
  NodeIndex index = top;
  for (;;) {
    const Node& here = node(index);
    if (is_container(here) && (encoding == Encoding::kSpaced || here.edited || index == top)) {
      style.add(opener(here));
      const NodeIndex child = first_child(index);
      if (child != kNoNode) {
        style.add_name(node(child));
        index = child;
        continue;
      }
      style.add(closer(here));
    } else {
      style.add_value(here.value);
    }
    for (;;) {
      if (index == top) return style.sink();
      const NodeIndex next = next_child(index);
      if (next != kNoNode) {
        style.add_comma();
        style.add_name(node(next));
        index = next;
        break;
      }
      index = node(index).parent;
      style.add(closer(node(index)));
    }
  }
}

// The parsed text where all of it is printable ASCII, so that its strings need no look.
template <Encoding encoding>
std::string_view Document::plain_text() const noexcept {
  if constexpr (encoding == Encoding::kCompact) return {};
  if (plainness_ == Plainness::kUnknown) {
    plainness_ = is_printable_ascii(text_) ? Plainness::kPlain : Plainness::kOther;
  }
  return plainness_ == Plainness::kPlain ? text_ : std::string_view();
}

// As write() with a LengthSink, but the usual record, flat or untouched inside, in a short loop.
size_t Document::compact_length() const noexcept {
  const Node& top = node(root());
  if (!is_container(top)) return top.value.text.size();
  size_t members = 0;
  size_t length = 0;
  for (NodeIndex child = top.first_child; child != kNoNode; child = node(child).next) {
    const Node& here = node(child);
    if (here.removed) continue;
    ++members;
    length += here.name_text.size() + here.value.text.size();
    if (here.edited) [[unlikely]] {
      length -= here.value.text.size();
      length += write<Encoding::kCompact>(child, LengthSink()).length();
    }
  }
  const size_t punctuation = top.value.kind == ValueKind::kObject ? 2 : 1;
  return length + members * punctuation + (members == 0 ? 2 : 1);
}

size_t Document::encoded_size(Encoding encoding) const noexcept {
  return encoding == Encoding::kCompact ? compact_length()
                                        : write<Encoding::kSpaced>(root(), LengthSink()).length();
}

void Document::encode(Encoding encoding, char* to) const noexcept {
  encode(encoding, to, encoded_size(encoding));
}

void Document::encode(Encoding encoding, char* to, size_t size) const noexcept {
  const CopySink sink(to, size, text_);
  const bool right = encoding == Encoding::kCompact
                         ? write<Encoding::kCompact>(root(), sink).is_full()
                         : write<Encoding::kSpaced>(root(), sink).is_full();
  MILLRACE_CHECK(right);
}

// Writes the usual record, an object whose members are written as they stand. Returns its end;
// nullptr where it is another one. Requires: `room` bytes at `to`.
template <Encoding encoding>
char* Document::write_flat(char* to, size_t room) const noexcept {
  constexpr bool kSpaced = encoding == Encoding::kSpaced;
  const Node* const nodes = nodes_.data();
  const std::string_view plain = plain_text<encoding>();
  if (nodes[root()].value.kind != ValueKind::kObject || (kSpaced && plain.empty())) return nullptr;
  const auto is_parsed = [&plain](std::string_view text) {
    return reinterpret_cast<uintptr_t>(text.data()) - reinterpret_cast<uintptr_t>(plain.data()) <
           plain.size();
  };
  CopySink sink(to, room, text_);
  sink.add('{');
  size_t comma = kSpaced ? 2 : 1;  // bytes that are left out, as nothing stands before the first
  for (NodeIndex child = nodes[root()].first_child; child != kNoNode; child = nodes[child].next) {
    const Node& here = nodes[child];
    if (here.removed) continue;
    const std::string_view value = here.value.text;
    if constexpr (kSpaced) {
      if (is_container(here) || here.value.escaped || here.name_escaped) return nullptr;
      if (!is_parsed(value) && !is_printable_ascii(value)) return nullptr;
    } else {
      if (here.edited) return nullptr;
    }
    if (here.name != kNoName && !here.name_escaped) {
      const NameTable::Text& name = names_.text(here.name);
      if (kSpaced && !name.is_plain) return nullptr;
      std::string_view text = kSpaced ? name.spaced : name.compact;
      text.remove_prefix(comma);
      sink.add_padded(text);
    } else {
      if (kSpaced && !is_parsed(here.name_text)) return nullptr;
      if (comma == 0) {
        sink.add(',');
        if constexpr (kSpaced) sink.add(' ');
      }
      sink.add(here.name_text);
      sink.add(':');
      if constexpr (kSpaced) sink.add(' ');
    }
    comma = 0;
    sink.add(value);
  }
  sink.add('}');
  return sink.end();
}

Document::Encoded Document::encode(Encoding encoding, Arena& arena,
                                   size_t size_max) const noexcept {
  // No flat record comes to more: each member of it has at most two spaces, and ':' and ',' as it
  // had; what is copied last may take a block more.
  const size_t flat_max = text_.size() + added_bytes_ + 4 * static_cast<size_t>(count_) + 2;
  const size_t room = flat_max + CopySink::kBlock;
  if (flat_max <= size_max) [[likely]] {
    char* const to = arena.reserve(room);
    const char* const end = encoding == Encoding::kCompact
                                ? write_flat<Encoding::kCompact>(to, room)
                                : write_flat<Encoding::kSpaced>(to, room);
    if (end != nullptr) [[likely]] {
      const auto size = static_cast<size_t>(end - to);
      arena.claim(size);
      return {to, size};
    }
  }
  const size_t size = encoded_size(encoding);
  if (size > size_max) return {nullptr, size};
  char* const to = arena.take(size);
  encode(encoding, to, size);
  return {to, size};
}

std::string_view Document::text_of(NodeIndex index, std::string& to) const {
  if (!node(index).edited) return node(index).value.text;
  to.resize(write<Encoding::kCompact>(index, LengthSink()).length());
  MILLRACE_CHECK(write<Encoding::kCompact>(index, CopySink(to.data(), to.size(), text_)).is_full());
  return to;
}

}  // namespace millrace::record
