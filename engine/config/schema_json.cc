// SPDX-License-Identifier: Apache-2.0
#include "engine/config/schema_json.h"

#include <string_view>
#include <utility>

#include "engine/config/json_constant.h"

namespace millrace::config {
namespace {

// Writes a tree; stops at the first value that has no JSON text.
class Writer {
 public:
  explicit Writer(Problems& problems) : problems_(problems) {}

  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  [[nodiscard]] bool write(const YamlNode& node, size_t depth) {
    if (node.broken) return false;
    if (!has_room(node.place)) return false;
    result_.places.emplace(pointer_, node.place);
    if (node.kind == NodeKind::kNull || node.kind == NodeKind::kScalar) {
      result_.json += json_constant(node).json;
      return true;
    }
    if (depth >= kSchemaDepthMax) {
      problems_.add(node.place, "the schema nests deeper than 256 levels here");
      return false;
    }
    return node.kind == NodeKind::kList ? write_items(node, depth) : write_members(node, depth);
  }

  [[nodiscard]] SchemaJson take() { return std::move(result_); }

 private:
  [[nodiscard]] bool write_items(const YamlNode& node, size_t depth) {
    result_.json += '[';
    for (size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0) result_.json += ',';
      if (!write_below(std::to_string(i), *node.items[i], depth)) return false;
    }
    result_.json += ']';
    return true;
  }

  [[nodiscard]] bool write_members(const YamlNode& node, size_t depth) {
    result_.json += '{';
    const char* separator = "";
    for (const auto& [key, value] : node.members) {
      result_.json += separator;
      result_.json += json_string(key.value);
      result_.json += ':';
      if (!write_below(key.value, *value, depth)) return false;
      separator = ",";
    }
    result_.json += '}';
    return true;
  }

  [[nodiscard]] bool write_below(std::string_view name, const YamlNode& node, size_t depth) {
    const size_t size = pointer_.size();
    pointer_ += '/';
    for (const char c : name) {
      if (c == '~') {
        pointer_ += "~0";
      } else if (c == '/') {
        pointer_ += "~1";
      } else {
        pointer_ += c;
      }
    }
    const bool good = write(node, depth + 1);
    pointer_.resize(size);
    return good;
  }

  [[nodiscard]] bool has_room(const Place& place) {
    pointers_bytes_ += pointer_.size();
    if (pointers_bytes_ <= kSchemaPointersBytesMax) return true;
    problems_.add(place, "the schema has too many values below too long names here");
    return false;
  }

  Problems& problems_;
  std::string pointer_;
  size_t pointers_bytes_ = 0;
  SchemaJson result_;
};

}  // namespace

std::optional<SchemaJson> schema_json(const YamlNode& root, Problems& problems) {
  Writer writer(problems);
  if (!writer.write(root, 0)) return std::nullopt;
  return writer.take();
}

}  // namespace millrace::config
