// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/compile_schema.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "engine/config/place_at.h"
#include "engine/config/read_file.h"

namespace millrace::plan {
namespace {

constexpr std::string_view kFileScheme = "file://";
constexpr size_t kSchemaBytesMax = size_t{16} << 20;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// %20 and the like; a lone % stands for itself.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

std::string percent_encoded(std::string_view path) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  static constexpr std::string_view kPlain = "-._~/";
  std::string encoded;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[byte >> 4U];
      encoded += kHex[byte & 0xFU];
    }
  }
  return encoded;
}

// Documents by their addresses, and where each came from.
class Documents {
 public:
  explicit Documents(const config::PipelineConfig& config) : config_(config) {
    const std::string& file = config.schema->file.empty() ? config.file : config.schema->file;
    std::error_code error;
    const std::filesystem::path path = std::filesystem::absolute(file, error);
    // A configuration that is no file has no address: relative references lead nowhere.
    if (!error)
      root_uri_ = std::string(kFileScheme) + percent_encoded(path.lexically_normal().string());
  }

  [[nodiscard]] const std::string& root_uri() const { return root_uri_; }

  std::optional<std::string> fetch(const std::string& uri) {
    const std::optional<std::string> path = path_of(uri);
    if (!path) return std::nullopt;
    auto contents = config::read_file(*path, kSchemaBytesMax);
    if (!contents.ok()) return std::nullopt;
    fetched_[uri] = Fetched{*path, contents.value()};
    return std::move(contents.value());
  }

  [[nodiscard]] config::Place place_of(const schema::Problem& problem) const {
    if (const auto found = fetched_.find(problem.uri); found != fetched_.end())
      return config::place_at(found->second.path, found->second.text, problem.offset);
    const config::SchemaConfig& schema = *config_.schema;
    if (schema.places.empty()) return config::place_at(schema.file, schema.json, problem.offset);
    // The nearest place around it that the file names.
    for (std::string pointer = problem.pointer;; pointer.resize(pointer.rfind('/'))) {
      if (const auto found = schema.places.find(pointer); found != schema.places.end())
        return found->second;
      if (pointer.rfind('/') == std::string::npos) return schema.place;
    }
  }

 private:
  struct Fetched {
    std::string path;
    std::string text;
  };

  [[nodiscard]] std::optional<std::string> path_of(const std::string& uri) const {
    for (const config::SchemaSource& source : config_.schema_sources) {
      if (!uri.starts_with(source.prefix.value)) continue;
      const std::filesystem::path rest =
          std::filesystem::path(percent_decoded(uri.substr(source.prefix.value.size())))
              .lexically_normal();
      // Never out of the folder.
      if (rest.is_absolute() || rest.empty() || *rest.begin() == "..") return std::nullopt;
      return (std::filesystem::path(source.dir) / rest).string();
    }
    if (uri.starts_with(kFileScheme)) return percent_decoded(uri.substr(kFileScheme.size()));
    return std::nullopt;
  }

  const config::PipelineConfig& config_;
  std::string root_uri_;
  std::map<std::string, Fetched> fetched_;
};

}  // namespace

std::unique_ptr<const schema::Schema> compile_schema(const config::PipelineConfig& config,
                                                     record::NameTable& names,
                                                     std::vector<config::Problem>& problems) {
  Documents documents(config);
  schema::Options options;
  options.draft =
      config.schema_draft == config::SchemaDraft::k7 ? schema::Draft::k7 : schema::Draft::k202012;
  options.assert_formats = config.formats == config::Formats::kAssert;
  options.objects_only = config.input.values == config::Values::kObjects;
  options.fetch = [&documents](const std::string& uri) { return documents.fetch(uri); };
  schema::Compiled compiled =
      schema::compile(config.schema->json, documents.root_uri(), names, options);
  for (const schema::Problem& problem : compiled.problems)
    problems.push_back({documents.place_of(problem), problem.message, problem.warning});
  return std::move(compiled.schema);
}

}  // namespace millrace::plan
