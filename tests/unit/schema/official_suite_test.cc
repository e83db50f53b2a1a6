// SPDX-License-Identifier: Apache-2.0
// The official JSON Schema test suite, as Debian's packages libtest-json-schema-acceptance-perl
// (drafts 2020-12 and 07, with their remotes) and json-schema-test-suite (an older draft-07)
// install it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/record/document.h"
#include "engine/record/json_text.h"
#include "engine/record/names.h"
#include "engine/schema/children.h"
#include "engine/schema/formats.h"
#include "engine/schema/library.h"
#include "engine/schema/schema.h"

namespace millrace::schema {
namespace {

namespace fs = std::filesystem;
using record::Document;
using record::Node;

constexpr const char* kSuite = MILLRACE_JSON_SCHEMA_SUITE;
constexpr const char* kOldSuite = MILLRACE_JSON_SCHEMA_OLD_SUITE;
constexpr std::string_view kRemotePrefix = "http://localhost:1234/";

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const Node& member(const Document& document, const Node& object, std::string_view name) {
  for (const Node& child : Children(document, object)) {
    if (name_of(child) == name) return child;
  }
  ADD_FAILURE() << "no member " << name;
  return object;
}

struct Count {
  int run = 0;
  int passed = 0;
};

class Runner {
 public:
  Runner(fs::path suite, Draft draft, bool assert_formats)
      : suite_(std::move(suite)),
        options_{.draft = draft,
                 .assert_formats = assert_formats,
                 .fetch = [this](const std::string& uri) { return fetch(uri); }} {}

  // All tests of one file. Failures of required tests are failures here.
  Count run(const fs::path& file, bool required) {
    required_ = required;
    const std::string text = read(file);
    record::NameTable names;
    Document groups(names, {.objects_only = false});
    EXPECT_EQ(groups.parse(text), record::ParseError::kNone) << file;
    Count count;
    for (const Node& group : Children(groups, groups.node(groups.root()))) {
      run_group(file.filename().string(), groups, group, count);
    }
    return count;
  }

 private:
  std::optional<std::string> fetch(const std::string& uri) const {
    if (!uri.starts_with(kRemotePrefix)) return std::nullopt;
    const fs::path path = suite_ / "remotes" / uri.substr(kRemotePrefix.size());
    if (!fs::is_regular_file(path)) return std::nullopt;
    return read(path);
  }

  void run_group(const std::string& file, const Document& groups, const Node& group, Count& count) {
    const std::string label = file + ": " + string_of(member(groups, group, "description")) + ": ";
    const std::string schema_text(member(groups, group, "schema").value.text);
    record::NameTable names;
    const Compiled compiled = compile(schema_text, "", names, options_);
    std::string problems;
    for (const Problem& problem : compiled.problems) {
      if (!problem.warning) problems += problem.pointer + " " + problem.message + "\n";
    }
    for (const Node& test : Children(groups, member(groups, group, "tests"))) {
      ++count.run;
      const std::string name = label + string_of(member(groups, test, "description"));
      const bool right = member(groups, test, "valid").value.text == "true";
      const std::string data(member(groups, test, "data").value.text);
      if (compiled.schema == nullptr) {
        report(name, fmt::format("{}\nnot compiled: {}", schema_text, problems));
      } else if (answer(*compiled.schema, names, data) != right) {
        report(name, fmt::format("{}\n{}", schema_text, data));
      } else {
        ++count.passed;
      }
    }
  }

  static bool answer(const Schema& schema, const record::NameTable& names,
                     const std::string& data) {
    Document document(names, {.objects_only = false});
    EXPECT_EQ(document.parse(data), record::ParseError::kNone) << data;
    Checker checker(schema);
    const bool valid = checker.valid(document);
    if (!valid) {
      Failure failure;
      checker.explain(document, failure);
      EXPECT_FALSE(failure.sentence.empty());
      EXPECT_LT(failure.rule, schema.rules().size()) << data;
      EXPECT_NE(failure.value, record::kNoNode);
    }
    return valid;
  }

  void report(const std::string& name, const std::string& what) const {
    if (required_) {
      ADD_FAILURE() << name << "\n" << what;
    } else {
      fmt::print("  does not pass: {}\n", name);
    }
  }

  fs::path suite_;
  Options options_;
  bool required_ = true;
};

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// False where the suite is not installed, which is a failure where everything must be.
bool is_installed(const fs::path& folder) {
  if (fs::is_directory(folder)) return true;
  const char* ci = std::getenv("CI");  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
  EXPECT_TRUE(ci == nullptr || std::string_view(ci) != "true") << folder << " is not installed";
  return false;
}

Count run_folder(Runner& runner, const fs::path& folder, bool required) {
  Count all;
  for (const fs::path& file : files_in(folder)) {
    const Count count = runner.run(file, required);
    all.run += count.run;
    all.passed += count.passed;
  }
  return all;
}

void expect_required(const fs::path& suite, const std::string& folder, Draft draft, int least) {
  if (!is_installed(suite / "tests" / folder)) {
    GTEST_SKIP() << "the official suite is not installed: no " << (suite / "tests" / folder);
  }
  Runner runner(suite, draft, false);

  const Count count = run_folder(runner, suite / "tests" / folder, true);

  fmt::print("{}: {} of {} required tests pass\n", folder, count.passed, count.run);
  EXPECT_EQ(count.passed, count.run);
  EXPECT_GE(count.run, least);
}

TEST(OfficialSuite, PassesAllRequiredTestsOfDraft202012) {
  expect_required(kSuite, "draft2020-12", Draft::k202012, 1176);
}

TEST(OfficialSuite, PassesAllRequiredTestsOfDraft7) {
  expect_required(kSuite, "draft7", Draft::k7, 861);
}

TEST(OfficialSuite, PassesAllRequiredTestsOfTheOlderDraft7) {
  expect_required(kOldSuite, "draft7", Draft::k7, 423);
}

// For information: these tests are of behaviour that the specification leaves open.
void print_optional(const std::string& folder, Draft draft) {
  const fs::path optional = fs::path(kSuite) / "tests" / folder / "optional";
  if (!is_installed(optional)) GTEST_SKIP() << "the official suite is not installed";
  Runner runner(kSuite, draft, false);
  const Count count = run_folder(runner, optional, false);
  fmt::print("{}/optional: {} of {} tests pass\n", folder, count.passed, count.run);

  Runner asserting(kSuite, draft, true);
  Count formats;
  for (const fs::path& file : files_in(optional / "format")) {
    if (!format_named(file.stem().string())) {
      fmt::print("  not run, this format is not asserted: {}\n", file.stem().string());
      continue;
    }
    const Count count_of_file = asserting.run(file, false);
    formats.run += count_of_file.run;
    formats.passed += count_of_file.passed;
  }
  fmt::print("{}/optional/format: {} of {} tests pass\n", folder, formats.passed, formats.run);
  EXPECT_GT(formats.passed, 0);
}

TEST(OfficialSuite, PrintsOptionalTestsOfDraft202012) {
  print_optional("draft2020-12", Draft::k202012);
}

TEST(OfficialSuite, PrintsOptionalTestsOfDraft7) {
  print_optional("draft7", Draft::k7);
}

}  // namespace
}  // namespace millrace::schema
