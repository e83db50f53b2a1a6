// SPDX-License-Identifier: Apache-2.0
#include "engine/base/log.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::base {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override { ::testing::internal::CaptureStderr(); }

  void TearDown() override { log::set_level(log::Level::kInfo); }

  static std::string written() { return ::testing::internal::GetCapturedStderr(); }
};

TEST_F(LogTest, WritesLinesFromItsLevelOnToStderr) {
  log::set_level(log::Level::kWarn);
  log::debug("a {}", 1);
  log::info("b {}", 2);
  log::warn("c {}", 3);
  log::error("d {}", 4);
  const std::string text = written();
  EXPECT_THAT(text, Not(HasSubstr("a 1")));
  EXPECT_THAT(text, Not(HasSubstr("b 2")));
  EXPECT_THAT(text, HasSubstr("c 3"));
  EXPECT_THAT(text, HasSubstr("d 4"));
}

TEST_F(LogTest, SaysWhichLevelsAreEnabled) {
  log::set_level(log::Level::kInfo);
  EXPECT_FALSE(log::enabled(log::Level::kDebug));
  EXPECT_TRUE(log::enabled(log::Level::kInfo));
  log::set_level(log::Level::kDebug);
  EXPECT_TRUE(log::enabled(log::Level::kDebug));
  written();
}

TEST_F(LogTest, PutsTimeAndLevelInFront) {
  log::warn("something");
  EXPECT_THAT(written(), ContainsRegex("^[0-9]+-[0-9]+-[0-9]+T[0-9:.]+Z .*warn.* something\n$"));
}

TEST_F(LogTest, ALineIsNeverTakenForAFormat) {
  log::write(log::Level::kError, "{} {0} %s {");
  EXPECT_THAT(written(), HasSubstr("{} {0} %s {"));
}

TEST_F(LogTest, ControlCharactersSteerNoTerminal) {
  log::warn(
      "a\x1b[2Jb\nc\td\xC2\x9B"
      "e\x7F \xC3\xA9");
  EXPECT_THAT(written(), HasSubstr("a\xEF\xBF\xBD[2Jb\nc\td\xEF\xBF\xBD"
                                   "e\xEF\xBF\xBD \xC3\xA9\n"));
}

TEST_F(LogTest, WhoSharesTheTerminalIsAskedAroundEachLine) {
  log::write_around([](const log::WriteLine& write_line) {
    fmt::print(stderr, "<");
    write_line();
    fmt::print(stderr, ">");
  });
  log::warn("between");
  log::write_around(nullptr);
  log::warn("alone");
  EXPECT_THAT(written(), ContainsRegex("^<[^<>]*between\n>[^<>]*alone\n$"));
}

}  // namespace
}  // namespace millrace::base
