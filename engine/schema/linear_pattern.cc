// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/linear_pattern.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>

namespace millrace::schema {

namespace {

constexpr size_t kSequencesMax = 8;
constexpr size_t kItemsMax = 64;
constexpr int kNodesMax = 1000;  // so that copies of copies of groups end
constexpr char32_t kFirstBeyond = 0x80;
constexpr char32_t kLastCharacter = 0x10FFFF;
constexpr char32_t kLineSeparator = 0x2028;
constexpr char32_t kParagraphSeparator = 0x2029;

// The ranges in order, without overlaps.
std::vector<CodeRange> in_order(std::vector<CodeRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const CodeRange& a, const CodeRange& b) { return a.first < b.first; });
  std::vector<CodeRange> joined;
  for (const CodeRange& range : ranges) {
    if (!joined.empty() && range.first <= joined.back().last + 1) {
      joined.back().last = std::max(joined.back().last, range.last);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

bool is_two_separators(const std::vector<CodeRange>& ranges) {
  return ranges.size() == 1 && ranges[0].first == kLineSeparator &&
         ranges[0].last == kParagraphSeparator;
}

}  // namespace

// Takes a tree apart into sequences. Every function says whether that worked.
class LinearPattern::Builder {
 public:
  std::optional<LinearPattern> build(const PatternNode& pattern) {
    std::vector<Sequence> sequences(1);
    if (!append(pattern, sequences)) return std::nullopt;
    for (Sequence& sequence : sequences) {
      if (!settle(sequence)) return std::nullopt;
    }
    LinearPattern linear;
    linear.sequences_ = std::move(sequences);
    return linear;
  }

 private:
  using Kind = PatternNode::Kind;

  // Continues each of the sequences with the node.
  bool append(const PatternNode& node, std::vector<Sequence>& sequences) {
    if (--nodes_left_ < 0) return false;
    switch (node.kind) {
      case Kind::kSequence:
        return std::all_of(node.children.begin(), node.children.end(),
                           [&](const PatternNode& child) { return append(child, sequences); });
      case Kind::kChoice:
        return append_choice(node.children, sequences);
      case Kind::kRepeat:
        return append_repeat(node, sequences);
      case Kind::kSet:
        return append_set(node.set, 1, 1, sequences);
      case Kind::kTextStart:
        for (Sequence& sequence : sequences) {
          if (!sequence.items.empty() || sequence.at_end) return false;
          sequence.at_start = true;
        }
        return true;
      case Kind::kTextEnd:
        for (Sequence& sequence : sequences) sequence.at_end = true;
        return true;
      case Kind::kWordBoundary:
      case Kind::kNotWordBoundary:
        return false;
    }
    return false;
  }

  bool append_choice(const std::vector<PatternNode>& choices, std::vector<Sequence>& sequences) {
    std::vector<Sequence> all;
    for (const PatternNode& choice : choices) {
      std::vector<Sequence> some = sequences;
      if (!append(choice, some) || all.size() + some.size() > kSequencesMax) return false;
      std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    sequences = std::move(all);
    return true;
  }

  bool append_repeat(const PatternNode& node, std::vector<Sequence>& sequences) {
    const PatternNode* child = &node.children.front();
    while (child->kind == Kind::kSequence && child->children.size() == 1) {
      child = &child->children.front();
    }
    if (child->kind == Kind::kSet) return append_set(child->set, node.least, node.most, sequences);
    // A few copies of a group, the last of which may be missing.
    if (node.most > kSequencesMax || node.most - node.least > 1) return false;
    for (uint32_t i = 0; i < node.least; ++i) {
      if (!append(*child, sequences)) return false;
    }
    if (node.most == node.least) return true;
    return append_choice({PatternNode{}, *child}, sequences);
  }

  static bool append_set(const CharacterSet& set, uint32_t least, uint32_t most,
                         std::vector<Sequence>& sequences) {
    const std::optional<Item> item = item_of(set, least, most);
    if (!item) return false;
    for (Sequence& sequence : sequences) {
      if (sequence.at_end || sequence.items.size() == kItemsMax) return false;
      if (most > 0) sequence.items.push_back(*item);
    }
    return true;
  }

  static std::optional<Item> item_of(const CharacterSet& set, uint32_t least, uint32_t most) {
    if (!set.properties.empty()) return std::nullopt;
    Item item{.least = least, .most = most};
    std::vector<CodeRange> beyond;
    for (const CodeRange& range : in_order(set.ranges)) {
      for (char32_t c = range.first; c < kFirstBeyond && c <= range.last; ++c) {
        item.ascii[c >> 6U] |= uint64_t{1} << (c & 63U);
      }
      if (range.last >= kFirstBeyond) {
        beyond.push_back({std::max(range.first, kFirstBeyond), range.last});
      }
    }
    if (set.negated) {
      for (uint64_t& half : item.ascii) half = ~half;
    }
    const bool none = beyond.empty();
    const bool all =
        beyond.size() == 1 && beyond[0].first == kFirstBeyond && beyond[0].last == kLastCharacter;
    if (set.negated && is_two_separators(beyond)) {
      item.beyond = Beyond::kAllButSeparators;
    } else if (none || all) {
      item.beyond = none == set.negated ? Beyond::kAll : Beyond::kNone;
    } else {
      return std::nullopt;
    }
    return item;
  }

  // Decides how the sequence is looked for; false where that could need a second try.
  static bool settle(Sequence& sequence) {
    std::vector<Item>& items = sequence.items;
    // At an open end the least that an item asks for is enough.
    while (!sequence.at_end && !items.empty()) {
      items.back().most = items.back().least;
      if (items.back().least > 0) break;
      items.pop_back();
    }
    while (!sequence.at_start && !items.empty()) {
      items.front().most = items.front().least;
      if (items.front().least > 0) break;
      items.erase(items.begin());
    }
    if (items.empty() && !(sequence.at_start && sequence.at_end)) {
      sequence.search = Search::kAlways;
      return true;
    }
    if (settle_literal(sequence)) return true;
    if (sequence.at_start) return settle_anchored(sequence);
    if (sequence.at_end) return settle_ending(sequence);
    sequence.search = Search::kRun;
    return items.size() == 1;
  }

  static bool settle_literal(Sequence& sequence) {
    std::string literal;
    for (const Item& item : sequence.items) {
      const int count = std::popcount(item.ascii[0]) + std::popcount(item.ascii[1]);
      if (count != 1 || item.beyond != Beyond::kNone || item.least != item.most ||
          literal.size() + item.least > kItemsMax) {
        return false;
      }
      const int low = std::countr_zero(item.ascii[0]);
      const int bit = low < 64 ? low : 64 + std::countr_zero(item.ascii[1]);
      literal.append(item.least, static_cast<char>(bit));
    }
    sequence.search = Search::kLiteral;
    sequence.literal = std::move(literal);
    return true;
  }

  static bool settle_anchored(Sequence& sequence) {
    sequence.search = Search::kAnchored;
    const std::vector<Item>& items = sequence.items;
    for (size_t i = 0; i < items.size(); ++i) {
      if (items[i].least == items[i].most) continue;
      for (size_t k = i + 1; k < items.size(); ++k) {
        if (overlap(items[i], items[k])) return false;
        if (items[k].least > 0) break;
      }
    }
    return true;
  }

  static bool settle_ending(Sequence& sequence) {
    sequence.search = Search::kEnding;
    for (const Item& item : sequence.items) {
      if (item.least != item.most || item.beyond != Beyond::kNone) return false;
      sequence.length += item.least;
    }
    return true;
  }

  static bool overlap(const Item& a, const Item& b) {
    return (a.ascii[0] & b.ascii[0]) != 0 || (a.ascii[1] & b.ascii[1]) != 0 ||
           (a.beyond != Beyond::kNone && b.beyond != Beyond::kNone);
  }

  int nodes_left_ = kNodesMax;
};

std::optional<LinearPattern> LinearPattern::from(const PatternNode& pattern) {
  return Builder().build(pattern);
}

bool LinearPattern::found_in(std::string_view text) const noexcept {
  for (const Sequence& sequence : sequences_) {
    if (found(sequence, text)) return true;
  }
  return false;
}

bool LinearPattern::found(const Sequence& sequence, std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  switch (sequence.search) {
    case Search::kAlways:
      return true;
    case Search::kLiteral:
      return found_literal(sequence, text);
    case Search::kAnchored:
      return matches_from(sequence, text.data(), end);
    case Search::kRun:
      return found_run(sequence.items.front(), text);
    case Search::kEnding:
      return text.size() >= sequence.length && matches_from(sequence, end - sequence.length, end);
  }
  return false;
}

bool LinearPattern::found_literal(const Sequence& sequence, std::string_view text) noexcept {
  if (sequence.at_start) {
    return sequence.at_end ? text == sequence.literal : text.starts_with(sequence.literal);
  }
  if (sequence.at_end) return text.ends_with(sequence.literal);
  return text.find(sequence.literal) != std::string_view::npos;
}

// Whether the item's characters stand somewhere `least` times in a row.
bool LinearPattern::found_run(const Item& item, std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  uint32_t run = 0;
  while (at < end) {
    const size_t taken = width(item, at, end);
    run = taken > 0 ? run + 1 : 0;
    if (run == item.least) return true;
    // The bytes inside a character begin nothing, so that a step of one byte skips them too.
    at += std::max<size_t>(taken, 1);
  }
  return false;
}

bool LinearPattern::matches_from(const Sequence& sequence, const char* at,
                                 const char* end) noexcept {
  for (const Item& item : sequence.items) {
    uint32_t count = 0;
    if (item.beyond == Beyond::kNone) {
      while (count < item.most && at < end && item.has(static_cast<unsigned char>(*at))) {
        ++at;
        ++count;
      }
    } else {
      while (count < item.most && at < end) {
        const auto lead = static_cast<unsigned char>(*at);
        const size_t taken = item.has(lead) ? 1 : lead < kFirstBeyond ? 0 : width(item, at, end);
        if (taken == 0) break;
        at += taken;
        ++count;
      }
    }
    if (count < item.least) return false;
  }
  return !sequence.at_end || at == end;
}

// The bytes of the character at `at` if it belongs to the item, else 0. Requires: at < end.
size_t LinearPattern::width(const Item& item, const char* at, const char* end) noexcept {
  const auto lead = static_cast<unsigned char>(*at);
  if (lead < kFirstBeyond) return item.has(lead) ? 1 : 0;
  if (item.beyond == Beyond::kNone || lead < 0xC0) return 0;
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (item.beyond == Beyond::kAllButSeparators) {
    const std::string_view character(at, std::min(length, static_cast<size_t>(end - at)));
    if (character == "\xE2\x80\xA8" || character == "\xE2\x80\xA9") return 0;
  }
  return std::min(length, static_cast<size_t>(end - at));
}

}  // namespace millrace::schema
