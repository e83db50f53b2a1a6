// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/moment_option.h"

#include <chrono>

#include <gtest/gtest.h>

#include "engine/base/startup_error.h"

namespace millrace::cli {
namespace {

int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

TEST(MomentOption, IsAMoment) {
  EXPECT_EQ(parse_moment("--to", "2024-07-10T23:47:48.123Z"), 1'720'655'268'123);
  EXPECT_EQ(parse_moment("--to", "1970-01-01T00:00:00Z"), 0);
  for (const char* text : {"", "d", "2x", "-2d", "latest", "100001d"})
    EXPECT_FALSE(parse_moment("--to", text)) << text;
}

TEST(MomentOption, OrHowLongAgo) {
  for (const auto& [text, ago] : {std::pair{"2d", 172'800'000}, std::pair{"30m", 1'800'000}}) {
    const int64_t before = now_ms();
    const auto moment = parse_moment("--since", text);
    ASSERT_TRUE(moment);
    EXPECT_GE(*moment, before - ago) << text;
    EXPECT_LE(*moment, now_ms() - ago) << text;
  }
}

// -1 is "the latest" to a broker.
TEST(MomentOption, NotBefore1970) {
  for (const char* text : {"1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", "100000d"})
    EXPECT_THROW(static_cast<void>(parse_moment("--to", text)), base::StartupError) << text;
}

}  // namespace
}  // namespace millrace::cli
