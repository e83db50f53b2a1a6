// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/step_times.h"

#include <algorithm>

#include <fmt/format.h>

namespace millrace::trial {
namespace {

// The least that two readings of the clock are apart.
std::chrono::nanoseconds clock_cost() {
  using Clock = std::chrono::steady_clock;
  std::chrono::nanoseconds least = std::chrono::nanoseconds::max();
  for (int i = 0; i < 100; ++i) {
    const Clock::time_point begin = Clock::now();
    least = std::min(least, std::chrono::nanoseconds(Clock::now() - begin));
  }
  return least;
}

}  // namespace

StepTimes::StepTimes(const plan::Plan& plan)
    : check_{plan.config().schema ? "parse, schema" : "parse"},
      rejection_{"reject"},
      output_{"encode, count"} {
  for (const config::StepConfig& step : plan.config().steps)
    steps_.push_back({fmt::format("step {}, {}", step.number, step.kind)});
}

void StepTimes::on_record(size_t /*index*/) {
  left_ = Clock::now();
}

void StepTimes::on_checked(const record::Document& /*document*/) {
  arrive(check_);
}

void StepTimes::on_step(size_t step, const record::Document& /*document*/, bool /*effect*/) {
  arrive(steps_[step]);
}

void StepTimes::on_rejected(const plan::Rejection& /*rejection*/) {
  arrive(rejection_);
}

void StepTimes::on_outcome(size_t /*index*/, record::Outcome /*outcome*/) {
  arrive(output_);
}

std::string StepTimes::table() const {
  if (output_.visits == 0) return {};
  std::string table = fmt::format("{:<28} {:>12} {:>12}\n", "station", "records", "mean ns");
  const auto add = [&table](const Station& station) {
    if (station.visits == 0) return;
    table += fmt::format("{:<28} {:>12} {:>12}\n", station.name, station.visits,
                         static_cast<uint64_t>(station.time.count()) / station.visits);
  };
  add(check_);
  for (const Station& station : steps_) add(station);
  add(rejection_);
  add(output_);
  table += fmt::format("{:<28} {:>12} {:>12}\n", "clock", "in each", clock_cost().count());
  return table;
}

void StepTimes::arrive(Station& station) {
  const Clock::time_point now = Clock::now();
  station.time += now - left_;
  ++station.visits;
  left_ = Clock::now();
}

}  // namespace millrace::trial
