// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/record/arena.h"
#include "engine/record/json_value.h"
#include "engine/record/names.h"
#include "engine/record/parse_error.h"
#include "engine/record/path.h"

namespace millrace::record {

// A value inside a document, by its number.
using NodeIndex = int32_t;

inline constexpr NodeIndex kNoNode = -1;

// One value of a document. A container lists its children; a scalar is its text.
struct Node {
  JsonValue value;                  // a container's text is stale once it is `edited`
  std::string_view name_text;       // with the quotes, as written; empty: element or root
  NameId name = kNoName;            // where the plan mentions the name
  NodeIndex parent = kNoNode;       // of the root: kNoNode
  NodeIndex next = kNoNode;         // the next child of the same parent; may be `removed`
  NodeIndex first_child = kNoNode;  // may be `removed`
  bool removed = false;             // not part of the document any more
  bool edited = false;              // something inside was changed: its text is stale
  bool replaced = false;            // itself changed since it was parsed (see input())
  bool name_escaped = false;        // name_text has a backslash in it
};

// How a document is written.
enum class Encoding : uint8_t {
  kCompact,  // no white space between tokens of what was edited; untouched values as they came in
  kSpaced,   // ", " and ": " everywhere, only ASCII (\uXXXX), strings escaped afresh: what Python's
             // json.dumps writes; numbers keep their text
};

// A JSON record, parsed strictly (RFC 8259) into a flat tree that can be asked, edited and written:
// what the schema checks, the steps change and the encoder writes. The whole document is checked,
// whatever part of it a plan uses, and every scalar keeps its text, so that numbers of any size
// pass unchanged. Of members of one name, at any depth, the last counts, at the place of the first.
//
// Threading: one worker; keep one per worker, it reuses its memory. Lifetime: everything points
// into the parsed text and into the texts given to edits, which outlive the use of this document.
// Node references stay until the next edit or parse; indexes until the next parse.
class Document {
 public:
  struct Options {
    bool reject_duplicates = false;  // at any depth
    bool objects_only = true;        // anything else is kNotObject
  };

  Document(const NameTable& names, Options options);
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  // Starts a new document. After an error it must not be used before the next parse().
  [[nodiscard]] ParseError parse(std::string_view text);

  // Requires for all below: a successful parse().
  [[nodiscard]] NodeIndex root() const { return 0; }

  [[nodiscard]] const Node& node(NodeIndex index) const noexcept {
    return nodes_[static_cast<size_t>(index)];
  }

  // The first child, or the next one, that is not removed; kNoNode at the end.
  [[nodiscard]] NodeIndex first_child(NodeIndex parent) const noexcept {
    return skip_removed(node(parent).first_child);
  }

  [[nodiscard]] NodeIndex next_child(NodeIndex child) const noexcept {
    return skip_removed(node(child).next);
  }

  // The member of the top level with this name, as the steps have left it; kNoNode where there is
  // none. One load.
  [[nodiscard]] NodeIndex top(NameId name) const noexcept {
    return top_[static_cast<size_t>(name) + 1];
  }

  // The value at `path`, as the steps have left it; kNoNode where there is none.
  [[nodiscard]] NodeIndex find(const Path& path) const noexcept;

  // The same of the document as it was parsed, whatever was edited since; nullptr where there was
  // none.
  [[nodiscard]] const JsonValue* input(const Path& path) const noexcept {
    return path.is_top_level() ? input_value(input_top(path.segments[0].name)) : input_deep(path);
  }

  // The text of a value as it is now, written compactly into `to` where it was edited; what is
  // returned points to `to` or to the node's text.
  [[nodiscard]] std::string_view text_of(NodeIndex index, std::string& to) const;

  // Appends the JSON Pointer (RFC 6901) of a value.
  void append_pointer(NodeIndex index, std::string& to) const;

  // Edits. A value's text must be valid JSON of its kind and outlive the use of the document.
  // replace: for scalars. `graft` replaces by any JSON text, containers included, checked: on an
  // error the document is as it was (kNotObject does not occur).
  void replace(NodeIndex index, const JsonValue& scalar) noexcept;
  [[nodiscard]] ParseError graft(NodeIndex index, std::string_view json) noexcept;

  void remove(NodeIndex index) noexcept;

  // Requires: a member of an object that has no other member of that name.
  void rename(NodeIndex member, NameId to) noexcept;

  // The value at `path`; where it is absent it is made, as null, at the end of its object, and so
  // are the objects on the way. kNoNode, and nothing changed, where something on the way is there
  // and is no object, or an array is too short.
  [[nodiscard]] NodeIndex find_or_add(const Path& path) noexcept;

  // Leaves exactly these members of the top level, in this order; those that are absent stay
  // absent. Requires: the root is an object, no name twice.
  void keep_only(const std::vector<NameId>& names) noexcept;

  // Grows with every edit since parse(): 0 means untouched.
  [[nodiscard]] uint32_t edits() const noexcept { return edits_; }

  // The length of the document as `encoding` writes it, and the writing of exactly that many bytes.
  // Who has the length already hands it over. Requires then: size is encoded_size().
  [[nodiscard]] size_t encoded_size(Encoding encoding) const noexcept;
  void encode(Encoding encoding, char* to) const noexcept;
  void encode(Encoding encoding, char* to, size_t size) const noexcept;

  // Writes the document into the arena. What its encoded_size() may be is `size_max`; nothing is
  // written where it is more, and the size is told all the same.
  struct Encoded {
    const char* text = nullptr;  // nullptr: too large
    size_t size = 0;
  };

  [[nodiscard]] Encoded encode(Encoding encoding, Arena& arena, size_t size_max) const noexcept;

 private:
  class Parser;

  // Whether the parsed text is printable ASCII all through.
  enum class Plainness : uint8_t { kUnknown, kPlain, kOther };

  // What a node was before it was changed for the first time.
  struct Original {
    NodeIndex node = kNoNode;
    NodeIndex first_child = kNoNode;
    NameId name = kNoName;
    JsonValue value;
  };

  [[nodiscard]] NodeIndex skip_removed(NodeIndex child) const noexcept {
    while (child != kNoNode && node(child).removed) child = node(child).next;
    return child;
  }

  [[nodiscard]] Node& at(NodeIndex index) noexcept { return nodes_[static_cast<size_t>(index)]; }

  [[nodiscard]] const Original* original(NodeIndex index) const noexcept {
    return node(index).replaced ? find_original(index) : nullptr;
  }

  [[nodiscard]] const Original* find_original(NodeIndex index) const noexcept;
  [[nodiscard]] NodeIndex find_member(NodeIndex object, NameId name) const noexcept;
  [[nodiscard]] NodeIndex find_element(NodeIndex array, uint32_t index) const noexcept;
  [[nodiscard]] NodeIndex step(NodeIndex from, Path::Segment segment) const noexcept;
  [[nodiscard]] NodeIndex input_step(NodeIndex from, Path::Segment segment) const noexcept;

  [[nodiscard]] NodeIndex input_top(NameId name) const noexcept {
    return (input_top_kept_ ? input_top_ : top_)[static_cast<size_t>(name) + 1];
  }

  [[nodiscard]] const JsonValue* input_value(NodeIndex index) const noexcept {
    if (index == kNoNode) return nullptr;
    const Original* const before = original(index);
    return before != nullptr ? &before->value : &node(index).value;
  }

  [[nodiscard]] const JsonValue* input_deep(const Path& path) const noexcept;
  [[nodiscard]] size_t containers_around(NodeIndex index) const noexcept;

  void make_room(size_t nodes) noexcept {
    if (static_cast<size_t>(count_) + nodes > nodes_.size()) [[unlikely]]
      grow(nodes);
  }

  void grow(size_t nodes) noexcept;
  void fit_room() noexcept;
  void enter_top() noexcept;

  // Before the first edit of top_.
  void keep_input_top() noexcept {
    if (input_top_kept_) return;
    input_top_ = top_;
    input_top_kept_ = true;
  }

  void set_top(NameId name, NodeIndex node) noexcept;

  // Before the first change of a node.
  void keep_original(NodeIndex index) noexcept {
    if (!node(index).replaced) add_original(index);
  }

  void add_original(NodeIndex index) noexcept;
  void mark_edited(NodeIndex index) noexcept;
  void adopt(NodeIndex index, NodeIndex grafted) noexcept;
  NodeIndex append_member(NodeIndex object, NameId name, bool is_object) noexcept;

  template <Encoding encoding, typename Sink>
  Sink write(NodeIndex top, Sink sink) const noexcept;
  [[nodiscard]] size_t compact_length() const noexcept;
  template <Encoding encoding>
  [[nodiscard]] char* write_flat(char* to, size_t room) const noexcept;
  template <Encoding encoding>
  [[nodiscard]] std::string_view plain_text() const noexcept;

  const NameTable& names_;
  std::vector<Node> nodes_;  // room; the first count_ are in use
  NodeIndex count_ = 0;
  NodeIndex parsed_count_ = 0;        // nodes of parse(); the others came by edits
  NodeIndex root_last_ = kNoNode;     // the last child of the root, where that is known
  std::vector<NodeIndex> top_;        // by name + 1: entry 0 is for names that no plan mentions
  std::vector<NodeIndex> input_top_;  // top_ as parsed, from the first edit of it on
  bool input_top_kept_ = false;
  std::vector<Original> originals_;
  std::vector<NodeIndex> kept_;  // for keep_only
  std::string_view text_;        // as parsed
  mutable Plainness plainness_ = Plainness::kUnknown;
  uint32_t edits_ = 0;
  size_t added_bytes_ = 0;          // of names and values that edits brought
  std::unique_ptr<Parser> parser_;  // uses what is above
};

}  // namespace millrace::record
