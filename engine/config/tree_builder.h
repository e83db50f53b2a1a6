// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/config/load.h"
#include "engine/config/problems.h"
#include "engine/config/yaml_node.h"

namespace millrace::config {

enum class Tag { kPlain, kQuoted, kOther };

// Builds the tree of one document from its events, in the order of the text. Duplicate keys, merge
// keys, keys that are no text and tags are problems here, once for every map of every file.
//
// Lifetime: the text, the environment and the problems outlive the builder. Threading: one thread.
class TreeBuilder {
 public:
  // An anchor's number, 0 for none.
  using Anchor = size_t;

  // Thrown where reading on makes no sense.
  struct Stop {
    Problem problem;
  };

  TreeBuilder(std::string_view text, const Environment* environment, Problems& problems);

  TreeBuilder(const TreeBuilder&) = delete;
  TreeBuilder& operator=(const TreeBuilder&) = delete;

  void document(const Place& place);
  void null(const Place& place, Anchor anchor);
  void alias(const Place& place, Anchor anchor);
  void scalar(const Place& place, Tag tag, Anchor anchor, const std::string& text);
  void begin(NodeKind kind, const Place& place, Tag tag, Anchor anchor);
  void end();

  [[nodiscard]] NodePointer root() const { return root_; }

 private:
  // A list or map that is still open.
  struct Frame {
    std::shared_ptr<YamlNode> node;
    Anchor anchor = 0;
    bool has_key = false;     // maps: the next node is a value
    std::optional<Text> key;  // of that value; none where the key is a problem itself
    std::unordered_map<std::string, int> lines;  // maps: where each key stands
  };

  void add(const NodePointer& node);
  void add_key(Frame& frame, const YamlNode& node);
  void substitute_in(YamlNode& node);
  void count(size_t nodes, size_t bytes, const Place& place);
  void check_tag(Tag tag, const Place& place);
  [[nodiscard]] bool expects_key() const;
  [[nodiscard]] Place place_of_null(const Place& place) const;

  const std::vector<std::string_view> lines_;
  const Environment* const environment_;
  Problems& problems_;
  size_t documents_ = 0;
  size_t nodes_ = 0;
  size_t bytes_ = 0;
  std::vector<Frame> open_;
  std::map<Anchor, NodePointer> anchors_;
  NodePointer root_;
};

}  // namespace millrace::config
