// SPDX-License-Identifier: Apache-2.0
// How documents are changed. What was parsed stays linked, or is kept in originals_, so that
// input() finds it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/record/document.h"
#include "engine/record/document_parser.h"

namespace millrace::record {

void Document::add_original(NodeIndex index) noexcept {
  Node& node = at(index);
  node.replaced = true;
  if (index < parsed_count_) {
    originals_.push_back({index, node.first_child, node.name, node.value});
  }
}

// What is edited has only edited ancestors.
void Document::mark_edited(NodeIndex index) noexcept {
  for (; index != kNoNode && !at(index).edited; index = at(index).parent) at(index).edited = true;
}

void Document::set_top(NameId name, NodeIndex node) noexcept {
  if (name == kNoName) return;
  keep_input_top();
  top_[static_cast<size_t>(name) + 1] = node;
}

// Enters the root's members in top_ afresh.
void Document::enter_top() noexcept {
  std::fill(top_.begin(), top_.end(), kNoNode);
  for (NodeIndex child = first_child(root()); child != kNoNode; child = next_child(child)) {
    top_[static_cast<size_t>(node(child).name) + 1] = child;
  }
  top_[0] = kNoNode;
}

void Document::replace(NodeIndex index, const JsonValue& scalar) noexcept {
  keep_original(index);
  Node& node = at(index);
  const bool was_container = node.first_child != kNoNode;
  node.value = scalar;
  added_bytes_ += scalar.text.size();
  node.first_child = kNoNode;
  node.edited = false;
  mark_edited(node.parent);
  ++edits_;
  if (index == root() && was_container) {
    keep_input_top();
    root_last_ = kNoNode;
    enter_top();
  }
}

ParseError Document::graft(NodeIndex index, std::string_view json) noexcept {
  const NodeIndex grafted = count_;
  const bool is_root = index == root();
  if (is_root) keep_input_top();
  ParseError error = parser_->parse_graft(json, containers_around(index));
  if (error == ParseError::kNone && is_root && parser_->has_too_many_members(grafted)) {
    error = ParseError::kTooManyMembers;
  }
  if (error == ParseError::kNone) {
    adopt(index, grafted);
  } else {
    count_ = grafted;
  }
  if (is_root) enter_top();
  return error;
}

// Puts the value of `grafted`, a root of its own, in the place of that of `index`.
void Document::adopt(NodeIndex index, NodeIndex grafted) noexcept {
  keep_original(index);
  Node& node = at(index);
  const Node& from = at(grafted);
  node.value = from.value;
  node.first_child = from.first_child;
  node.edited = from.edited;
  added_bytes_ += node.value.text.size();
  for (NodeIndex child = node.first_child; child != kNoNode; child = at(child).next) {
    at(child).parent = index;
  }
  mark_edited(node.parent);
  ++edits_;
  if (index == root()) root_last_ = kNoNode;
}

void Document::remove(NodeIndex index) noexcept {
  MILLRACE_CHECK(index != root());
  Node& node = at(index);
  if (node.removed) return;
  node.removed = true;
  mark_edited(node.parent);
  ++edits_;
  if (node.parent == root()) set_top(node.name, kNoNode);
}

void Document::rename(NodeIndex member, NameId to) noexcept {
  keep_original(member);
  Node& node = at(member);
  const NameId before = node.name;
  node.name = to;
  node.name_text = names_.text(to).quoted;
  added_bytes_ += node.name_text.size();
  node.name_escaped = names_.text(to).escaped;
  mark_edited(node.parent);
  ++edits_;
  if (node.parent != root()) return;
  set_top(before, kNoNode);
  set_top(to, member);
}

NodeIndex Document::find_or_add(const Path& path) noexcept {
  if (path.is_top_level()) {
    const NameId name = path.segments[0].name;
    if (const NodeIndex found = top(name); found != kNoNode) return found;
    if (node(root()).value.kind != ValueKind::kObject) return kNoNode;
    return append_member(root(), name, false);
  }
  if (path.segments.size() > base::limits::kJsonDepthMax) return kNoNode;
  NodeIndex found = root();
  size_t there = 0;  // segments that are
  for (; there < path.segments.size(); ++there) {
    const NodeIndex next = step(found, path.segments[there]);
    if (next == kNoNode) break;
    found = next;
  }
  if (there == path.segments.size()) return found;
  if (node(found).value.kind != ValueKind::kObject) return kNoNode;
  const auto is_element = [](Path::Segment segment) { return segment.name == kNoName; };
  const auto absent = path.segments.begin() + static_cast<ptrdiff_t>(there);
  if (std::any_of(absent, path.segments.end(), is_element)) return kNoNode;
  for (auto segment = absent; segment != path.segments.end(); ++segment) {
    found = append_member(found, segment->name, segment + 1 != path.segments.end());
  }
  return found;
}

// Adds null, or an empty object that something will be added to.
NodeIndex Document::append_member(NodeIndex object, NameId name, bool is_object) noexcept {
  make_room(1);
  const NodeIndex added = count_++;
  Node& node = at(added);
  node = Node{};
  if (is_object) {
    node.value = {"{}", ValueKind::kObject, false};
  } else {
    node.value = {"null", ValueKind::kNull, false};
  }
  node.name = name;
  node.name_text = names_.text(name).quoted;
  added_bytes_ += node.name_text.size() + node.value.text.size();
  node.name_escaped = names_.text(name).escaped;
  node.parent = object;

  NodeIndex last = object == root() ? root_last_ : kNoNode;
  if (last == kNoNode) last = at(object).first_child;
  if (last == kNoNode) {
    at(object).first_child = added;
  } else {
    while (at(last).next != kNoNode) last = at(last).next;
    at(last).next = added;
  }
  mark_edited(object);
  ++edits_;
  if (object == root()) {
    root_last_ = added;
    set_top(name, added);
  }
  return added;
}

// What goes stays linked behind what stays, for nothing but the next such call.
void Document::keep_only(const std::vector<NameId>& names) noexcept {
  keep_input_top();
  if (kept_.size() < names.size()) kept_.resize(names.size());
  size_t count = 0;
  for (const NameId name : names) {
    if (const NodeIndex found = top(name); found != kNoNode) kept_[count++] = found;
  }
  NodeIndex* link = &at(root()).first_child;
  for (NodeIndex child = *link; child != kNoNode; child = at(child).next) at(child).removed = true;
  std::fill(top_.begin(), top_.end(), kNoNode);
  for (size_t i = 0; i < count; ++i) {
    const NodeIndex child = kept_[i];
    Node& kept = at(child);
    kept.removed = false;
    top_[static_cast<size_t>(kept.name) + 1] = child;
    *link = child;
    link = &kept.next;
  }
  *link = kNoNode;
  root_last_ = count == 0 ? kNoNode : kept_[count - 1];
  mark_edited(root());
  ++edits_;
}

}  // namespace millrace::record
