// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/json_difference.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/record/document.h"
#include "engine/record/json_text.h"
#include "engine/record/names.h"
#include "engine/record/printable.h"
#include "engine/record/value_text.h"
#include "engine/trial/text_difference.h"

namespace millrace::trial {
namespace {

using record::Document;
using record::kNoNode;
using record::Node;
using record::NodeIndex;
using record::ValueKind;

constexpr size_t kShownBytesMax = 160;  // of a value that is the same, or there only once
constexpr size_t kSameLinesMax = 9;     // in a row; the middle of more is left out
constexpr size_t kSameLinesKept = 3;    // before and after what is left out
constexpr size_t kLinesMax = 400;

bool is_container(const Node& node) {
  return node.value.kind == ValueKind::kObject || node.value.kind == ValueKind::kArray;
}

std::string name_of(const Node& member) {
  std::string name;
  if (!member.name_text.empty()) record::append_unescaped(member.name_text, name);
  return name;
}

std::string label_of(const Node& node) {
  return node.name_text.empty() ? std::string() : record::printable(node.name_text) + ": ";
}

std::vector<NodeIndex> children_of(const Document& document, NodeIndex parent) {
  std::vector<NodeIndex> children;
  for (NodeIndex child = document.first_child(parent); child != kNoNode;
       child = document.next_child(child))
    children.push_back(child);
  return children;
}

using Members = std::unordered_map<std::string, NodeIndex>;

Members members_of(const Document& document, NodeIndex object) {
  Members members;
  for (const NodeIndex child : children_of(document, object))
    members.emplace(name_of(document.node(child)), child);
  return members;
}

// Compactly, and no further than `to` may grow.
void append_compact(const Document& document, NodeIndex index, std::string& to) {
  const Node& node = document.node(index);
  if (!is_container(node)) {
    to += node.value.text;
    return;
  }
  const bool is_object = node.value.kind == ValueKind::kObject;
  to += is_object ? '{' : '[';
  bool first = true;
  for (NodeIndex child = document.first_child(index);
       child != kNoNode && to.size() <= kShownBytesMax; child = document.next_child(child)) {
    if (!first) to += ", ";
    first = false;
    if (is_object) to.append(document.node(child).name_text).append(": ");
    append_compact(document, child, to);
  }
  to += is_object ? '}' : ']';
}

std::string shown(const Document& document, NodeIndex index) {
  std::string text;
  append_compact(document, index, text);
  const std::string_view cut = record::cut_text(text, kShownBytesMax);
  std::string shown = record::printable(cut);
  if (cut.size() < text.size()) shown += "…";
  return shown;
}

class Comparison {
 public:
  Comparison(const Document& expected, const Document& actual)
      : expected_(expected), actual_(actual) {}

  std::optional<JsonDifference> run() {
    if (equal(expected_.root(), actual_.root())) return std::nullopt;
    compare(expected_.root(), actual_.root());
    return JsonDifference{std::move(pointer_).value_or(""), text()};
  }

 private:
  struct Line {
    char mark;
    std::string text;
  };

  [[nodiscard]] bool equal(NodeIndex expected, NodeIndex actual) const {
    const Node& left = expected_.node(expected);
    const Node& right = actual_.node(actual);
    if (left.value.kind != right.value.kind) return false;
    switch (left.value.kind) {
      case ValueKind::kObject:
        return equal_objects(expected, actual);
      case ValueKind::kArray: {
        const auto ours = children_of(expected_, expected);
        const auto theirs = children_of(actual_, actual);
        return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                          [this](NodeIndex a, NodeIndex b) { return equal(a, b); });
      }
      case ValueKind::kString: {
        std::string ours;
        std::string theirs;
        return record::content(left.value, ours) == record::content(right.value, theirs);
      }
      default:
        return left.value.text == right.value.text;
    }
  }

  [[nodiscard]] bool equal_objects(NodeIndex expected, NodeIndex actual) const {
    const Members ours = members_of(expected_, expected);
    const Members theirs = members_of(actual_, actual);
    if (ours.size() != theirs.size()) return false;
    return std::all_of(ours.begin(), ours.end(), [this, &theirs](const auto& member) {
      const auto other = theirs.find(member.first);
      return other != theirs.end() && equal(member.second, other->second);
    });
  }

  void compare(NodeIndex expected, NodeIndex actual) {
    const Node& left = expected_.node(expected);
    const Node& right = actual_.node(actual);
    if (equal(expected, actual)) {
      add(' ', label_of(left) + shown(expected_, expected));
      return;
    }
    if (is_container(left) && left.value.kind == right.value.kind) {
      const bool is_object = left.value.kind == ValueKind::kObject;
      add(' ', label_of(left) + (is_object ? "{" : "["));
      ++depth_;
      if (is_object) {
        compare_members(expected, actual);
      } else {
        compare_elements(expected, actual);
      }
      --depth_;
      add(' ', is_object ? "}" : "]");
      return;
    }
    point_to(expected_, expected);
    if (left.value.kind == ValueKind::kString && right.value.kind == ValueKind::kString) {
      add_texts(label_of(left), left.value.text, right.value.text);
    } else {
      add('-', label_of(left) + shown(expected_, expected));
      add('+', label_of(left) + shown(actual_, actual));
    }
  }

  void compare_members(NodeIndex expected, NodeIndex actual) {
    const Members theirs = members_of(actual_, actual);
    const Members ours = members_of(expected_, expected);
    for (const NodeIndex member : children_of(expected_, expected)) {
      const auto other = theirs.find(name_of(expected_.node(member)));
      if (other != theirs.end()) {
        compare(member, other->second);
      } else {
        add_single('-', expected_, member);
      }
    }
    for (const NodeIndex member : children_of(actual_, actual))
      if (!ours.contains(name_of(actual_.node(member)))) add_single('+', actual_, member);
  }

  // What is the same at both ends is; what lies between is compared one by one.
  void compare_elements(NodeIndex expected, NodeIndex actual) {
    const auto ours = children_of(expected_, expected);
    const auto theirs = children_of(actual_, actual);
    const size_t shorter = std::min(ours.size(), theirs.size());
    size_t tail = 0;
    size_t head = 0;
    while (head < shorter && equal(ours[head], theirs[head])) ++head;
    while (tail < shorter - head &&
           equal(ours[ours.size() - 1 - tail], theirs[theirs.size() - 1 - tail]))
      ++tail;
    for (size_t i = 0; i < std::max(ours.size(), theirs.size()) - tail; ++i) {
      const bool in_ours = i < ours.size() - tail;
      const bool in_theirs = i < theirs.size() - tail;
      if (in_ours && in_theirs) {
        compare(ours[i], theirs[i]);
      } else if (in_ours) {
        add_single('-', expected_, ours[i]);
      } else {
        add_single('+', actual_, theirs[i]);
      }
    }
    for (size_t i = tail; i > 0; --i) add(' ', shown(expected_, ours[ours.size() - i]));
  }

  void add_single(char mark, const Document& document, NodeIndex index) {
    point_to(document, index);
    add(mark, label_of(document.node(index)) + shown(document, index));
  }

  // Short texts speak for themselves; of long ones it is marked where they part.
  void add_texts(const std::string& label, std::string_view expected, std::string_view actual) {
    constexpr size_t kShortBytesMax = 16;
    if (std::min(expected.size(), actual.size()) <= kShortBytesMax &&
        std::max(expected.size(), actual.size()) <= kShownBytesMax) {
      add('-', label + record::printable(expected));
      add('+', label + record::printable(actual));
      return;
    }
    std::string_view rest;
    const std::string three = text_difference(expected, actual, label);
    for (rest = three; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
      std::string_view line = rest.substr(2, rest.find('\n') - 2);
      // The number of the byte says nothing to who reads a document.
      if (rest.front() == ' ') line = line.substr(0, line.find('^') + 1);
      add(rest.front() == ' ' ? '^' : rest.front(), std::string(line));
    }
  }

  void point_to(const Document& document, NodeIndex index) {
    if (pointer_) return;
    pointer_.emplace();
    document.append_pointer(index, *pointer_);
  }

  void add(char mark, std::string text) {
    lines_.push_back({mark, std::string(depth_ * 2, ' ') + std::move(text)});
  }

  [[nodiscard]] std::string text() const {
    std::string text;
    size_t written = 0;
    for (size_t i = 0; i < lines_.size();) {
      size_t same = i;
      while (same < lines_.size() && lines_[same].mark == ' ') ++same;
      const bool folds = same - i > kSameLinesMax;
      const size_t end = folds ? i + kSameLinesKept : std::max(same, i + 1);
      for (; i < end; ++i, ++written) append(lines_[i], text);
      if (folds) {
        const size_t left_out = same - kSameLinesKept - i;
        text += fmt::format("  {:{}}… {} lines the same\n", "", indent(lines_[i].text), left_out);
        i += left_out;
        for (; i < same; ++i, ++written) append(lines_[i], text);
      }
      if (written >= kLinesMax && i < lines_.size()) {
        text += fmt::format("  … {} more lines\n", lines_.size() - i);
        break;
      }
    }
    return text;
  }

  static size_t indent(const std::string& text) {
    return std::min(text.find_first_not_of(' '), text.size());
  }

  static void append(const Line& line, std::string& to) {
    to += line.mark == '^' ? ' ' : line.mark;
    to.append(" ").append(line.text).append("\n");
  }

  const Document& expected_;
  const Document& actual_;
  std::optional<std::string> pointer_;
  std::vector<Line> lines_;
  size_t depth_ = 0;
};

}  // namespace

JsonComparison compare_json(std::string_view expected, std::string_view actual) {
  const record::NameTable names;
  const Document::Options options{false, false};
  Document left(names, options);
  Document right(names, options);
  if (left.parse(expected) != record::ParseError::kNone ||
      right.parse(actual) != record::ParseError::kNone)
    return {};
  return {true, Comparison(left, right).run()};
}

}  // namespace millrace::trial
