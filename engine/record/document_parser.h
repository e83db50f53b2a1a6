// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/limits.h"
#include "engine/record/document.h"
#include "engine/record/json_names.h"
#include "engine/record/known_members.h"
#include "engine/record/structural_index.h"

namespace millrace::record {

// Fills a document's nodes in one strict walk over the tokens of its text: a loop with the open
// containers in an array, not a recursion, so that no input can exhaust the thread's stack.
//
// Internal to Document, which owns it. Threading: one worker.
class Document::Parser {
 public:
  Parser(Document& document, Options options);

  // Parses `text` into the nodes from 0 on.
  [[nodiscard]] ParseError parse(std::string_view text) noexcept;

  // Parses `text` as a value inside `outside` containers into the nodes from document.count_ on.
  [[nodiscard]] ParseError parse_graft(std::string_view text, size_t outside) noexcept;

  // Whether the object parsed last has more members than a record may have.
  [[nodiscard]] bool has_too_many_members(NodeIndex object) const noexcept;

 private:
  class Walk;
  friend class Walk;

  // A container that is not closed yet.
  struct Open {
    NodeIndex node = kNoNode;
    uint32_t inside = 0;  // the known member whose value it is, or is in
    uint32_t last = 0;    // the member of it that was taken last
    uint32_t number = 0;  // of the object
    char closer = '\0';
    bool look_closer = false;  // an object that has a duplicate, or a name that is not known
  };

  // A name that was not where it was last time.
  struct Taken {
    std::string_view name_text;
    NameId name = kNoName;
    uint32_t member = KnownMembers::kNone;
    bool valid = false;
    bool escaped = false;
  };

  ParseError walk(std::string_view text, size_t outside, uint32_t inside) noexcept;
  ParseError explain(ParseError error, std::string_view text) const noexcept;
  // `to_colon` ends before the token that should be the colon.
  [[gnu::noinline]] Taken take_unexpected(std::string_view to_colon, const char* next_backslash,
                                          uint32_t inside, uint32_t last_member,
                                          uint32_t expected) noexcept;
  [[gnu::noinline]] void settle_duplicates(NodeIndex object) noexcept;
  void list_names(NodeIndex object) noexcept;
  void keep_last(NodeIndex object) noexcept;

  Document& document_;
  const Options options_;
  StructuralIndex index_;
  KnownMembers known_;
  std::array<Open, base::limits::kJsonDepthMax + 1> open_{};
  bool duplicate_ = false;
  bool looked_closer_ = false;
  NodeIndex nobody_ = kNoNode;  // whose next node the root is

  // Of an object that is looked at closer.
  DuplicateFinder duplicates_;
  std::vector<NodeIndex> children_;
  std::vector<std::string_view> names_;
  std::string unescaped_;  // what the names with escapes mean
};

}  // namespace millrace::record
