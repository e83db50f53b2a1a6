// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/plan/observer.h"
#include "engine/plan/plan.h"

namespace millrace::trial {

// Where the time goes: a processor's stations, timed between one callback and the next, so that
// each includes the reading of the clock (`clock` in the table: what two readings take).
//
// Threading: one thread. Lifetime: the plan outlives it.
class StepTimes final : public plan::Observer {
 public:
  explicit StepTimes(const plan::Plan& plan);

  void on_record(size_t index) override;
  void on_checked(const record::Document& document) override;
  void on_step(size_t step, const record::Document& document, bool effect) override;
  void on_rejected(const plan::Rejection& rejection) override;
  void on_outcome(size_t index, record::Outcome outcome) override;

  // A line per station: how many records (or pieces) came there, and the mean time in nanoseconds.
  // Empty where no record was seen.
  [[nodiscard]] std::string table() const;

 private:
  using Clock = std::chrono::steady_clock;

  struct Station {
    std::string name;
    uint64_t visits = 0;
    std::chrono::nanoseconds time{0};
  };

  void arrive(Station& station);

  Station check_;
  std::vector<Station> steps_;
  Station rejection_;
  Station output_;
  Clock::time_point left_;
};

}  // namespace millrace::trial
