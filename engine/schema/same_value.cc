// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/same_value.h"

#include <algorithm>
#include <cstring>

#include "engine/record/decimal.h"
#include "engine/schema/children.h"

namespace millrace::schema {
namespace {

using record::Document;
using record::Node;
using record::NodeIndex;
using record::ValueKind;

// Up to here comparing all with all is cheaper than hashing and sorting.
constexpr size_t kFew = 16;

uint64_t mix(uint64_t a, uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product =
      static_cast<Wide>(a ^ 0x9E3779B97F4A7C15U) * static_cast<Wide>(b ^ 0xD6E8FEB86659FD93U);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64U);
}

uint64_t hash_bytes(std::string_view text, uint64_t seed) noexcept {
  uint64_t hash = mix(seed, text.size());
  while (!text.empty()) {
    uint64_t word = 0;
    const size_t size = std::min(text.size(), sizeof(word));
    std::memcpy(&word, text.data(), size);
    hash = mix(hash ^ seed, hash + word);
    text.remove_prefix(size);
  }
  return hash;
}

// The text between a string's quotes.
std::string_view inside(std::string_view string_text) noexcept {
  return string_text.substr(1, string_text.size() - 2);
}

}  // namespace

bool SameValue::same(const Document& a_document, const Node& a, const Document& b_document,
                     const Node& b) noexcept {
  if (a.value.kind != b.value.kind) return false;
  switch (a.value.kind) {
    case ValueKind::kNull:
      return true;
    case ValueKind::kBoolean:
      return a.value.text == b.value.text;
    case ValueKind::kNumber:
      return a.value.text == b.value.text || record::equal_numbers(a.value.text, b.value.text);
    case ValueKind::kString:
      return same_text(a.value.text, a.value.escaped, b.value.text, b.value.escaped);
    case ValueKind::kArray:
      return same_arrays(a_document, a, b_document, b);
    case ValueKind::kObject:
      return same_objects(a_document, a, b_document, b);
  }
  return false;
}

bool SameValue::same_text(std::string_view a, bool a_escaped, std::string_view b,
                          bool b_escaped) noexcept {
  if (!a_escaped && !b_escaped) return a == b;
  a_text_.clear();
  b_text_.clear();
  record::append_unescaped(a, a_text_);
  record::append_unescaped(b, b_text_);
  return a_text_ == b_text_;
}

bool SameValue::same_arrays(const Document& a_document, const Node& a, const Document& b_document,
                            const Node& b) noexcept {
  const Children as(a_document, a);
  const Children bs(b_document, b);
  auto i = as.begin();
  auto j = bs.begin();
  for (; i != as.end() && j != bs.end(); ++i, ++j) {
    if (!same(a_document, *i, b_document, *j)) return false;
  }
  return i == as.end() && j == bs.end();
}

bool SameValue::same_objects(const Document& a_document, const Node& a, const Document& b_document,
                             const Node& b) noexcept {
  const Children as(a_document, a);
  const Children bs(b_document, b);
  const size_t count = as.count();
  if (count != bs.count()) return false;
  if (count > kFew) {
    const size_t first = stack_.size();
    for (auto i = bs.begin(); i != bs.end(); ++i) {
      stack_.push_back({hash_text((*i).name_text, (*i).name_escaped), i.index()});
    }
    std::sort(stack_.begin() + static_cast<std::ptrdiff_t>(first), stack_.end(),
              [](const HashedNode& x, const HashedNode& y) { return x.hash < y.hash; });
    const bool result = same_members(a_document, a, b_document, first);
    stack_.resize(first);
    return result;
  }
  for (const Node& member : as) {
    const Node* other = nullptr;
    for (const Node& candidate : bs) {
      if (!same_text(member.name_text, member.name_escaped, candidate.name_text,
                     candidate.name_escaped)) {
        continue;
      }
      other = &candidate;
      break;
    }
    if (other == nullptr || !same(a_document, member, b_document, *other)) return false;
  }
  return true;
}

bool SameValue::same_members(const Document& a_document, const Node& a, const Document& b_document,
                             size_t first) noexcept {
  const size_t end = stack_.size();
  for (const Node& member : Children(a_document, a)) {
    const uint64_t hash = hash_text(member.name_text, member.name_escaped);
    const auto found = std::lower_bound(
        stack_.begin() + static_cast<std::ptrdiff_t>(first),
        stack_.begin() + static_cast<std::ptrdiff_t>(end), hash,
        [](const HashedNode& hashed, uint64_t value) { return hashed.hash < value; });
    const Node* other = nullptr;
    for (auto i = static_cast<size_t>(found - stack_.begin());
         i < end && stack_[i].hash == hash && other == nullptr; ++i) {
      const Node& candidate = b_document.node(stack_[i].node);
      if (same_text(member.name_text, member.name_escaped, candidate.name_text,
                    candidate.name_escaped)) {
        other = &candidate;
      }
    }
    if (other == nullptr || !same(a_document, member, b_document, *other)) return false;
  }
  return true;
}

std::string_view SameValue::content(const record::JsonValue& string) noexcept {
  a_text_.clear();
  record::append_unescaped(string.text, a_text_);
  return a_text_;
}

uint64_t SameValue::hash_text(std::string_view text, bool escaped) noexcept {
  if (!escaped) return hash_bytes(inside(text), hash_seed_);
  a_text_.clear();
  record::append_unescaped(text, a_text_);
  return hash_bytes(a_text_, hash_seed_);
}

uint64_t SameValue::hash(const Document& document, const Node& node) noexcept {
  const uint64_t kind = hash_seed_ + static_cast<uint64_t>(node.value.kind);
  switch (node.value.kind) {
    case ValueKind::kNull:
      return mix(kind, 0);
    case ValueKind::kBoolean:
      return mix(kind, node.value.text == "true" ? 1 : 0);
    case ValueKind::kNumber:
      return mix(kind, record::hash_number(node.value.text));
    case ValueKind::kString:
      return hash_text(node.value.text, node.value.escaped);
    case ValueKind::kArray: {
      uint64_t result = kind;
      for (const Node& element : Children(document, node)) {
        result = mix(result, hash(document, element));
      }
      return mix(result, kind);
    }
    case ValueKind::kObject: {
      uint64_t result = 0;  // a sum, as the order of members does not matter
      for (const Node& member : Children(document, node)) {
        const uint64_t name = hash_text(member.name_text, member.name_escaped);
        result += mix(name, hash(document, member) ^ hash_seed_);
      }
      return mix(result, kind);
    }
  }
  return 0;
}

bool SameValue::all_different(const Document& document, const Node& array) noexcept {
  const Children elements(document, array);
  const size_t first = stack_.size();
  for (auto i = elements.begin(); i != elements.end(); ++i) stack_.push_back({0, i.index()});
  bool result = true;
  if (stack_.size() - first <= kFew) {
    for (size_t i = first; result && i < first + elements.count(); ++i) {
      const Node& element = document.node(stack_[i].node);
      for (size_t j = first; result && j < i; ++j) {
        result = !same(document, document.node(stack_[j].node), document, element);
      }
    }
  } else {
    result = hashed_all_different(document, first);
  }
  stack_.resize(first);
  return result;
}

bool SameValue::hashed_all_different(const Document& document, size_t first) noexcept {
  const size_t end = stack_.size();
  for (size_t i = first; i < end; ++i) {
    stack_[i].hash = hash(document, document.node(stack_[i].node));
  }
  // Numbers of one hash are put in order, so that equal ones are neighbours whatever the hash.
  std::sort(stack_.begin() + static_cast<std::ptrdiff_t>(first), stack_.end(),
            [&document](const HashedNode& a, const HashedNode& b) {
              if (a.hash != b.hash) return a.hash < b.hash;
              const record::JsonValue& a_value = document.node(a.node).value;
              const record::JsonValue& b_value = document.node(b.node).value;
              if (a_value.kind != b_value.kind) return a_value.kind < b_value.kind;
              return a_value.kind == ValueKind::kNumber &&
                     record::compare_numbers(a_value.text, b_value.text) < 0;
            });
  for (size_t i = first + 1; i < end; ++i) {
    const Node& element = document.node(stack_[i].node);
    for (size_t j = i; j > first && stack_[j - 1].hash == stack_[i].hash; --j) {
      if (same(document, document.node(stack_[j - 1].node), document, element)) return false;
      if (element.value.kind == ValueKind::kNumber) break;
    }
  }
  return true;
}

}  // namespace millrace::schema
