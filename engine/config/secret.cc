// SPDX-License-Identifier: Apache-2.0
#include "engine/config/secret.h"

#include <utility>

#include "engine/config/read_file.h"

namespace millrace::config {
namespace {

constexpr size_t kSecretBytesMax = size_t{1} << 20;

// The contents of the file that {file: PATH} names, without a newline at the end.
std::optional<std::string> read_secret_file(const Field& field, const Context& context) {
  auto map = field.map();
  if (!map) return std::nullopt;
  const Field path_field = map->require("file", "a map as value is {file: PATH}");
  map->finish();
  const auto path = path_field.text("the path of a file");
  if (!path) return std::nullopt;
  const std::string full = relative_to_file(path->value, context.file);
  auto contents = read_file(full, kSecretBytesMax);
  if (!contents.ok()) {
    path_field.problem("names the file " + in_quotes(full) + ": " + contents.message());
    return std::nullopt;
  }
  std::string secret = std::move(contents.value());
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) {
    path_field.problem("names the file " + in_quotes(full) + ", which is empty");
    return std::nullopt;
  }
  return secret;
}

}  // namespace

std::optional<std::string> read_secret(const Field& field, std::string_view expectation,
                                       const Context& context) {
  if (!field.present()) return std::nullopt;
  const YamlNode& node = field.node();
  if (node.broken) return std::nullopt;
  if (node.kind == NodeKind::kScalar) return node.text;
  if (node.kind == NodeKind::kMap) return read_secret_file(field, context);
  field.expected(expectation);
  return std::nullopt;
}

}  // namespace millrace::config
