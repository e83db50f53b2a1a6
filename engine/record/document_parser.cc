// SPDX-License-Identifier: Apache-2.0
#include "engine/record/document_parser.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/base/limits.h"
#include "engine/record/json_text.h"

namespace millrace::record {

namespace {

using base::limits::kJsonDepthMax;
using base::limits::kMembersMax;

constexpr size_t kNamesRoom = 64;

bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// The last byte of a token that begins at `begin`, where the next one begins at `next`.
const char* last_of_token(const char* begin, const char* next) noexcept {
  const char* last = next - 1;
  while (is_space(*last) && last > begin) [[unlikely]]-- last;
  return last;
}

const char* find_backslash(const char* from, const char* end) noexcept {
  const void* const found = std::memchr(from, '\\', static_cast<size_t>(end - from));
  return found == nullptr ? end : static_cast<const char*>(found);
}

uint64_t load_word(const char* from) noexcept {
  uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

bool are_digits(uint64_t word) noexcept {
  constexpr uint64_t kHigh = 0xF0F0F0F0F0F0F0F0;
  constexpr uint64_t kZeros = 0x3030303030303030;
  constexpr uint64_t kToNextTen = 0x0606060606060606;  // moves ':' to '?' beyond the digits
  return ((word & kHigh) == kZeros) & (((word + kToNextTen) & kHigh) == kZeros);
}

// Times, counts and the like, without a loop over their digits.
bool is_number(const char* begin, size_t size) noexcept {
  if (size >= 8 && size <= 16 && *begin != '0' && are_digits(load_word(begin)) &&
      are_digits(load_word(begin + size - 8)))
    return true;
  return is_json_number({begin, size});
}

}  // namespace

// The walk itself. Everything it changes at every token is in here and never leaves the one
// function that makes it, so that the compiler keeps it in registers.
class Document::Parser::Walk {
 public:
  [[gnu::always_inline]] Walk(Parser& parser, std::string_view text, size_t outside,
                              uint32_t inside, NodeIndex* top)
      : parser_(parser),
        text_(text.data()),
        end_(text.data() + text.size()),
        token_(parser.index_.places()),
        tokens_end_(token_ + parser.index_.count()),
        next_backslash_(find_backslash(text_, end_)),
        nodes_(parser.document_.nodes_.data()),
        known_(parser.known_.members()),
        top_(top),
        count_(parser.document_.count_),
        next_object_(parser.known_.next_object()),
        outside_(outside),
        depth_(outside) {
    open_.inside = inside;
  }

  // Takes the document's only value.
  [[gnu::always_inline]] ParseError take_all() noexcept {
    const char first = byte();
    // The last token of a container must be its closing bracket. Thus only behind a closing
    // bracket can the walk be at the end, and only there does it ask.
    if (first == '{' || first == '[') {
      if (text_[tokens_end_[-1]] != (first == '{' ? '}' : ']')) return ParseError::kSyntax;
    }
    link_ = &parser_.nobody_;
    Node& root = add_node({}, kNoName, false);
    if (first != '{' && first != '[') {
      if (!take_scalar(root, first)) return ParseError::kSyntax;
    } else if (const ParseError error = take_container(root); error != ParseError::kNone) {
      return error;
    }
    return token_ == tokens_end_ ? ParseError::kNone : ParseError::kSyntax;
  }

  // What stays of the walk.
  [[gnu::always_inline]] void finish() noexcept {
    parser_.document_.count_ = count_;
    parser_.known_.set_next_object(next_object_);
  }

 private:
  // Takes an array or object with everything in it.
  [[gnu::always_inline]] ParseError take_container(Node& outermost) noexcept {
    Node* node = &outermost;
    for (;;) {
      const char first = byte();
      if (first == '"') {
        if (!take_string(*node)) return ParseError::kSyntax;
      } else if (first == '{' || first == '[') {
        if (depth_ == kJsonDepthMax) return ParseError::kDepth;
        open(*node, first);
        if (byte() != open_.closer) {
          node = first == '{' ? take_name() : &add_node({}, kNoName, false);
          if (node == nullptr) return ParseError::kSyntax;
          continue;
        }
      } else if (!take_scalar(*node, first)) {
        return ParseError::kSyntax;
      }
      // After a value, or at the bracket that closes an empty container.
      char separator = take_byte();
      while (separator != ',') {
        if (separator != open_.closer) return ParseError::kSyntax;
        close();
        if (token_ == tokens_end_ || depth_ == outside_) {
          return depth_ == outside_ ? ParseError::kNone : ParseError::kSyntax;
        }
        separator = take_byte();
      }
      node = open_.closer == '}' ? take_name() : &add_node({}, kNoName, false);
      if (node == nullptr) return ParseError::kSyntax;
    }
  }

  [[gnu::always_inline]] void open(Node& node, char bracket) noexcept {
    node.value.text = {text_ + *token_, 1};  // as long as it is open
    node.value.kind = bracket == '{' ? ValueKind::kObject : ValueKind::kArray;
    node.value.escaped = false;
    parser_.open_[depth_] = open_;
    if (depth_ != outside_) open_.inside = open_.closer == '}' ? open_.last : open_.inside;
    open_.node = static_cast<NodeIndex>(&node - nodes_);
    open_.last = KnownMembers::kNone;
    open_.closer = bracket == '{' ? '}' : ']';
    open_.look_closer = false;
    open_.number = next_object_++;
    expected_ = known_[open_.inside].first;
    link_ = &node.first_child;
    ++depth_;
    ++token_;
  }

  [[gnu::always_inline]] void close() noexcept {
    *link_ = kNoNode;
    Node& node = nodes_[open_.node];
    const char* const begin = node.value.text.data();
    node.value.text = {begin, static_cast<size_t>(text_ + token_[-1] - begin) + 1};
    if (open_.look_closer) [[unlikely]]
      parser_.settle_duplicates(open_.node);
    link_ = &node.next;
    --depth_;
    open_ = parser_.open_[depth_];
    expected_ = known_[open_.last].next;
  }

  // Takes a name with its colon and begins the member's node; nullptr where there is none.
  [[gnu::always_inline]] Node* take_name() noexcept {
    const char* const begin = text_ + token_[0];
    const uint32_t colon = token_[1] - token_[0];
    uint32_t taken = expected_;
    std::string_view name_text(begin, colon);
    NameId name;
    bool escaped = false;
    const bool readable = end_ - begin >= static_cast<ptrdiff_t>(KnownMember::kHeadBytes);
    if (readable && known_[taken].stands_at(begin, colon)) [[likely]] {
      name = known_[taken].name;
    } else {
      const Taken other = parser_.take_unexpected({begin, colon}, next_backslash_, open_.inside,
                                                  open_.last, expected_);
      if (!other.valid) return nullptr;
      taken = other.member;
      name_text = other.name_text;
      name = other.name;
      escaped = other.escaped;
      if (taken == KnownMembers::kNone) open_.look_closer = true;
      if (escaped) next_backslash_ = find_backslash(name_text.data() + name_text.size(), end_);
    }
    KnownMember& member = known_[taken];
    if (member.last_object == open_.number) [[unlikely]]
      open_.look_closer = true;
    member.last_object = open_.number;
    open_.last = taken;
    expected_ = member.next;
    token_ += 2;
    if (depth_ == 1) top_[name + 1] = count_;
    return &add_node(name_text, name, escaped);
  }

  [[gnu::always_inline]] Node& add_node(std::string_view name_text, NameId name,
                                        bool name_escaped) noexcept {
    Node& node = nodes_[count_];
    node.name_text = name_text;
    node.name = name;
    node.parent = open_.node;
    node.first_child = kNoNode;
    node.removed = false;
    node.edited = false;
    node.replaced = false;
    node.name_escaped = name_escaped;
    *link_ = count_;
    link_ = &node.next;
    ++count_;
    return node;
  }

  // Stage 1 has checked everything of a string but its escapes. The length and the last quote are
  // looked at again because a wrong slice here would read elsewhere in memory.
  [[gnu::always_inline]] bool take_string(Node& node) noexcept {
    const char* const begin = text_ + token_[0];
    const char* last = text_ + token_[1] - 1;
    if (*last != '"') [[unlikely]] {
      last = last_of_token(begin, last + 1);
      if (*last != '"') return false;
    }
    if (last == begin) return false;
    ++token_;
    node.value.text = {begin, static_cast<size_t>(last - begin) + 1};
    node.value.kind = ValueKind::kString;
    const bool escaped = next_backslash_ < last;
    node.value.escaped = escaped;
    if (!escaped) [[likely]]
      return true;
    next_backslash_ = find_backslash(last, end_);
    return has_valid_escapes({begin + 1, static_cast<size_t>(last - begin) - 1});
  }

  // Takes a value that is no container.
  [[gnu::always_inline]] bool take_scalar(Node& node, char first) noexcept {
    if (first == '"') return take_string(node);
    const char* const begin = text_ + token_[0];
    const size_t size = static_cast<size_t>(last_of_token(begin, text_ + token_[1]) - begin) + 1;
    ++token_;
    node.value.text = {begin, size};
    node.value.escaped = false;
    switch (first) {
      case 't':
        node.value.kind = ValueKind::kBoolean;
        return size == 4 && std::memcmp(begin, "true", 4) == 0;
      case 'f':
        node.value.kind = ValueKind::kBoolean;
        return size == 5 && std::memcmp(begin, "false", 5) == 0;
      case 'n':
        node.value.kind = ValueKind::kNull;
        return size == 4 && std::memcmp(begin, "null", 4) == 0;
      default:
        node.value.kind = ValueKind::kNumber;
        return is_number(begin, size);
    }
  }

  // The first byte of the token at hand.
  [[nodiscard, gnu::always_inline]] char byte() const noexcept { return text_[*token_]; }

  [[gnu::always_inline]] char take_byte() noexcept { return text_[*token_++]; }

  Parser& parser_;
  const char* const text_;
  const char* const end_;
  const uint32_t* token_;             // the one at hand, by its place
  const uint32_t* const tokens_end_;  // where the place is the document's end
  const char* next_backslash_;        // the first in the strings not yet taken, or end_
  Node* const nodes_;
  KnownMember* const known_;
  NodeIndex* const top_;       // where the members of the outermost object are entered
  NodeIndex* link_ = nullptr;  // where the next node of the open container is entered
  NodeIndex count_;
  uint32_t next_object_;
  uint32_t expected_ = KnownMembers::kNone;  // the member that followed last time
  const size_t outside_;
  size_t depth_;
  Open open_;
};

Document::Parser::Parser(Document& document, Options options)
    : document_(document), options_(options), known_(document.names_) {
  // Room for the names of ordinary objects, so that the first which is looked at closer, however
  // late it comes, takes none.
  children_.reserve(kNamesRoom);
  names_.reserve(kNamesRoom);
}

ParseError Document::Parser::parse(std::string_view text) noexcept {
  duplicate_ = false;
  if (looked_closer_) [[unlikely]] {
    looked_closer_ = false;
    duplicates_.release_if_huge();
  }
  known_.begin_document();
  document_.count_ = 0;
  const ParseError error = walk(text, 0, KnownMembers::kRoot);
  if (error != ParseError::kNone) [[unlikely]]
    return explain(error, text);
  const bool is_object = document_.nodes_[0].value.kind == ValueKind::kObject;
  if (!is_object && options_.objects_only) return ParseError::kNotObject;
  if (has_too_many_members(0)) return ParseError::kTooManyMembers;
  return duplicate_ && options_.reject_duplicates ? ParseError::kDuplicateMember
                                                  : ParseError::kNone;
}

ParseError Document::Parser::parse_graft(std::string_view text, size_t outside) noexcept {
  duplicate_ = false;
  const ParseError error = walk(text, outside, KnownMembers::kGraft);
  if (error != ParseError::kNone) return explain(error, text);
  return duplicate_ && options_.reject_duplicates ? ParseError::kDuplicateMember
                                                  : ParseError::kNone;
}

bool Document::Parser::has_too_many_members(NodeIndex object) const noexcept {
  const Node& node = document_.node(object);
  if (static_cast<size_t>(document_.count_ - object) <= kMembersMax) [[likely]]
    return false;
  if (node.value.kind != ValueKind::kObject) return false;
  size_t members = 0;
  for (NodeIndex child = node.first_child; child != kNoNode; child = document_.node(child).next) {
    ++members;
  }
  return members > kMembersMax;
}

// What else is wrong with a text that is not UTF-8 does not matter, and would depend on which of
// its checks the processor's variant of stage 1 makes first.
ParseError Document::Parser::explain(ParseError error, std::string_view text) const noexcept {
  return error != ParseError::kEmpty && !is_utf8(text) ? ParseError::kUtf8 : error;
}

ParseError Document::Parser::walk(std::string_view text, size_t outside, uint32_t inside) noexcept {
  if (const ParseError error = index_.index(text); error != ParseError::kNone) return error;
  // Every value but those of the open containers has a token behind it that is not a value's.
  document_.make_room(index_.count() / 2 + kJsonDepthMax + 2);
  Walk walk(*this, text, outside, inside, document_.top_.data());
  const ParseError error = walk.take_all();
  walk.finish();
  return error;
}

// A name that is not the one expected: mostly the one behind it, because a member is absent now.
Document::Parser::Taken Document::Parser::take_unexpected(std::string_view to_colon,
                                                          const char* next_backslash,
                                                          uint32_t inside, uint32_t last_member,
                                                          uint32_t expected) noexcept {
  Taken taken;
  const char* const begin = to_colon.data();
  const char* const next = begin + to_colon.size();
  const char* const last = last_of_token(begin, next);
  if (*begin != '"' || *last != '"' || last == begin || *next != ':') return taken;
  taken.name_text = {begin, static_cast<size_t>(last - begin) + 1};
  taken.escaped = next_backslash < last;
  if (taken.escaped) {
    taken.valid = has_valid_escapes(taken.name_text.substr(1, taken.name_text.size() - 2));
    if (!taken.valid) return taken;
    unescaped_.clear();
    append_unescaped(taken.name_text, unescaped_);
    taken.name = document_.names_.find(unescaped_);
    return taken;
  }
  taken.valid = true;
  KnownMember* const known = known_.members();
  const uint32_t behind = known[expected].next;
  if (known[expected].name_text() == taken.name_text) {
    taken.member = expected;  // with white space before its colon, or near the document's end
  } else if (known[behind].name_text() == taken.name_text) {
    taken.member = behind;
  } else {
    taken.member = known_.find_or_add(inside, taken.name_text);
    (last_member == KnownMembers::kNone ? known[inside].first : known[last_member].next) =
        taken.member;
  }
  if (taken.member != KnownMembers::kNone) {
    taken.name = known[taken.member].name;
  } else {
    taken.name = document_.names_.find(taken.name_text.substr(1, taken.name_text.size() - 2));
  }
  return taken;
}

// Of members of one name the last counts, at the place of the first.
void Document::Parser::settle_duplicates(NodeIndex object) noexcept {
  if (duplicate_ && options_.reject_duplicates) return;
  looked_closer_ = true;
  list_names(object);
  if (!duplicates_.find(names_)) return;
  duplicate_ = true;
  if (!options_.reject_duplicates) keep_last(object);
}

// Names are views into unescaped_, so that must not move: unescaping never lengthens.
void Document::Parser::list_names(NodeIndex object) noexcept {
  children_.clear();
  names_.clear();
  unescaped_.clear();
  size_t bytes = 0;
  for (NodeIndex child = document_.nodes_[static_cast<size_t>(object)].first_child;
       child != kNoNode; child = document_.node(child).next) {
    children_.push_back(child);
    if (document_.node(child).name_escaped) bytes += document_.node(child).name_text.size();
  }
  unescaped_.reserve(bytes);
  for (const NodeIndex child : children_) {
    const Node& member = document_.node(child);
    if (!member.name_escaped) {
      names_.push_back(member.name_text.substr(1, member.name_text.size() - 2));
      continue;
    }
    const size_t begin = unescaped_.size();
    append_unescaped(member.name_text, unescaped_);
    names_.push_back(std::string_view(unescaped_).substr(begin));
  }
}

void Document::Parser::keep_last(NodeIndex object) noexcept {
  const auto last_of = duplicates_.last_of();
  const auto node_at = [this](NodeIndex index) -> Node& {
    return document_.nodes_[static_cast<size_t>(index)];
  };
  for (const NodeIndex child : children_) node_at(child).removed = true;
  NodeIndex* link = &node_at(object).first_child;
  for (size_t i = 0; i < children_.size(); ++i) {
    if (last_of[i] == DuplicateFinder::kDropped) continue;
    const NodeIndex kept = children_[last_of[i]];
    const Node& first = node_at(children_[i]);
    Node& node = node_at(kept);
    node.name_text = first.name_text;
    node.name_escaped = first.name_escaped;
    node.removed = false;
    *link = kept;
    link = &node.next;
  }
  *link = kNoNode;
  document_.mark_edited(object);
}

}  // namespace millrace::record
