// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Alerts, as the report, the log and the status show them. Plain values.
namespace millrace::report {

// Records since the run began, by outcome.
struct OutcomeCounts {
  uint64_t consumed = 0;
  uint64_t emitted = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
};

// The number that an alert watches.
struct AlertMeasure {
  enum class Kind : uint8_t {
    kShare,    // of the consumed records of a period, those of an outcome: 0 to 1
    kRate,     // records of an outcome per second of a period
    kCount,    // records of an outcome in a period
    kLag,      // records that are still to be read
    kInsight,  // the one number that an insight is
  };

  std::string text;  // "dead_letters.share", "insight users"
  Kind kind = Kind::kCount;
  uint64_t OutcomeCounts::*outcome = &OutcomeCounts::consumed;  // of a period: of which
  std::chrono::milliseconds over{0};                            // the period, above 0
  std::string over_text;                                        // "5m"
  std::string insight;                                          // kInsight: its name
  std::optional<double> quantile;                               // and which one of several
};

// What makes an alert fire, and what clears it. Requires: `clear` is the threshold, or lies on its
// good side: below it where the alert fires above.
struct AlertRule {
  std::string name;
  AlertMeasure measure;
  bool above = true;  // fires above the threshold, else below
  double threshold = 0;
  double clear = 0;
  std::chrono::milliseconds hold{0};  // how long it is beyond the threshold before it fires
  std::string topic;                  // gets a record of each change; empty: none does
};

enum class AlertState : uint8_t {
  kOk,
  kPending,  // beyond the threshold, and not for long enough yet
  kFiring,
};

// "ok", "pending", "firing".
[[nodiscard]] std::string_view name_of(AlertState state);

struct Alert {
  AlertRule rule;
  AlertState state = AlertState::kOk;
  std::optional<double> value;  // nothing: it is not known
};

}  // namespace millrace::report
