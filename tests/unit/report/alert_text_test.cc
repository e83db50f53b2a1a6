// SPDX-License-Identifier: Apache-2.0
#include "engine/report/alert_text.h"

#include <gtest/gtest.h>

namespace millrace::report {
namespace {

using Kind = AlertMeasure::Kind;

Alert many_dead_letters() {
  Alert alert;
  alert.rule.name = "many-dead-letters";
  alert.rule.measure.text = "dead_letters.share";
  alert.rule.measure.kind = Kind::kShare;
  alert.rule.measure.over = std::chrono::minutes{5};
  alert.rule.measure.over_text = "5m";
  alert.rule.threshold = 0.05;
  alert.rule.clear = 0.04;
  alert.rule.topic = "alerts";
  alert.state = AlertState::kFiring;
  alert.value = 0.0712;
  return alert;
}

Alert of_now(Kind kind, const std::string& text, bool above, double value) {
  Alert alert;
  alert.rule.name = "a";
  alert.rule.measure.kind = kind;
  alert.rule.measure.text = text;
  alert.rule.above = above;
  alert.rule.threshold = 1000;
  alert.rule.clear = above ? 800 : 1250;
  alert.state = AlertState::kFiring;
  alert.value = value;
  return alert;
}

TEST(AlertSentence, SaysWhatFiresAndWhatClears) {
  Alert alert = many_dead_letters();
  EXPECT_EQ(to_sentence(alert),
            "many-dead-letters fires: dead_letters.share is 7.12 % over 5m, above 5 %");
  alert.state = AlertState::kOk;
  alert.value = 0.039;
  EXPECT_EQ(to_sentence(alert),
            "many-dead-letters is cleared: dead_letters.share is 3.9 % over 5m, not above 4 %");
  alert.value.reset();
  EXPECT_EQ(to_sentence(alert), "many-dead-letters is cleared: no record was consumed over 5m");
}

TEST(AlertSentence, HasTheNumbersOfTheMeasure) {
  EXPECT_EQ(to_sentence(of_now(Kind::kLag, "lag", true, 1'234'567)),
            "a fires: lag is 1,234,567, above 1,000");
  EXPECT_EQ(to_sentence(of_now(Kind::kRate, "consumed.rate", false, 12.34567)),
            "a fires: consumed.rate is 12.35 records/s, below 1,000 records/s");
  EXPECT_EQ(to_sentence(of_now(Kind::kInsight, "insight s", false, -12'345)),
            "a fires: insight s is -12,345, below 1,000");
  Alert alert = of_now(Kind::kLag, "lag", true, 0);
  alert.value.reset();
  EXPECT_EQ(to_sentence(alert), "a fires: lag is not known at present");
}

TEST(AlertWords, SayWhatMakesItFireAndWhatClearsIt) {
  AlertRule rule = many_dead_letters().rule;
  EXPECT_EQ(to_words(rule),
            "dead_letters.share above 5 % over 5m, until it is not above 4 %, to topic alerts");
  rule = of_now(Kind::kLag, "lag", false, 0).rule;
  rule.hold = std::chrono::seconds{90};
  EXPECT_EQ(to_words(rule), "lag below 1,000 for 90 s, until it is not below 1,250");
}

TEST(AlertsBlock, ShowsThoseThatFire) {
  Alert well = many_dead_letters();
  well.state = AlertState::kOk;
  Alert pending = many_dead_letters();
  pending.state = AlertState::kPending;
  EXPECT_EQ(alerts_block({}), "");
  EXPECT_EQ(alerts_block({well, pending}), "");
  EXPECT_EQ(alerts_block({well, many_dead_letters(), of_now(Kind::kLag, "lag", true, 2000)}),
            "\nalerts\n"
            "  many-dead-letters fires: dead_letters.share is 7.12 % over 5m, above 5 %.\n"
            "  a fires: lag is 2,000, above 1,000.\n");
}

TEST(AlertsJson, HasTheStateOfEach) {
  Alert unknown = of_now(Kind::kLag, "lag", true, 0);
  unknown.state = AlertState::kOk;
  unknown.value.reset();
  record::JsonWriter writer;
  writer.begin_object();
  write_alerts({many_dead_letters(), unknown}, writer);
  writer.end_object();
  EXPECT_EQ(writer.take(),
            R"({"alerts":[{"name":"many-dead-letters","state":"firing","value":0.0712},)"
            R"({"name":"a","state":"ok","value":null}]})");
}

TEST(AlertRecord, SaysWhatChangedAndWhen) {
  const AlertOrigin origin{"user-login", {}, 1'720'655'268'123};
  Alert alert = many_dead_letters();
  EXPECT_EQ(alert_record(alert, origin),
            R"({"pipeline":"user-login","alert":"many-dead-letters","state":"firing",)"
            R"("measure":"dead_letters.share","value":0.0712,"threshold":0.05,)"
            R"("over_seconds":300,"at":"2024-07-10T23:47:48.123Z"})");
  alert.state = AlertState::kOk;
  alert.value.reset();
  alert.rule.measure.over = {};
  EXPECT_EQ(alert_record(alert, {"p", "copy-1", 0}),
            R"({"pipeline":"p","instance":"copy-1","alert":"many-dead-letters","state":"cleared",)"
            R"("measure":"dead_letters.share","value":null,"threshold":0.05,)"
            R"("over_seconds":null,"at":"1970-01-01T00:00:00.000Z"})");
}

}  // namespace
}  // namespace millrace::report
