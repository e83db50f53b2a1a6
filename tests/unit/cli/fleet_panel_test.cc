// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/fleet_panel.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/unit/cli/some_vitals.h"

namespace millrace::cli {
namespace {

std::string fleet(const std::vector<Watched>& instances, Size size) {
  std::string text = "\n";
  for (const std::string& line : fleet_lines(instances, size, {})) text += line + '\n';
  return text;
}

TEST(FleetPanel, ALineEachAndTheSumOfThoseThatAnswer) {
  SomeVitals first;
  first.now.instance = "engine-0";
  SomeVitals second;
  second.make_ill();
  const std::vector<Watched> instances = {
      {.url = "http://a:9464", .now = &first.now, .before = &first.before, .away = ""},
      {.url = "http://b:9464", .now = &second.now, .before = &second.before, .away = ""},
      {.url = "http://c:9464", .now = nullptr, .before = nullptr, .away = "no connection"},
  };

  EXPECT_EQ(fleet(instances, {120, 20}), R"(
3 instances                      in/s        out/s          lag  dead-lettered
user-login engine-0            20,000       19,000      450,000         44,000  healthy
user-login http://b:9464       20,000       19,000      450,000         44,000  unhealthy, alert
http://c:9464             away: no connection
all 2 that answer              40,000       38,000      900,000         88,000
)");
}

TEST(FleetPanel, TheSumStaysWhereRowsAreFew) {
  SomeVitals some;
  const Watched one{.url = "u", .now = &some.now, .before = &some.before, .away = ""};
  const std::string text = fleet({one, one, one, one, one}, {80, 6});
  EXPECT_NE(text.find("and 3 more"), std::string::npos) << text;
  EXPECT_NE(text.find("all 5 that answer"), std::string::npos) << text;
}

}  // namespace
}  // namespace millrace::cli
