// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "tests/unit/steps/step_runner.h"

namespace millrace::steps {
namespace {

using Version = config::ValidIpStep::Version;

StepRunner valid_ip(Version version, std::optional<std::string> otherwise) {
  config::ValidIpStep step;
  step.field = field_path("net.ip");
  step.version = version;
  step.otherwise = std::move(otherwise);
  return StepRunner(step_config("valid_ip", std::move(step)));
}

std::string with(std::string_view json) {
  return R"({"net":{"ip":)" + std::string(json) + "}}";
}

TEST(ValidIpStep, LeavesAddressesAlone) {
  StepRunner any = valid_ip(Version::kAny, std::nullopt);

  for (const char* json : {R"("0.0.0.0")", R"("255.255.255.255")", R"("::")", R"("2001:DB8::8:1")",
                           R"("::ffff:1.2.3.4")", R"("1.2.3.\u0034")"})
    EXPECT_EQ(any.run(with(json)), with(json));
}

TEST(ValidIpStep, RejectsWhatIsNoAddress) {
  StepRunner any = valid_ip(Version::kAny, std::nullopt);

  EXPECT_EQ(any.run(with(R"("999.999.999.999")")),
            "rejected step:1:valid_ip at /net/ip: '999.999.999.999' is not an IP address");
  EXPECT_EQ(any.run(with("null")),
            "rejected step:1:valid_ip at /net/ip: None is not an IP address");
  EXPECT_EQ(any.run(with("16909060")),
            "rejected step:1:valid_ip at /net/ip: 16909060 is not an IP address");
  EXPECT_EQ(any.run(with(R"(["1.2.3.4"])")),
            R"(rejected step:1:valid_ip at /net/ip: ['1.2.3.4'] is not an IP address)");
}

TEST(ValidIpStep, AsksForTheVersion) {
  StepRunner v4 = valid_ip(Version::kV4, std::nullopt);
  StepRunner v6 = valid_ip(Version::kV6, std::nullopt);

  EXPECT_EQ(v4.run(with(R"("1.2.3.4")")), with(R"("1.2.3.4")"));
  EXPECT_EQ(v4.run(with(R"("::1")")),
            "rejected step:1:valid_ip at /net/ip: '::1' is not an IPv4 address");
  EXPECT_EQ(v6.run(with(R"("::1")")), with(R"("::1")"));
  EXPECT_EQ(v6.run(with(R"("1.2.3.4")")),
            "rejected step:1:valid_ip at /net/ip: '1.2.3.4' is not an IPv6 address");
}

TEST(ValidIpStep, PutsTheMarkerInItsPlace) {
  StepRunner marks = valid_ip(Version::kV4, R"("Invalid IP")");

  EXPECT_EQ(marks.run(with(R"("1.2.3")")), with(R"("Invalid IP")"));
  EXPECT_EQ(marks.run(with("null")), with(R"("Invalid IP")"));
  EXPECT_EQ(marks.run(with(R"({"v4":"1.2.3.4"})")), with(R"("Invalid IP")"));
  EXPECT_EQ(marks.run(with(R"("1.2.3.4")")), with(R"("1.2.3.4")"));
  EXPECT_TRUE(marks.rules().empty());
  EXPECT_EQ(valid_ip(Version::kV4, "null").run(with("5")), with("null"));
}

TEST(ValidIpStep, LeavesRecordsWithoutTheValueAlone) {
  StepRunner any = valid_ip(Version::kAny, std::nullopt);

  for (const char* record : {"{}", R"({"net":{}})", R"({"net":null})", R"({"net":["1.2.3"]})"})
    EXPECT_EQ(any.run(record), record);
}

TEST(ValidIpStep, SurvivesHugeValues) {
  StepRunner marks = valid_ip(Version::kAny, "null");

  EXPECT_EQ(marks.run(with('"' + std::string(1 << 20, '1') + '"')), with("null"));
}

}  // namespace
}  // namespace millrace::steps
