// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/pace.h"

#include <algorithm>
#include <cmath>

#include "engine/cli/amounts.h"

namespace millrace::cli {
namespace {

using report::Durations;
using report::Vitals;

constexpr double kShortestSeconds = 0.2;
// A lag that is read in this time is what is on its way, and no backlog.
constexpr double kOnTheWaySeconds = 1;
// Changes below this share of what is read are noise.
constexpr double kNoise = 0.02;

double seconds_between(const Vitals& now, const Vitals& before) {
  return now.elapsed.count() - before.elapsed.count();
}

// By how much the lag shrinks each second; below 0 where it grows.
std::optional<double> shrinking(const Vitals& now, const Vitals& before) {
  const double seconds = seconds_between(now, before);
  if (!now.lag || !before.lag || !(seconds >= kShortestSeconds)) return std::nullopt;
  return (static_cast<double>(*before.lag) - static_cast<double>(*now.lag)) / seconds;
}

bool on_the_way(const Vitals& now, double per_second) {
  return static_cast<double>(*now.lag) <= per_second * kOnTheWaySeconds;
}

}  // namespace

std::optional<double> rate_of(const Vitals& now, const Vitals& before, uint64_t count_now,
                              uint64_t count_before) {
  const double seconds = seconds_between(now, before);
  // Written so that a time that is no number fails too.
  if (!(seconds >= kShortestSeconds) || count_now < count_before) return std::nullopt;
  return static_cast<double>(count_now - count_before) / seconds;
}

std::optional<double> rate_of(const Vitals& now, const Vitals& before, uint64_t Vitals::*count) {
  return rate_of(now, before, now.*count, before.*count);
}

std::optional<double> cores_used(const Vitals& now, const Vitals& before) {
  const double seconds = seconds_between(now, before);
  const double cpu = now.cpu.count() - before.cpu.count();
  if (!(seconds >= kShortestSeconds) || !(cpu >= 0)) return std::nullopt;
  return cpu / seconds;
}

std::optional<std::chrono::duration<double>> time_to_catch_up(const Vitals& now,
                                                              const Vitals& before) {
  const auto rate = rate_of(now, before, &Vitals::consumed);
  const auto falls = shrinking(now, before);
  if (!rate || !falls || *falls <= *rate * kNoise || on_the_way(now, *rate)) return std::nullopt;
  return std::chrono::duration<double>(static_cast<double>(*now.lag) / *falls);
}

std::string catching_up(const Vitals& now, const Vitals& before) {
  const auto rate = rate_of(now, before, &Vitals::consumed);
  const auto falls = shrinking(now, before);
  if (!rate || !now.lag) return {};
  if (*now.lag == 0) return "at the end";
  if (on_the_way(now, *rate)) return "keeping up";
  if (!falls) return {};
  if (const auto time = time_to_catch_up(now, before))
    return "caught up in " + duration_text(*time);
  if (-*falls > *rate * kNoise) return "growing by " + rate_text(-*falls) + "/s";
  return *rate > 0 ? "steady" : "not moving";
}

Durations recent(const Durations& now, const Durations& before) {
  Durations since = now;
  for (size_t i = 0; i < since.counts.size(); ++i) {
    if (before.counts[i] > since.counts[i]) return now;
    since.counts[i] -= before.counts[i];
  }
  since.sum_seconds -= before.sum_seconds;
  return since.count() == 0 ? now : since;
}

std::string quantile_text(const Durations& durations, double quantile) {
  const uint64_t all = durations.count();
  const uint64_t beyond = durations.counts.back();
  const auto below = static_cast<double>(all - std::min(all, beyond));
  const double bound = durations.quantile(quantile);
  const std::string text = duration_text(std::chrono::duration<double>(bound));
  return below < std::ceil(quantile * static_cast<double>(all)) ? ">" + text : text;
}

}  // namespace millrace::cli
