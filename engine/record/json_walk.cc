// SPDX-License-Identifier: Apache-2.0
#include "engine/record/json_walk.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/record/json_names.h"
#include "engine/record/json_text.h"

namespace millrace::record {

namespace {

using base::limits::kJsonDepthMax;
using base::limits::kMembersMax;

// A walker starts with room for documents of this many bytes; room is 4 bytes each.
constexpr size_t kRoomFirst = size_t{64} << 10;
// Room for larger documents is given back as soon as they are walked.
constexpr size_t kRoomKept = size_t{4} << 20;

char closer_of(char opener) noexcept {
  return opener == '{' ? '}' : ']';
}

bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool is_utf8(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size());
}

// simdjson's stage 1: the places of all brackets, colons and commas outside strings, and of the
// first byte of every other token. It also checks the UTF-8 of the document and that its strings
// are closed and without control characters. That is an internal interface of simdjson, so the
// constructor tries it out once (docs/decisions/0002).
class StructuralIndex {
 public:
  StructuralIndex() {
    const simdjson::error_code error =
        simdjson::get_active_implementation()->create_dom_parser_implementation(kRoomFirst, 1,
                                                                                stage1_);
    MILLRACE_CHECK(error == simdjson::SUCCESS);
    MILLRACE_CHECK(index(R"({"a": -1} )") == ParseError::kNone);
    constexpr std::array<uint32_t, 6> kExpected{0, 1, 4, 6, 8, 10};
    MILLRACE_CHECK(count() + 1 == kExpected.size());
    MILLRACE_CHECK(std::equal(kExpected.begin(), kExpected.end(), places()));
  }

  // kNone, kEmpty (nothing but white space) or, for whatever else stage 1 finds wrong, kSyntax.
  ParseError index(std::string_view document) noexcept {
    if (document.empty()) return ParseError::kEmpty;
    // No JSON ends so, and stage 1 for processors without SSE 4.2 may look one byte beyond the end
    // for the rest of a character.
    if (static_cast<unsigned char>(document.back()) >= 0x80) return ParseError::kSyntax;
    if (document.size() > stage1_->capacity()) make_room(document.size());
    const simdjson::error_code error =
        stage1_->stage1(reinterpret_cast<const uint8_t*>(document.data()), document.size(),
                        simdjson::stage1_mode::regular);
    if (error == simdjson::SUCCESS) [[likely]]
      return ParseError::kNone;
    return error == simdjson::EMPTY ? ParseError::kEmpty : ParseError::kSyntax;
  }

  // count() places and, one more, the document's length.
  [[nodiscard]] const uint32_t* places() const noexcept {
    return stage1_->structural_indexes.get();
  }

  [[nodiscard]] uint32_t count() const noexcept { return stage1_->n_structural_indexes; }

  // Ends the use of places().
  void release_if_huge() noexcept {
    if (stage1_->capacity() > kRoomKept) [[unlikely]]
      set_room(kRoomFirst);
  }

 private:
  void make_room(size_t bytes) noexcept {
    // Kafka's records end at 2 GiB, and so do the places at 4 GiB.
    MILLRACE_CHECK(bytes <= simdjson::SIMDJSON_MAXSIZE_BYTES);
    set_room(std::min(std::bit_ceil(bytes), size_t{simdjson::SIMDJSON_MAXSIZE_BYTES}));
  }

  // Out of memory ends the process here as everywhere.
  void set_room(size_t bytes) noexcept {
    const simdjson::error_code error = stage1_->set_capacity(bytes);
    MILLRACE_CHECK(error == simdjson::SUCCESS);
  }

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage1_;
};

struct Explanation {
  const char* rule_id;
  const char* text;
};

// In the order of ParseError.
constexpr std::array<Explanation, 8> kExplanations{{
    {"", ""},
    {"parse:empty", "The value is empty."},
    {"parse:utf8", "The value is not UTF-8."},
    {"parse:syntax", "The value is not JSON."},
    {"parse:depth", "The value has too many arrays and objects inside each other."},
    {"parse:too_many_members", "The object has too many members."},
    {"parse:not_object", "The value is JSON, but not an object."},
    {"parse:duplicate_member", "An object has two members of one name."},
}};
static_assert(kExplanations.size() == static_cast<size_t>(ParseError::kDuplicateMember) + 1);

const Explanation& explanation(ParseError error) {
  MILLRACE_CHECK(error != ParseError::kNone);
  return kExplanations.at(static_cast<size_t>(error));
}

}  // namespace

class JsonWalker::Impl {
 public:
  explicit Impl(Options options) : options_(options) {}

  ParseError walk(std::string_view document) {
    begin(document);
    const ParseError error = check_document(document);
    index_.release_if_huge();
    duplicates_.release_if_huge();
    if (names_.capacity() * sizeof(names_[0]) > kRoomKept) [[unlikely]]
      names_ = {};
    if (error == ParseError::kNone) [[likely]]
      return error;
    members_.clear();
    // What else is wrong with a text that is not UTF-8 does not matter, and would depend on which
    // of its checks the processor's variant of stage 1 makes first.
    return error != ParseError::kEmpty && !is_utf8(document) ? ParseError::kUtf8 : error;
  }

  [[nodiscard]] const std::vector<Member>& members() const { return members_; }

 private:
  void begin(std::string_view document) {
    members_.clear();
    names_.clear();
    unescaped_.clear();
    if (unescaped_.capacity() > kRoomKept) [[unlikely]]
      unescaped_.shrink_to_fit();
    text_ = document.data();
    end_ = document.data() + document.size();
    too_many_members_ = false;
    duplicate_ = false;
  }

  ParseError check_document(std::string_view document) {
    if (const ParseError error = index_.index(document); error != ParseError::kNone) return error;
    token_ = index_.places();
    tokens_end_ = token_ + index_.count();
    find_backslash(text_);
    const ParseError error = take_root();
    if (error != ParseError::kNone) return error;
    if (token_ != tokens_end_) return ParseError::kSyntax;
    if (document[*index_.places()] != '{') return ParseError::kNotObject;
    if (too_many_members_) return ParseError::kTooManyMembers;
    if (duplicates_.resolve(members_)) duplicate_ = true;
    return duplicate_ && options_.reject_duplicates ? ParseError::kDuplicateMember
                                                    : ParseError::kNone;
  }

  // The last token of a container at the root must be its closing bracket. Thus only behind a
  // closing bracket can the walk be at the end, and only there does it ask.
  ParseError take_root() {
    const char first = byte();
    if (first != '{' && first != '[') {
      JsonValue scalar;
      return take_scalar(scalar) ? ParseError::kNone : ParseError::kSyntax;
    }
    if (text_[tokens_end_[-1]] != closer_of(first)) return ParseError::kSyntax;
    return first == '{' ? take_members() : take_container(0);
  }

  // Takes the root object and lists its members.
  ParseError take_members() {
    ++token_;
    if (byte() == '}') {
      ++token_;
      return ParseError::kNone;
    }
    for (;;) {
      if (members_.size() == kMembersMax) [[unlikely]] {
        too_many_members_ = true;
        members_.pop_back();
      }
      Member& member = members_.emplace_back();
      if (!take_name(member)) return ParseError::kSyntax;
      const char first = byte();
      if (first == '{' || first == '[') {
        const char* const begin = text_ + *token_;
        const ParseError error = take_container(1);
        if (error != ParseError::kNone) return error;
        member.value.text = {begin, static_cast<size_t>(text_ + token_[-1] - begin) + 1};
        member.value.kind = first == '{' ? ValueKind::kObject : ValueKind::kArray;
      } else if (!take_scalar(member.value)) {
        return ParseError::kSyntax;
      }
      const char separator = take_byte();
      if (separator == '}') return ParseError::kNone;
      if (separator != ',') return ParseError::kSyntax;
    }
  }

  // Takes an array or object inside `outside` containers, with everything in it. A loop with the
  // open containers in closers_, not a recursion, so that no input can exhaust the thread's stack.
  // Guarantees: not at the end where something is open outside.
  ParseError take_container(const size_t outside) {
    size_t depth = outside;
    for (;;) {
      // At the start of a value.
      const char first = byte();
      if (first == '{' || first == '[') {
        if (depth == kJsonDepthMax) return ParseError::kDepth;
        closers_[depth] = closer_of(first);
        names_begin_[depth] = names_.size();
        ++depth;
        ++token_;
        if (byte() != closers_[depth - 1]) {
          if (first == '{' && !take_nested_name()) return ParseError::kSyntax;
          continue;
        }
      } else if (JsonValue scalar; !take_scalar(scalar)) {
        return ParseError::kSyntax;
      }
      // After a value, or at the bracket that closes an empty container.
      char separator = take_byte();
      while (separator == closers_[depth - 1]) {
        --depth;
        if (options_.reject_duplicates && separator == '}') check_names_from(names_begin_[depth]);
        if (token_ == tokens_end_) return depth == 0 ? ParseError::kNone : ParseError::kSyntax;
        if (depth == outside) return ParseError::kNone;
        separator = take_byte();
      }
      if (separator != ',') return ParseError::kSyntax;
      if (closers_[depth - 1] == '}' && !take_nested_name()) return ParseError::kSyntax;
    }
  }

  bool take_nested_name() {
    Member member;
    if (!options_.reject_duplicates) return take_name_text(member.name_text, member.value.escaped);
    if (!take_name(member)) return false;
    names_.push_back(member.name);
    return true;
  }

  bool take_name(Member& member) {
    bool escaped = false;
    if (!take_name_text(member.name_text, escaped)) return false;
    member.name = escaped ? unescape_name(member.name_text)
                          : member.name_text.substr(1, member.name_text.size() - 2);
    return true;
  }

  // Takes a name with its colon.
  bool take_name_text(std::string_view& name_text, bool& escaped) noexcept {
    if (byte() != '"' || !take_string(name_text, escaped)) return false;
    return take_byte() == ':';
  }

  bool take_scalar(JsonValue& value) noexcept {
    switch (byte()) {
      case '"':
        value.kind = ValueKind::kString;
        return take_string(value.text, value.escaped);
      case 't':
        return take_literal("true", ValueKind::kBoolean, value);
      case 'f':
        return take_literal("false", ValueKind::kBoolean, value);
      case 'n':
        return take_literal("null", ValueKind::kNull, value);
      default:
        value.kind = ValueKind::kNumber;
        value.text = take_token();
        return is_json_number(value.text);
    }
  }

  bool take_literal(std::string_view literal, ValueKind kind, JsonValue& value) noexcept {
    value.kind = kind;
    value.text = take_token();
    return value.text == literal;
  }

  // Stage 1 has checked everything of a string but its escapes. The length and the last quote are
  // looked at again because a wrong slice here would read elsewhere in memory.
  bool take_string(std::string_view& string_text, bool& escaped) noexcept {
    string_text = take_token();
    if (string_text.size() < 2 || string_text.back() != '"') return false;
    const char* const string_end = string_text.data() + string_text.size();
    escaped = next_backslash_ < string_end;
    if (!escaped) [[likely]]
      return true;
    find_backslash(string_end);
    return has_valid_escapes(string_text.substr(1, string_text.size() - 2));
  }

  // Names are views into unescaped_, so it must not move: the first name takes room for all that
  // can follow, since unescaping never lengthens.
  std::string_view unescape_name(std::string_view name_text) {
    if (unescaped_.empty()) {
      unescaped_.reserve(static_cast<size_t>(end_ - name_text.data()));
    }
    const size_t begin = unescaped_.size();
    append_unescaped(name_text, unescaped_);
    return std::string_view(unescaped_).substr(begin);
  }

  // Drops the names of an object that ends.
  void check_names_from(size_t begin) {
    if (!duplicate_) duplicate_ = duplicates_.has_duplicates(std::span(names_).subspan(begin));
    names_.resize(begin);
  }

  // The first byte of the token at hand.
  [[nodiscard]] char byte() const noexcept { return text_[*token_]; }

  char take_byte() noexcept { return text_[*token_++]; }

  // Up to the next token, without the white space between.
  std::string_view take_token() noexcept {
    const char* const begin = text_ + token_[0];
    const char* last = text_ + token_[1] - 1;
    while (is_space(*last) && last > begin) [[unlikely]]-- last;
    ++token_;
    return {begin, static_cast<size_t>(last - begin) + 1};
  }

  void find_backslash(const char* from) noexcept {
    const void* const found = std::memchr(from, '\\', static_cast<size_t>(end_ - from));
    next_backslash_ = found == nullptr ? end_ : static_cast<const char*>(found);
  }

  const Options options_;
  StructuralIndex index_;

  // The document at hand and the place in it.
  const char* text_ = nullptr;
  const char* end_ = nullptr;
  const uint32_t* token_ = nullptr;       // the one at hand, by its place
  const uint32_t* tokens_end_ = nullptr;  // where the place is the document's end
  const char* next_backslash_ = nullptr;  // the first in the strings not yet taken, or end_
  bool too_many_members_ = false;
  bool duplicate_ = false;

  // What is open, from the outside.
  std::array<char, kJsonDepthMax> closers_{};
  std::array<size_t, kJsonDepthMax> names_begin_{};  // where an object's names begin in names_
  std::vector<std::string_view> names_;              // kept only to reject duplicates

  std::vector<Member> members_;
  std::string unescaped_;  // the names with escapes
  DuplicateFinder duplicates_;
};

JsonWalker::JsonWalker(Options options) : impl_(std::make_unique<Impl>(options)) {}

JsonWalker::~JsonWalker() = default;

ParseError JsonWalker::walk(std::string_view document) {
  return impl_->walk(document);
}

const std::vector<Member>& JsonWalker::members() const {
  return impl_->members();
}

const char* rule_id(ParseError error) {
  return explanation(error).rule_id;
}

const char* describe(ParseError error) {
  return explanation(error).text;
}

}  // namespace millrace::record
