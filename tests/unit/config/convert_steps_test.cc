// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/one_step.h"

namespace millrace::config {
namespace {

TEST(CastStep, IsRead) {
  using Type = CastStep::Type;
  EXPECT_EQ(only_step<CastStep>("cast: {field: a.b, to: int}").field.text, "a.b");
  EXPECT_EQ(only_step<CastStep>("cast: {field: a, to: int}").to, Type::kInteger);
  EXPECT_EQ(only_step<CastStep>("cast: {field: a, to: float}").to, Type::kNumber);
  EXPECT_EQ(only_step<CastStep>("cast: {field: a, to: bool}").to, Type::kBoolean);
  EXPECT_EQ(only_step<CastStep>("cast: {field: a, to: string}").to, Type::kString);
}

TEST(CastStep, NeedsAFieldAndAType) {
  EXPECT_THAT(step_problems("cast: {}"),
              ElementsAre("p.yaml:8:5: the key 'field' is missing in 'cast'; write the path of the "
                          "value",
                          "p.yaml:8:5: the key 'to' is missing in 'cast'; write int, float, bool "
                          "or string"));
  EXPECT_THAT(step_problems("cast: {field: a, to: number}"),
              ElementsAre("p.yaml:8:26: 'cast.to' must be int, float, bool or string, not "
                          "'number'"));
  EXPECT_THAT(step_problems("cast: {a: int}"),
              ElementsAre(HasSubstr("the key 'field' is missing"), HasSubstr("the key 'to'"),
                          "p.yaml:8:12: unknown key 'a' in 'cast'; known here: field or to"));
  EXPECT_THAT(step_problems("cast: a"),
              ElementsAre("p.yaml:8:11: 'cast' must be a map such as {field: amount, to: float}, "
                          "not 'a'"));
}

TEST(ValidIpStep, RejectsWhereNothingElseIsSaid) {
  const auto step = only_step<ValidIpStep>("valid_ip: net.ip");
  EXPECT_EQ(step.field.text, "net.ip");
  EXPECT_EQ(step.version, ValidIpStep::Version::kAny);
  EXPECT_EQ(step.otherwise, std::nullopt);
  EXPECT_EQ(only_step<ValidIpStep>("valid_ip: {field: ip}").otherwise, std::nullopt);
  EXPECT_EQ(only_step<ValidIpStep>("valid_ip: {field: ip, otherwise: reject}").otherwise,
            std::nullopt);
}

TEST(ValidIpStep, MayWriteAMarker) {
  const auto marker = [](const std::string& yaml) {
    return only_step<ValidIpStep>("valid_ip: {field: ip, otherwise: " + yaml + "}").otherwise;
  };
  EXPECT_EQ(marker("Invalid IP"), "\"Invalid IP\"");
  EXPECT_EQ(marker("null"), "null");
  EXPECT_EQ(marker("false"), "false");
  EXPECT_EQ(marker("''"), "\"\"");
  EXPECT_EQ(marker("{text: reject}"), "\"reject\"");
  EXPECT_EQ(marker("{text: 5}"), "\"5\"");
}

TEST(ValidIpStep, HasAVersion) {
  EXPECT_EQ(only_step<ValidIpStep>("valid_ip: {field: ip, version: 4}").version,
            ValidIpStep::Version::kV4);
  EXPECT_EQ(only_step<ValidIpStep>("valid_ip: {field: ip, version: 6}").version,
            ValidIpStep::Version::kV6);
  EXPECT_EQ(only_step<ValidIpStep>("valid_ip: {field: ip, version: any}").version,
            ValidIpStep::Version::kAny);
}

TEST(ValidIpStep, OtherValuesAreErrors) {
  EXPECT_THAT(step_problems("valid_ip: {version: 5, otherwise: [x]}"),
              ElementsAre("p.yaml:8:5: the key 'field' is missing in 'valid_ip'; write the path of "
                          "the address",
                          "p.yaml:8:25: 'valid_ip.version' must be any, 4 or 6, not '5'",
                          "p.yaml:8:39: 'valid_ip.otherwise' must be 'reject', or what the field "
                          "gets: a text, a number, true, false or null, not a list"));
  EXPECT_THAT(step_problems("valid_ip: {field: ip, otherwise: {marker: x}}"),
              ElementsAre("p.yaml:8:27: the key 'text' is missing in 'valid_ip.otherwise'; write "
                          "{text: reject} for the text 'reject'",
                          "p.yaml:8:39: unknown key 'marker' in 'valid_ip.otherwise'; known here: "
                          "text"));
  EXPECT_THAT(step_problems("valid_ip: [a, b]"),
              ElementsAre("p.yaml:8:15: 'valid_ip' must be the path of a field, or a map such as "
                          "{field: ip, version: 4}, not a list"));
}

}  // namespace
}  // namespace millrace::config
