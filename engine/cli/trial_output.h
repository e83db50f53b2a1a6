// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/startup_error.h"
#include "engine/plan/plan.h"
#include "engine/trial/step_times.h"
#include "engine/trial/trial_run.h"

namespace millrace::cli {

// The heart of `try`: takes records one by one, runs them in batches through one plan or two, and
// prints what became of each to stdout. Memory stays within a batch, however many come.
//
// Threading: one thread. Lifetime: the plans outlive it.
class TrialOutput {
 public:
  struct Options {
    bool json = false;
    bool times = false;
    bool from_topic = false;  // records have an offset that says something
    std::string topic;        // of the input
    std::optional<base::WallTime> now;
  };

  // `other`, where there is one, is compared with: only records that differ are printed.
  TrialOutput(const plan::Plan& plan, const plan::Plan* other, Options options);

  // What the title of a record says besides its number.
  void set_label(std::string label) { label_ = std::move(label); }

  // Offsets of one partition rise. A record that is from no topic gets the time of now.
  void add(const record::InputRecord& record, int32_t partition);

  // Runs and prints what was added. Throws StartupError where stdout cannot be written.
  void flush();

  // The rest, the times and the summary.
  [[nodiscard]] base::ExitCode finish();

 private:
  void show(size_t index);
  void show_difference(size_t index);
  [[nodiscard]] std::string title(size_t index) const;
  void write();

  const Options options_;
  trial::StepTimes times_;
  trial::TrialRun run_;
  std::unique_ptr<trial::TrialRun> other_;
  bool open_ = false;
  int32_t partition_ = 0;  // of the batch, as is:
  base::WallTime now_;
  std::string label_;
  std::string text_;      // to print
  uint64_t records_ = 0;  // of the batches before
  uint64_t emitted_ = 0;
  uint64_t filtered_ = 0;
  uint64_t differing_ = 0;
};

}  // namespace millrace::cli
