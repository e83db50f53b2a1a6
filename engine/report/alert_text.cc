// SPDX-License-Identifier: Apache-2.0
#include "engine/report/alert_text.h"

#include <cmath>

#include <fmt/format.h>

#include "engine/insights/text_table.h"
#include "engine/insights/utc_text.h"
#include "engine/report/text_blocks.h"

namespace millrace::report {
namespace {

using Kind = AlertMeasure::Kind;
using record::JsonWriter;

constexpr double kPercent = 100;
// Beyond it neighbouring doubles are no neighbouring whole numbers.
constexpr double kWholeMax = 9'007'199'254'740'992.0;

// Whole numbers with all their digits, others with a few.
std::string number_text(double value, int digits) {
  if (value == std::floor(value) && std::abs(value) <= kWholeMax) {
    const std::string text = insights::grouped(static_cast<uint64_t>(std::abs(value)));
    return value < 0 ? "-" + text : text;
  }
  return fmt::format("{:.{}g}", value, digits);
}

std::string value_text(const AlertMeasure& measure, double value, int digits) {
  if (measure.kind == Kind::kShare) return fmt::format("{:.{}g} %", value * kPercent, digits);
  std::string text = number_text(value, digits);
  if (measure.kind == Kind::kRate) text += " records/s";
  return text;
}

// A value was measured, a limit is what somebody wrote.
std::string measured_text(const AlertMeasure& measure, double value) {
  static constexpr int kDigits = 4;
  return value_text(measure, value, kDigits);
}

std::string limit_text(const AlertMeasure& measure, double value) {
  static constexpr int kDigits = 12;
  return value_text(measure, value, kDigits);
}

}  // namespace

std::string_view name_of(AlertState state) {
  switch (state) {
    case AlertState::kOk:
      return "ok";
    case AlertState::kPending:
      return "pending";
    case AlertState::kFiring:
      return "firing";
  }
  return "ok";
}

std::string to_sentence(const Alert& alert) {
  const AlertRule& rule = alert.rule;
  const AlertMeasure& measure = rule.measure;
  const bool fires = alert.state == AlertState::kFiring;
  std::string text = rule.name + (fires ? " fires: " : " is cleared: ");
  const std::string over = measure.over_text.empty() ? "" : " over " + measure.over_text;
  if (!alert.value) {
    if (!over.empty()) return text + "no record was consumed" + over;
    return text + fmt::format("{} is not known at present", measure.text);
  }
  text += fmt::format("{} is {}{}", measure.text, measured_text(measure, *alert.value), over);
  return text + fmt::format(", {}{} {}", fires ? "" : "not ", rule.above ? "above" : "below",
                            limit_text(measure, fires ? rule.threshold : rule.clear));
}

std::string to_words(const AlertRule& rule) {
  const AlertMeasure& measure = rule.measure;
  const std::string_view beyond = rule.above ? "above" : "below";
  std::string text =
      fmt::format("{} {} {}", measure.text, beyond, limit_text(measure, rule.threshold));
  if (!measure.over_text.empty()) text += " over " + measure.over_text;
  if (rule.hold > std::chrono::milliseconds{0})
    text += fmt::format(" for {:.6g} s", std::chrono::duration<double>(rule.hold).count());
  text += fmt::format(", until it is not {} {}", beyond, limit_text(measure, rule.clear));
  if (!rule.topic.empty()) text += ", to topic " + rule.topic;
  return text;
}

std::string alerts_block(const std::vector<Alert>& alerts) {
  std::string text;
  for (const Alert& alert : alerts) {
    if (alert.state != AlertState::kFiring) continue;
    if (text.empty()) text = "\nalerts\n";
    text += safe_sentence(to_sentence(alert) + '.');
  }
  return text;
}

void write_alerts(const std::vector<Alert>& alerts, JsonWriter& writer) {
  writer.name("alerts");
  writer.begin_array();
  for (const Alert& alert : alerts) {
    writer.begin_object();
    writer.member("name", alert.rule.name);
    writer.member("state", name_of(alert.state));
    writer.member("value", alert.value);
    writer.end_object();
  }
  writer.end_array();
}

std::string alert_record(const Alert& alert, const AlertOrigin& origin) {
  const AlertRule& rule = alert.rule;
  JsonWriter writer;
  writer.begin_object();
  writer.member("pipeline", origin.pipeline);
  if (!origin.instance.empty()) writer.member("instance", origin.instance);
  writer.member("alert", rule.name);
  writer.member("state", alert.state == AlertState::kFiring ? "firing" : "cleared");
  writer.member("measure", rule.measure.text);
  writer.member("value", alert.value);
  writer.member("threshold", rule.threshold);
  writer.name("over_seconds");
  if (rule.measure.over > std::chrono::milliseconds{0}) {
    writer.number(std::chrono::duration<double>(rule.measure.over).count());
  } else {
    writer.null();
  }
  writer.member("at", insights::utc_text(origin.unix_ms, insights::Precision::kMilliseconds));
  writer.end_object();
  return writer.take();
}

}  // namespace millrace::report
