// SPDX-License-Identifier: Apache-2.0
#include "engine/report/alert_watch.h"

#include <utility>

#include "engine/report/insight_number.h"

namespace millrace::report {
namespace {

using Kind = AlertMeasure::Kind;

bool is_beyond(const AlertRule& rule, double value) {
  return rule.above ? value > rule.threshold : value < rule.threshold;
}

bool is_back(const AlertRule& rule, double value) {
  return rule.above ? value <= rule.clear : value >= rule.clear;
}

double number(uint64_t count) {
  return static_cast<double>(count);
}

}  // namespace

AlertWatch::AlertWatch(std::vector<AlertRule> rules) {
  for (AlertRule& rule : rules) {
    Watched watched;
    if (rule.measure.over > std::chrono::milliseconds{0}) watched.period.emplace(rule.measure.over);
    watched_.push_back(std::move(watched));
    alerts_.push_back({std::move(rule), AlertState::kOk, std::nullopt});
  }
}

std::vector<Alert> AlertWatch::observe(const AlertSample& sample, Time now) {
  std::vector<Alert> changed;
  for (size_t i = 0; i < alerts_.size(); ++i) {
    Alert& alert = alerts_[i];
    Judged judged;
    if (alert.rule.measure.kind == Kind::kInsight && sample.insights == nullptr) {
      judged.value = alert.value;
    } else {
      judged = judge(alert.rule, watched_[i], sample, now);
    }
    alert.value = judged.value;
    if (turn(alert, watched_[i], judged, now)) changed.push_back(alert);
  }
  return changed;
}

AlertWatch::Judged AlertWatch::judge(const AlertRule& rule, Watched& watched,
                                     const AlertSample& sample, Time now) const {
  const AlertMeasure& measure = rule.measure;
  Judged judged;
  if (measure.kind == Kind::kLag) {
    if (sample.lag) judged.value = number(*sample.lag);
    return judged;
  }
  if (measure.kind == Kind::kInsight) {
    judged.value = number_of(*sample.insights, measure.insight, measure.quantile);
    return judged;
  }
  const OutcomeCounts& counts = sample.counts;
  const SlidingCounts::Growth growth =
      watched.period->add({counts.consumed, counts.*measure.outcome}, now);
  const uint64_t all = growth.counts.all;
  const uint64_t some = growth.counts.some;
  if (measure.kind == Kind::kShare) {
    judged.may_fire = all >= kShareRecordsMin;
    judged.is_over = all == 0;
    if (all > 0) judged.value = number(some) / number(all);
    return judged;
  }
  judged.may_fire = rule.above || growth.whole;
  judged.value = number(some);
  if (measure.kind == Kind::kRate) {
    const std::chrono::duration<double> over =
        growth.whole ? growth.over : std::chrono::duration<double>(measure.over);
    *judged.value /= over.count();
  }
  return judged;
}

// True if it fires or clears.
bool AlertWatch::turn(Alert& alert, Watched& watched, const Judged& judged, Time now) {
  const AlertRule& rule = alert.rule;
  if (!judged.value && !judged.is_over) return false;
  if (alert.state == AlertState::kFiring) {
    if (judged.value && !is_back(rule, *judged.value)) return false;
    alert.state = AlertState::kOk;
    return true;
  }
  if (!judged.value || !judged.may_fire || !is_beyond(rule, *judged.value)) {
    alert.state = AlertState::kOk;
    return false;
  }
  if (alert.state == AlertState::kOk) watched.beyond_since = now;
  alert.state = AlertState::kPending;
  if (now - watched.beyond_since < rule.hold) return false;
  alert.state = AlertState::kFiring;
  return true;
}

}  // namespace millrace::report
