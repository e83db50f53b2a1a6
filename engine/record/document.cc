// SPDX-License-Identifier: Apache-2.0
#include "engine/record/document.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/record/document_parser.h"
#include "engine/record/json_text.h"
#include "engine/record/value_text.h"

namespace millrace::record {

namespace {

// Room for more nodes is given back when a smaller document comes.
constexpr size_t kNodesKept = size_t{256} << 10;

}  // namespace

Document::Document(const NameTable& names, Options options)
    : names_(names), parser_(std::make_unique<Parser>(*this, options)) {}

Document::~Document() = default;

ParseError Document::parse(std::string_view text) {
  top_.assign(names_.size() + 1, kNoNode);
  input_top_kept_ = false;
  originals_.clear();
  text_ = text;
  plainness_ = Plainness::kUnknown;
  edits_ = 0;
  added_bytes_ = 0;
  if (nodes_.size() > kNodesKept) [[unlikely]]
    fit_room();
  const ParseError error = parser_->parse(text);
  top_[0] = kNoNode;
  parsed_count_ = count_;
  // Where the last node stands at the top level, it is the last there, unless duplicates were put
  // in the place of others.
  const bool is_last = count_ > 1 && !node(root()).edited && node(count_ - 1).parent == root();
  root_last_ = is_last ? count_ - 1 : kNoNode;
  return error;
}

NodeIndex Document::find_member(NodeIndex object, NameId name) const noexcept {
  if (node(object).value.kind != ValueKind::kObject) return kNoNode;
  NodeIndex child = first_child(object);
  while (child != kNoNode && node(child).name != name) child = next_child(child);
  return child;
}

NodeIndex Document::find_element(NodeIndex array, uint32_t index) const noexcept {
  if (node(array).value.kind != ValueKind::kArray) return kNoNode;
  NodeIndex child = first_child(array);
  for (; child != kNoNode && index > 0; --index) child = next_child(child);
  return child;
}

NodeIndex Document::step(NodeIndex from, Path::Segment segment) const noexcept {
  return segment.name == kNoName ? find_element(from, segment.index)
                                 : find_member(from, segment.name);
}

NodeIndex Document::find(const Path& path) const noexcept {
  if (path.is_top_level()) return top(path.segments[0].name);
  NodeIndex found = root();
  for (const Path::Segment segment : path.segments) {
    found = step(found, segment);
    if (found == kNoNode) return kNoNode;
  }
  return found;
}

const Document::Original* Document::find_original(NodeIndex index) const noexcept {
  const auto found = std::find_if(originals_.begin(), originals_.end(),
                                  [index](const Original& kept) { return kept.node == index; });
  return found == originals_.end() ? nullptr : &*found;
}

// What was removed since is still linked, what was added came behind all that was parsed.
NodeIndex Document::input_step(NodeIndex from, Path::Segment segment) const noexcept {
  const Original* const before = original(from);
  const ValueKind kind = before != nullptr ? before->value.kind : node(from).value.kind;
  const bool by_name = segment.name != kNoName;
  if (kind != (by_name ? ValueKind::kObject : ValueKind::kArray)) return kNoNode;
  uint32_t left = segment.index;
  NodeIndex child = before != nullptr ? before->first_child : node(from).first_child;
  for (; child != kNoNode; child = node(child).next) {
    if (child >= parsed_count_) continue;
    if (!by_name) {
      if (left-- == 0) return child;
      continue;
    }
    const Original* const renamed = original(child);
    if ((renamed != nullptr ? renamed->name : node(child).name) == segment.name) return child;
  }
  return kNoNode;
}

const JsonValue* Document::input_deep(const Path& path) const noexcept {
  NodeIndex found = root();
  for (size_t i = 0; i < path.segments.size() && found != kNoNode; ++i) {
    const Path::Segment segment = path.segments[i];
    found =
        i == 0 && segment.name != kNoName ? input_top(segment.name) : input_step(found, segment);
  }
  return input_value(found);
}

size_t Document::containers_around(NodeIndex index) const noexcept {
  size_t containers = 0;
  while ((index = node(index).parent) != kNoNode) ++containers;
  return containers;
}

void Document::append_pointer(NodeIndex index, std::string& to) const {
  std::array<NodeIndex, base::limits::kJsonDepthMax + 1> way;  // from the value outwards
  size_t steps = 0;
  for (; index != root() && steps < way.size(); index = node(index).parent) way[steps++] = index;
  while (steps > 0) {
    const NodeIndex child = way[--steps];
    const Node& here = node(child);
    to += '/';
    if (here.name_text.empty()) {
      size_t place = 0;
      for (NodeIndex i = first_child(here.parent); i != child && i != kNoNode; i = next_child(i))
        ++place;
      fmt::format_to(std::back_inserter(to), "{}", place);
    } else if (!here.name_escaped) {
      append_pointer_token(here.name_text.substr(1, here.name_text.size() - 2), to);
    } else {
      std::string name;
      append_unescaped(here.name_text, name);
      append_pointer_token(name, to);
    }
  }
}

void Document::grow(size_t nodes) noexcept {
  const size_t wanted = static_cast<size_t>(count_) + nodes;
  MILLRACE_CHECK(wanted <= INT32_MAX);
  nodes_.resize(std::max(wanted, nodes_.size() + nodes_.size() / 2));
}

// The old nodes count no more: parse() is about to fill in new ones.
void Document::fit_room() noexcept {
  std::vector<Node>().swap(nodes_);
  count_ = 0;
}

}  // namespace millrace::record
