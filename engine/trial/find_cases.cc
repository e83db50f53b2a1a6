// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "engine/trial/load_cases.h"

namespace millrace::trial {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> kExtensions = {".yaml", ".yml"};
constexpr std::array<std::string_view, 2> kCaseExtensions = {".test.yaml", ".test.yml"};

// The name without the first of the endings that it has; the whole name where it has none.
template <typename Endings>
std::string_view stem_of(std::string_view name, const Endings& endings) {
  for (const std::string_view ending : endings)
    if (name.size() > ending.size() && name.ends_with(ending))
      return name.substr(0, name.size() - ending.size());
  return name;
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// p3.eu.night belongs to the pipeline p3.eu where there is one, rather than to p3.
bool belongs_to_another(const fs::path& folder, std::string_view stem, std::string_view pipeline) {
  // Behind the pipeline's name stands a dot, so that rfind() finds one.
  for (size_t end = stem.size(); end > pipeline.size(); end = stem.rfind('.', end - 1)) {
    for (const std::string_view extension : kExtensions) {
      if (is_there(folder / (std::string(stem.substr(0, end)) + std::string(extension))))
        return true;
    }
  }
  return false;
}

}  // namespace

std::string case_file_of(const std::string& pipeline_file) {
  return std::string(stem_of(pipeline_file, kExtensions)) + ".test.yaml";
}

bool is_case_file(const std::string& path) {
  return stem_of(path, kCaseExtensions).size() != path.size();
}

std::vector<std::string> find_case_files(const std::string& pipeline_file) {
  const fs::path path(pipeline_file);
  const fs::path folder = path.parent_path();
  const std::string file_name = path.filename().string();
  const std::string pipeline(stem_of(file_name, kExtensions));
  std::vector<std::string> own;
  std::vector<std::string> more;
  std::error_code error;
  for (fs::directory_iterator entry(folder.empty() ? fs::path(".") : folder, error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const std::string_view stem = stem_of(name, kCaseExtensions);
    if (stem.size() == name.size()) continue;
    if (stem == pipeline) {
      own.push_back((folder / name).string());
    } else if (stem.starts_with(pipeline + ".") && !belongs_to_another(folder, stem, pipeline)) {
      more.push_back((folder / name).string());
    }
  }
  std::sort(own.begin(), own.end());
  std::sort(more.begin(), more.end());
  own.insert(own.end(), more.begin(), more.end());
  return own;
}

}  // namespace millrace::trial
