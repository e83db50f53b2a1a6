// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/config/load.h"

namespace millrace::config {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The smallest pipeline: six lines, so that what a test adds begins in line 7.
inline const std::string kSmallest =
    "pipeline: p\n"
    "kafka: {bootstrap.servers: 'h:1'}\n"
    "input: {topic: in, group: g}\n"
    "output: {topic: out}\n"
    "dead_letters: discard\n"
    "delivery: {guarantee: at_least_once}\n";

inline std::string smallest_with(const std::string& lines) {
  return kSmallest + lines;
}

// The smallest pipeline with another line for one of its keys.
inline std::string smallest_but(const std::string& key, const std::string& line) {
  std::string text = kSmallest;
  const size_t begin = text.find(key + ":");
  return text.replace(begin, text.find('\n', begin) - begin, line);
}

inline Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

inline Loaded load(const std::string& text, std::map<std::string, std::string> variables = {}) {
  return load_text(text, "p.yaml", environment(std::move(variables)));
}

inline std::vector<std::string> lines_of(const Loaded& loaded) {
  std::vector<std::string> lines;
  for (const Problem& problem : loaded.problems) lines.push_back(to_string(problem));
  return lines;
}

inline std::vector<std::string> problems_in(const std::string& text,
                                            std::map<std::string, std::string> variables = {}) {
  return lines_of(load(text, std::move(variables)));
}

// The configuration of a text that has no problems.
inline PipelineConfig config_of(const std::string& text,
                                std::map<std::string, std::string> variables = {}) {
  Loaded loaded = load(text, std::move(variables));
  EXPECT_THAT(lines_of(loaded), IsEmpty());
  return std::move(loaded.config);
}

// A folder that is gone after the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "millrace-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }

  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

  std::string write(const std::string& name, const std::string& contents) const {
    std::ofstream(path(name), std::ios::binary) << contents;
    return path(name);
  }

 private:
  std::string path_;
};

}  // namespace millrace::config
