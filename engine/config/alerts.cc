// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/config/alert_condition.h"
#include "engine/config/names.h"
#include "engine/config/sections.h"

namespace millrace::config {
namespace {

using Kind = AlertMeasure::Kind;
using std::chrono::milliseconds;

constexpr size_t kAlertsMax = 100;
constexpr milliseconds kHoldMax = std::chrono::hours{24};
constexpr std::string_view kShape =
    "a map such as {when: dead_letters.share > 5% over 5m, clear: 4%}";

// So far from the threshold that a measure which moves a little does not make the alert come and
// go.
double usual_clear(const AlertCondition& condition) {
  static constexpr double kLess = 4;
  static constexpr double kMore = 5;
  const double threshold = condition.threshold;
  // (Of a threshold below zero the good side of "above" is further from zero.)
  const bool towards_zero = condition.above == (threshold >= 0);
  const double clear = towards_zero ? threshold * kLess / kMore : threshold * kMore / kLess;
  if (condition.measure.kind != Kind::kShare) return clear;
  // It has to be reached: no share is above 100 %.
  return std::min(clear, (1 + threshold) / 2);
}

void read_clear(const Field& field, const AlertCondition& condition, AlertConfig& alert) {
  const Kind kind = condition.measure.kind;
  const std::string_view words = measured_words(kind);
  const auto text = field.text(words);
  if (!text) return;
  const auto value = parse_measured(kind, text->value);
  if (!value) return field.expected(words);
  if (condition.above ? *value > condition.threshold : *value < condition.threshold) {
    return field.expected(std::string(condition.above ? "at most " : "at least ") +
                          condition.threshold_text +
                          ", the threshold, so that the alert is cleared on its good side");
  }
  alert.clear = *value;
}

std::string automatic_name(const AlertMeasure& measure) {
  static constexpr std::string_view kInsight = "insight ";
  return measure.kind == Kind::kInsight ? measure.text.substr(kInsight.size()) : measure.text;
}

void read_name(const Field& field, AlertConfig& alert) {
  static constexpr std::string_view kExpectation = "1 to 200 letters, digits, '.', '_' and '-'";
  auto name = field.text(kExpectation);
  if (!name) return;
  if (!is_plain_name(name->value, kNameBytesMax)) return field.expected(kExpectation);
  alert.name = std::move(name->value);
}

std::optional<AlertConfig> read_alert(const Field& field, const KnownInsights& known,
                                      Problems& problems) {
  auto map = field.map(kShape);
  if (!map) return std::nullopt;
  const Field name = map->take("name");
  const Field when = map->require("when", "write 'when: dead_letters.share > 5% over 5m'");
  const Field clear = map->take("clear");
  AlertConfig alert;
  alert.place = field.key_place();
  const auto condition = read_alert_condition(when, known, problems);
  if (condition) {
    alert.measure = condition->measure;
    alert.above = condition->above;
    alert.threshold = condition->threshold;
    alert.clear = usual_clear(*condition);
    alert.over = condition->over;
    alert.name = automatic_name(condition->measure);
    read_clear(clear, *condition, alert);
  }
  read_name(name, alert);
  set_if(alert.hold, map->take("for").duration(milliseconds{0}, kHoldMax));
  alert.topic = map->take("topic").topic();
  map->finish();
  if (!condition) return std::nullopt;
  return alert;
}

void check_names(const std::vector<AlertConfig>& alerts, Problems& problems) {
  std::map<std::string, const AlertConfig*> taken;
  for (const AlertConfig& alert : alerts) {
    const auto [first, is_new] = taken.emplace(alert.name, &alert);
    if (is_new) continue;
    problems.add(alert.place, "two alerts are named " + in_quotes(alert.name) +
                                  " (the other in line " +
                                  std::to_string(first->second->place.line) +
                                  "); give one of them another 'name'");
  }
}

}  // namespace

std::vector<AlertConfig> read_alerts(const Field& alerts, const Field& alert,
                                     const KnownInsights& known, Problems& problems) {
  std::vector<Field> items;
  if (alert.present()) items.push_back(alert);
  if (alerts.present() && alert.present()) {
    problems.add(alert.key_place(),
                 "'alert' and 'alerts' are both there; write all of them into 'alerts'");
  }
  if (alerts.is(NodeKind::kList)) {
    if (alerts.node().items.size() > kAlertsMax) alerts.problem("has more than 100 members");
    for (const NodePointer& item : alerts.node().items)
      items.emplace_back(item.get(), alerts.path(), item->place, problems);
  } else if (alerts.present() && !alerts.node().broken) {
    alerts.expected("a list of alerts");
  }
  std::vector<AlertConfig> read;
  for (const Field& item : items) {
    if (auto one = read_alert(item, known, problems)) read.push_back(std::move(*one));
  }
  check_names(read, problems);
  return read;
}

}  // namespace millrace::config
