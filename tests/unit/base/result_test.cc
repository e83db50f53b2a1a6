// SPDX-License-Identifier: Apache-2.0
#include "engine/base/result.h"

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "engine/base/startup_error.h"

namespace millrace::base {
namespace {

TEST(Status, IsSuccessUnlessGivenAnError) {
  EXPECT_TRUE(Status().ok());
  const Status failed = Error{"broken"};
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(failed.message(), "broken");
}

TEST(Status, AnErrorWithoutAMessageIsAnErrorToo) {
  EXPECT_FALSE(Status(Error{}).ok());
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = 7;
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(good.value(), 7);
  const Result<int> bad = Error{"broken"};
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.message(), "broken");
  EXPECT_EQ(bad.error().message, "broken");
}

TEST(Result, GivesAValueAway) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = std::move(result.value());
  EXPECT_EQ(*taken, 7);
}

TEST(ResultDeathTest, DiesWhereTheOtherSideIsAskedFor) {
  const Result<int> good = 7;
  const Result<int> bad = Error{"broken"};
  const Status fine;
  EXPECT_DEATH({ [[maybe_unused]] const auto& text = good.message(); }, "does not hold");
  EXPECT_DEATH({ [[maybe_unused]] const auto& value = bad.value(); }, "does not hold");
  EXPECT_DEATH({ [[maybe_unused]] const auto& text = fine.message(); }, "does not hold");
}

TEST(StartupError, CarriesItsExitCode) {
  const StartupError error(ExitCode::kUsage, "unknown key");
  EXPECT_EQ(error.code(), ExitCode::kUsage);
  EXPECT_STREQ(error.what(), "unknown key");
  EXPECT_EQ(static_cast<int>(ExitCode::kDataProtected), 3);
}

}  // namespace
}  // namespace millrace::base
