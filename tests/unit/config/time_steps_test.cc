// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/one_step.h"

namespace millrace::config {
namespace {

using Kind = TimeFormat::Kind;

const std::string kFormats =
    "unix_seconds, unix_milliseconds, unix_microseconds, rfc3339, rfc3339_millis or a pattern such "
    "as '%Y-%m-%d %H:%M:%S'";

TEST(FormatTime, IsRead) {
  const auto step =
      only_step<TimeStep>("format_time: {field: t, from: unix_milliseconds, as: rfc3339}");

  EXPECT_FALSE(step.parses);
  EXPECT_EQ(step.field.text, "t");
  EXPECT_EQ(step.from.kind, Kind::kUnixMilliseconds);
  EXPECT_EQ(step.as.kind, Kind::kRfc3339);
  EXPECT_EQ(step.into, std::nullopt);
  EXPECT_EQ(step.zone, "UTC");
  EXPECT_FALSE(step.accept_text);
  EXPECT_FALSE(step.truncate);
}

TEST(FormatTime, HasSwitches) {
  const auto step = only_step<TimeStep>(
      "format_time: {field: t, from: unix_seconds, as: '%F %T', into: user.at, zone: "
      "Europe/Berlin, accept_text: true, truncate: true}");

  EXPECT_EQ(step.as.kind, Kind::kPattern);
  EXPECT_EQ(step.as.pattern.value, "%F %T");
  EXPECT_EQ(step.as.pattern.place.column, 53);
  EXPECT_EQ(step.into->text, "user.at");
  EXPECT_EQ(step.zone, "Europe/Berlin");
  EXPECT_EQ(step.zone_place.line, 8);
  EXPECT_TRUE(step.accept_text);
  EXPECT_TRUE(step.truncate);
}

TEST(FormatTime, EveryFormatIsKnown) {
  const auto kind = [](const std::string& word) {
    return only_step<TimeStep>("format_time: {field: t, from: " + word + ", as: " + word + "}")
        .from.kind;
  };
  EXPECT_EQ(kind("unix_seconds"), Kind::kUnixSeconds);
  EXPECT_EQ(kind("unix_milliseconds"), Kind::kUnixMilliseconds);
  EXPECT_EQ(kind("unix_microseconds"), Kind::kUnixMicroseconds);
  EXPECT_EQ(kind("rfc3339"), Kind::kRfc3339);
  EXPECT_EQ(kind("rfc3339_millis"), Kind::kRfc3339Millis);
  EXPECT_EQ(kind("'%Y%m%d%H%M%S%f%L%j%y%e%b%B%a%A%F%T%z%Z%s%%'"), Kind::kPattern);
}

TEST(FormatTime, FromAndAsMustBeSaid) {
  EXPECT_THAT(step_problems("format_time: {field: t}"),
              ElementsAre("p.yaml:8:5: the key 'from' is missing in 'format_time'; say what the "
                          "time is now, such as unix_seconds",
                          "p.yaml:8:5: the key 'as' is missing in 'format_time'; say what it "
                          "becomes, such as rfc3339"));
  EXPECT_THAT(step_problems("format_time: {field: t, from: seconds, as: YYYY}"),
              ElementsAre("p.yaml:8:35: 'format_time.from' must be " + kFormats + ", not 'seconds'",
                          "p.yaml:8:48: 'format_time.as' must be " + kFormats + ", not 'YYYY'"));
  EXPECT_THAT(step_problems("format_time: t"),
              ElementsAre("p.yaml:8:18: 'format_time' must be a map such as {field: t, from: "
                          "unix_seconds, as: rfc3339}, not 't'"));
}

TEST(FormatTime, ABadDirectiveIsNamed) {
  const auto as = [](const std::string& pattern) {
    return step_problems("format_time: {field: t, from: unix_seconds, as: '" + pattern + "'}");
  };
  const auto sentence = [](const std::string& directive) {
    return "p.yaml:8:53: 'format_time.as' has the directive '" + directive +
           "', which is not supported; known are %Y %m %d %H %M %S %f (microseconds) %L "
           "(milliseconds) %j %y %e %b %B %a %A %F %T %z %Z %s, and %% for the character";
  };
  EXPECT_THAT(as("%Y %q"), ElementsAre(sentence("%q")));
  EXPECT_THAT(as("%I:%M %p"), ElementsAre(sentence("%I")));
  EXPECT_THAT(as("%Y%"), ElementsAre(sentence("%")));
  EXPECT_THAT(as("%%%"), ElementsAre(sentence("%")));
  EXPECT_THAT(as("%ä"), ElementsAre(sentence("%ä")));
  EXPECT_THAT(as("%-d"), ElementsAre(sentence("%-")));
  EXPECT_THAT(as("%%q"), IsEmpty());
  EXPECT_THAT(as("%Y" + std::string(199, 'x')),
              ElementsAre("p.yaml:8:53: 'format_time.as' is a pattern of more than 200 bytes"));
}

TEST(FormatTime, APatternThatIsReadSaysTheDay) {
  const auto from = [](const std::string& pattern) {
    return step_problems("format_time: {field: t, from: '" + pattern + "', as: rfc3339}");
  };
  for (const char* pattern : {"%s", "%F", "%Y-%m-%d", "%d.%m.%y", "%e %b %Y", "%d %B %Y", "%Y%j"}) {
    EXPECT_THAT(from(pattern), IsEmpty()) << pattern;
  }
  for (const char* pattern : {"%T", "%H:%M", "%Y-%m", "%m-%d", "%j", "%Y %d", "%%s", "%Y-%m-%%d"}) {
    EXPECT_THAT(from(pattern),
                ElementsAre("p.yaml:8:35: 'format_time.from' does not say the day; a pattern that "
                            "is read needs %F, %s, or year, month and day"))
        << pattern;
  }
}

TEST(FormatTime, SwitchesThatChangeNothingAreErrors) {
  EXPECT_THAT(
      step_problems("format_time: {field: t, from: rfc3339, as: '%F', accept_text: true}"),
      ElementsAre("p.yaml:8:67: 'format_time.accept_text' is about numbers that come as text; "
                  "'from' is a text already"));
  EXPECT_THAT(
      step_problems("format_time: {field: t, from: unix_seconds, as: rfc3339, zone: Asia/Tokyo}"),
      ElementsAre("p.yaml:8:68: 'format_time.zone' is the zone of a pattern such as '%F %T'; "
                  "neither 'from' nor 'as' is one"));
  EXPECT_THAT(step_problems("format_time: {field: t, from: rfc3339, as: '%F', accept_text: false}"),
              IsEmpty());
}

TEST(FormatTime, OtherValuesAreErrors) {
  EXPECT_THAT(
      step_problems("format_time: {field: t, from: '%F', as: '%T', zone: /etc/x, into: t}"),
      ElementsAre("p.yaml:8:57: 'format_time.zone' must be the name of a zone, such as "
                  "Europe/Berlin, not '/etc/x'",
                  "p.yaml:8:71: 'format_time.into' is the field itself; leave it out, and the "
                  "field gets the new value"));
  EXPECT_THAT(
      step_problems("format_time: {field: t, from: '%F', as: '%T', into: t.u, truncate: 1}"),
      ElementsAre("p.yaml:8:57: 'format_time.into' lies inside of the field 't'; name a place "
                  "outside of it",
                  "p.yaml:8:72: 'format_time.truncate' must be true or false, not '1'"));
  EXPECT_THAT(step_problems("format_time: {field: t, from: '%F', as: '%T', into: tu}"), IsEmpty());
}

TEST(ParseTime, GivesUnixTime) {
  const auto step = only_step<TimeStep>("parse_time: {field: t, from: rfc3339}");
  EXPECT_TRUE(step.parses);
  EXPECT_EQ(step.from.kind, Kind::kRfc3339);
  EXPECT_EQ(step.as.kind, Kind::kUnixSeconds);
  const auto other = only_step<TimeStep>(
      "parse_time: {field: t, from: '%F %T', as: unix_milliseconds, zone: "
      "Asia/Tokyo, into: u, truncate: true}");
  EXPECT_EQ(other.from.kind, Kind::kPattern);
  EXPECT_EQ(other.as.kind, Kind::kUnixMilliseconds);
  EXPECT_EQ(other.zone, "Asia/Tokyo");
}

TEST(ParseTime, TakesTextOnly) {
  EXPECT_THAT(step_problems("parse_time: {field: t}"),
              ElementsAre("p.yaml:8:5: the key 'from' is missing in 'parse_time'; say how the text "
                          "is written, such as rfc3339 or '%Y-%m-%d %H:%M:%S'"));
  EXPECT_THAT(step_problems("parse_time: {field: t, from: unix_seconds, as: rfc3339}"),
              ElementsAre("p.yaml:8:34: 'parse_time.from' must be how the text is written: "
                          "rfc3339, rfc3339_millis or a pattern; numbers are turned into texts by "
                          "format_time",
                          "p.yaml:8:52: 'parse_time.as' must be unix_seconds, unix_milliseconds or "
                          "unix_microseconds, not 'rfc3339'"));
  EXPECT_THAT(step_problems("parse_time: {field: t, from: '%H:%M'}"),
              ElementsAre(HasSubstr("'parse_time.from' does not say the day")));
}

}  // namespace
}  // namespace millrace::config
