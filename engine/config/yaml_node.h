// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/config/pipeline_config.h"

namespace millrace::config {

struct YamlNode;

// Shared because an alias (*name) makes two places of the tree the same node.
using NodePointer = std::shared_ptr<const YamlNode>;

enum class NodeKind : uint8_t { kNull, kScalar, kList, kMap };

struct NodeMember {
  Text key;
  NodePointer value;
};

// One value of a YAML document, with its place, after ${…}. No key stands twice in a map.
struct YamlNode {
  NodeKind kind = NodeKind::kNull;
  Place place;
  std::string text;               // scalars
  bool quoted = false;            // scalars: in quotes or a block, so a text whatever it looks like
  bool from_environment = false;  // scalars: the text may be a secret
  bool broken = false;            // a problem is reported already; whoever reads it stays silent
  std::string written;            // scalars from the environment: the text before ${…}
  std::vector<NodePointer> items;
  std::vector<NodeMember> members;
  size_t size = 1;   // nodes in here, this one included, aliases followed
  size_t bytes = 0;  // of the texts in here, keys included, aliases followed
};

}  // namespace millrace::config
