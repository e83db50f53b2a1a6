// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/report/vitals.h"

// How fast things go between two moments of a run. What an earlier run left, or a clock that went
// back, gives nothing rather than nonsense.
namespace millrace::cli {

// Units per second of a count that was `before` and is `now`. Nothing: no time has passed.
[[nodiscard]] std::optional<double> rate_of(const report::Vitals& now, const report::Vitals& before,
                                            uint64_t count_now, uint64_t count_before);

[[nodiscard]] std::optional<double> rate_of(const report::Vitals& now, const report::Vitals& before,
                                            uint64_t report::Vitals::*count);

// Processors that were busy.
[[nodiscard]] std::optional<double> cores_used(const report::Vitals& now,
                                               const report::Vitals& before);

// When the lag is gone, if it goes on shrinking as it does. Nothing: it does not shrink, or there
// is hardly any.
[[nodiscard]] std::optional<std::chrono::duration<double>> time_to_catch_up(
    const report::Vitals& now, const report::Vitals& before);

// The same in words: "caught up in 2 min 5 s", "growing by 1,200/s", "steady", "keeping up".
// Empty where nothing is known.
[[nodiscard]] std::string catching_up(const report::Vitals& now, const report::Vitals& before);

// Those of `now` that came after `before`; all, where that makes no sense or there are none.
[[nodiscard]] report::Durations recent(const report::Durations& now,
                                       const report::Durations& before);

// "5 ms": at most that. ">30 s" beyond what is told apart.
[[nodiscard]] std::string quantile_text(const report::Durations& durations, double quantile);

}  // namespace millrace::cli
