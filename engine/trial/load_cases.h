// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "engine/trial/case.h"

namespace millrace::trial {

// What `now` means in a case whose file does not say: 2000-01-01T00:00:00Z.
inline constexpr base::WallTime kDefaultNow{std::chrono::seconds{946'684'800}};

// The case files of a pipeline file: beside p3.yaml p3.test.yaml, then p3.*.test.yaml by name, but
// not those of another pipeline there (p3.eu.test.yaml belongs to p3.eu.yaml, where that exists).
// Also .yml.
[[nodiscard]] std::vector<std::string> find_case_files(const std::string& pipeline_file);

// Where the first case file of a pipeline stands: p3.test.yaml.
[[nodiscard]] std::string case_file_of(const std::string& pipeline_file);

[[nodiscard]] bool is_case_file(const std::string& path);

// Reads a case file. All problems are reported at once. ${…} stands for itself there.
[[nodiscard]] CaseFile load_cases(const std::string& path);

// The same for a text; `name` stands for the file in messages.
[[nodiscard]] CaseFile load_cases_text(const std::string& text, const std::string& name);

}  // namespace millrace::trial
