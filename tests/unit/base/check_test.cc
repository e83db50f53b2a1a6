// SPDX-License-Identifier: Apache-2.0
#include "engine/base/check.h"

#include <gtest/gtest.h>

namespace {

TEST(Check, LetsPassWhatHolds) {
  int evaluations = 0;
  MILLRACE_CHECK(++evaluations == 1);
  EXPECT_EQ(evaluations, 1);
}

TEST(CheckDeathTest, EndsTheProcessNamingConditionAndPlace) {
  const bool holds = false;
  EXPECT_DEATH(MILLRACE_CHECK(holds),
               "millrace: internal error: holds does not hold at .*check_test.cc:[0-9]+");
}

TEST(CheckDeathTest, IsOneStatement) {
  const bool holds = true;
  if (holds)
    MILLRACE_CHECK(holds);
  else
    FAIL();
}

}  // namespace
