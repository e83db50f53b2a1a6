// SPDX-License-Identifier: Apache-2.0
#include "engine/config/tree_builder.h"

#include <utility>

#include "engine/config/substitution.h"
#include "engine/config/yaml_parser.h"

namespace millrace::config {
namespace {

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace

TreeBuilder::TreeBuilder(std::string_view text, const Environment* environment, Problems& problems)
    : lines_(split_lines(text)), environment_(environment), problems_(problems) {}

void TreeBuilder::document(const Place& place) {
  if (++documents_ > 1) {
    throw Stop{Problem{place, "a second document begins here; a file holds one pipeline"}};
  }
}

void TreeBuilder::null(const Place& place, Anchor anchor) {
  count(1, 0, place);
  auto node = std::make_shared<YamlNode>();
  node->place = place_of_null(place);
  if (anchor != 0) anchors_[anchor] = node;
  add(node);
}

void TreeBuilder::alias(const Place& place, Anchor anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    // The anchor is known, or yaml-cpp would have said so: its node is not complete yet.
    throw Stop{Problem{place, "this alias stands inside what it refers to"}};
  }
  const NodePointer target = found->second;
  count(target->size, target->bytes, place);
  if (expects_key()) {
    problems_.add(place, "an alias cannot be a key");
    open_.back().has_key = true;
    return;
  }
  add(target);
}

void TreeBuilder::scalar(const Place& place, Tag tag, Anchor anchor, const std::string& text) {
  check_tag(tag, place);
  auto node = std::make_shared<YamlNode>();
  node->kind = NodeKind::kScalar;
  node->place = place;
  node->text = text;
  node->quoted = tag != Tag::kPlain;
  node->broken = tag == Tag::kOther;
  if (!expects_key()) substitute_in(*node);
  node->bytes = node->text.size();
  count(1, node->bytes, place);
  if (anchor != 0) anchors_[anchor] = node;
  add(node);
}

void TreeBuilder::begin(NodeKind kind, const Place& place, Tag tag, Anchor anchor) {
  count(1, 0, place);
  check_tag(tag, place);
  auto node = std::make_shared<YamlNode>();
  node->kind = kind;
  node->place = place;
  node->broken = tag == Tag::kOther;
  open_.push_back(Frame{std::move(node), anchor, false, std::nullopt, {}});
}

void TreeBuilder::end() {
  Frame frame = std::move(open_.back());
  open_.pop_back();
  if (frame.anchor != 0) anchors_[frame.anchor] = frame.node;
  add(frame.node);
}

void TreeBuilder::add(const NodePointer& node) {
  if (open_.empty()) {
    root_ = node;
    return;
  }
  Frame& frame = open_.back();
  frame.node->bytes += node->bytes;
  if (frame.node->kind == NodeKind::kMap && !frame.has_key) {
    add_key(frame, *node);
    return;
  }
  frame.node->size += node->size;
  if (frame.node->kind == NodeKind::kList) {
    frame.node->items.push_back(node);
    return;
  }
  if (frame.key) frame.node->members.push_back(NodeMember{std::move(*frame.key), node});
  frame.key.reset();
  frame.has_key = false;
}

void TreeBuilder::add_key(Frame& frame, const YamlNode& node) {
  frame.has_key = true;
  frame.key.reset();
  if (node.kind != NodeKind::kScalar) {
    problems_.add(node.place, "a key must be a text");
  } else if (node.text == "<<" && !node.quoted) {
    problems_.add(node.place, "merge keys ('<<') are not supported; write the members out");
  } else if (environment_ != nullptr && node.text.find("${") != std::string::npos) {
    problems_.add(node.place,
                  "${…} is substituted in values, not in keys: " + in_quotes(node.text));
  } else {
    const auto [first, is_new] = frame.lines.emplace(node.text, node.place.line);
    if (is_new) {
      frame.key = Text{node.text, node.place};
    } else {
      problems_.add(node.place, "duplicate key " + in_quotes(node.text) + ": it stands in line " +
                                    std::to_string(first->second) + " already");
    }
  }
}

void TreeBuilder::substitute_in(YamlNode& node) {
  if (environment_ == nullptr || node.text.find('$') == std::string::npos) return;
  Substituted result = substitute(node.text, *environment_);
  for (std::string& problem : result.problems) problems_.add(node.place, std::move(problem));
  node.broken = node.broken || !result.problems.empty();
  node.from_environment = result.from_environment;
  if (node.from_environment) node.written = node.text;
  node.text = std::move(result.text);
}

void TreeBuilder::count(size_t nodes, size_t bytes, const Place& place) {
  nodes_ += nodes;
  bytes_ += bytes;
  if (nodes_ > kNodesMax) {
    throw Stop{Problem{place, "the file has more than 100,000 values (aliases repeat theirs)"}};
  }
  if (bytes_ > kTextBytesMax) {
    throw Stop{Problem{place, "the file has more than 16 MiB of text (aliases repeat theirs)"}};
  }
}

void TreeBuilder::check_tag(Tag tag, const Place& place) {
  if (tag == Tag::kOther) {
    problems_.add(place, "YAML tags are not supported; put a text into quotes instead");
  }
}

bool TreeBuilder::expects_key() const {
  return !open_.empty() && open_.back().node->kind == NodeKind::kMap && !open_.back().has_key;
}

// yaml-cpp gives an absent value the place of whatever comes next. The user looks for it at its key
// or at the dash of its list item.
Place TreeBuilder::place_of_null(const Place& place) const {
  if (open_.empty()) return place;
  const Frame& frame = open_.back();
  if (frame.node->kind == NodeKind::kMap) {
    if (!frame.has_key || !frame.key || frame.key->place.line == place.line) return place;
    return frame.key->place;
  }
  const Place& list = frame.node->place;
  const auto column = static_cast<size_t>(list.column - 1);
  const auto has_dash = [this, column](int line) {
    const auto index = static_cast<size_t>(line - 1);
    return index < lines_.size() && column < lines_[index].size() && lines_[index][column] == '-';
  };
  if (place.column > list.column && has_dash(place.line)) return place;
  for (int line = place.line - 1; line >= list.line; --line) {
    if (has_dash(line)) return Place{place.file, line, list.column};
  }
  return place;
}

}  // namespace millrace::config
