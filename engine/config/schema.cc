// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/config/read_file.h"
#include "engine/config/schema_json.h"
#include "engine/config/sections.h"
#include "engine/config/uri_prefix.h"
#include "engine/config/yaml_parser.h"

namespace millrace::config {
namespace {

constexpr std::string_view kExpectation =
    "a JSON Schema (a map, true or false), or the path of a file that holds one";

bool is_boolean(const YamlNode& node) {
  return node.kind == NodeKind::kScalar && !node.quoted &&
         (node.text == "true" || node.text == "false");
}

// A schema that was written in YAML, inline or in a file.
std::optional<SchemaConfig> from_yaml(const Field& field, std::string file,
                                      const Context& context) {
  if (field.node().broken) return std::nullopt;
  if (!field.is(NodeKind::kMap) && !is_boolean(field.node())) {
    field.expected("a JSON Schema (a map, true or false)");
    return std::nullopt;
  }
  auto converted = schema_json(field.node(), context.problems);
  if (!converted) return std::nullopt;
  return SchemaConfig{field.key_place(), std::move(file), std::move(converted->json),
                      std::move(converted->places)};
}

// Whether a file's text is JSON, to be taken as it stands. YAML would read most of JSON too, but
// not all (a pair of \u escapes is one character there only by chance), and files that are named so
// may begin with a brace as well.
bool is_json(std::string_view text, const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".yaml" || extension == ".yml") return false;
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return false;
  const size_t end = text.find_last_not_of(" \t\r\n") + 1;
  const std::string_view body = text.substr(begin, end - begin);
  return body.starts_with('{') || body == "true" || body == "false";
}

// A schema in a file of its own. ${…} stands for itself there: other programs read the file too.
std::optional<SchemaConfig> read_schema_file(const Field& field, const Context& context) {
  static constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const auto path = field.text(kExpectation);
  if (!path) return std::nullopt;
  const std::string full = relative_to_file(path->value, context.file);
  const auto contents = read_file(full, kFileBytesMax);
  if (!contents.ok()) {
    field.problem("names the file " + in_quotes(full) + ": " + contents.message());
    return std::nullopt;
  }
  std::string_view text(contents.value());
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (is_json(text, full)) {
    return SchemaConfig{Place{full, 1, 1}, full, std::string(text), {}};
  }
  const NodePointer root = parse_yaml(contents.value(), full, nullptr, context.problems);
  if (!root) return std::nullopt;
  return from_yaml(Field(root.get(), "schema", Place{full, 1, 1}, context.problems), full, context);
}

std::optional<Text> read_prefix(const Field& field) {
  static constexpr std::string_view kPrefix =
      "the beginning of absolute addresses that ends with '/' or ':', such as "
      "https://example.com/schemas/";
  auto prefix = field.text(kPrefix);
  if (prefix && !is_uri_prefix(prefix->value)) {
    field.expected(kPrefix);
    return std::nullopt;
  }
  return prefix;
}

std::optional<std::string> read_folder(const Field& field, const Context& context) {
  const auto path = field.text("the path of a folder");
  if (!path) return std::nullopt;
  std::string full = relative_to_file(path->value, context.file);
  std::error_code error;
  if (!std::filesystem::is_directory(full, error)) {
    field.problem("names the folder " + in_quotes(full) + ", which " +
                  (std::filesystem::exists(full, error) ? "is a file" : "is not there"));
    return std::nullopt;
  }
  return full;
}

}  // namespace

std::optional<SchemaConfig> read_schema(const Field& field, const Context& context) {
  if (!field.present() || field.node().broken) return std::nullopt;
  const bool names_file = field.is(NodeKind::kScalar) && !is_boolean(field.node());
  return names_file ? read_schema_file(field, context) : from_yaml(field, "", context);
}

std::vector<SchemaSource> read_schema_sources(const Field& field, const Context& context) {
  std::vector<SchemaSource> sources;
  std::map<std::string, int> lines;
  for (const Field& item : field.items("a list of {prefix: ADDRESS, dir: FOLDER}")) {
    auto map = item.map("a map such as {prefix: 'https://example.com/schemas/', dir: schemas}");
    if (!map) continue;
    const Field prefix_field =
        map->require("prefix", "write how the addresses begin that lie in the folder");
    auto prefix = read_prefix(prefix_field);
    auto dir = read_folder(map->require("dir", "name the folder of the schemas"), context);
    map->finish();
    if (!prefix || !dir) continue;
    const auto [first, is_new] = lines.emplace(prefix->value, prefix->place.line);
    if (!is_new) {
      prefix_field.problem("is " + in_quotes(prefix->value) + ", which stands in line " +
                           std::to_string(first->second) + " already");
      continue;
    }
    sources.push_back(SchemaSource{std::move(*prefix), std::move(*dir)});
  }
  return sources;
}

}  // namespace millrace::config
