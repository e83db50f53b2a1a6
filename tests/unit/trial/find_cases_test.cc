// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/trial/load_cases.h"

namespace millrace::trial {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FindCases : public ::testing::Test {
 protected:
  FindCases()
      : folder_(std::filesystem::path(::testing::TempDir()) /
                ("millrace-find-cases-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }

  ~FindCases() override { std::filesystem::remove_all(folder_); }

  std::string add(const std::string& name) {
    std::string path = (folder_ / name).string();
    std::fclose(std::fopen(path.c_str(), "we"));
    return path;
  }

  const std::filesystem::path folder_;
};

TEST_F(FindCases, FindsThoseOfThePipelineInOrder) {
  const std::string pipeline = add("p3.yaml");
  const std::string b = add("p3.b.test.yaml");
  const std::string own = add("p3.test.yaml");
  const std::string a = add("p3.a.test.yml");
  add("p30.test.yaml");
  add("p3.test.yaml.orig");
  add("test.yaml");
  add(".test.yaml");

  EXPECT_THAT(find_case_files(pipeline), ElementsAre(own, a, b));
}

TEST_F(FindCases, LeavesThoseOfAnotherPipeline) {
  const std::string pipeline = add("p3.yaml");
  const std::string eu = add("p3.eu.yaml");
  const std::string own = add("p3.test.yaml");
  const std::string of_eu = add("p3.eu.test.yaml");
  const std::string night = add("p3.eu.night.test.yaml");
  const std::string us = add("p3.us.night.test.yaml");

  EXPECT_THAT(find_case_files(pipeline), ElementsAre(own, us));
  EXPECT_THAT(find_case_files(eu), ElementsAre(of_eu, night));
}

TEST_F(FindCases, NoneIsNoError) {
  EXPECT_THAT(find_case_files(add("p3.yaml")), IsEmpty());
  EXPECT_THAT(find_case_files("no/such/folder/p3.yaml"), IsEmpty());
}

TEST(CaseFiles, AreToldByTheirNames) {
  EXPECT_EQ(case_file_of("a/p3.yaml"), "a/p3.test.yaml");
  EXPECT_EQ(case_file_of("a/p3.yml"), "a/p3.test.yaml");
  EXPECT_TRUE(is_case_file("a/p3.test.yaml"));
  EXPECT_TRUE(is_case_file("p3.more.test.yml"));
  EXPECT_FALSE(is_case_file("p3.yaml"));
  EXPECT_FALSE(is_case_file("test.yaml"));
}

}  // namespace
}  // namespace millrace::trial
