// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/config/place.h"

// The alerts as the user wrote them; docs/configuration.md has their keys.
namespace millrace::config {

enum class AlertOutcome : uint8_t { kConsumed, kEmitted, kFiltered, kDeadLetters };

// The number that an alert is about.
struct AlertMeasure {
  enum class Kind : uint8_t {
    kShare,    // of the consumed records of a period, those of an outcome: 0 to 1
    kRate,     // records of an outcome per second of a period
    kCount,    // records of an outcome in a period
    kLag,      // records that are still to be read, now
    kInsight,  // the one number that an insight is, now
  };

  std::string text;  // as it is written: "dead_letters.share", "insight amounts.p99"
  Kind kind = Kind::kCount;
  AlertOutcome outcome = AlertOutcome::kConsumed;  // of a period
  std::string insight;                             // kInsight: its name
  std::optional<double> quantile;                  // and which one, where it has several
};

// Whether a measure is one of a period, not of the moment.
[[nodiscard]] constexpr bool has_period(AlertMeasure::Kind kind) {
  return kind == AlertMeasure::Kind::kShare || kind == AlertMeasure::Kind::kRate ||
         kind == AlertMeasure::Kind::kCount;
}

// Fires above (or below) the threshold, and clears once the measure is back at `clear`, which lies
// on the good side of the threshold. Shares are parts of 1.
struct AlertConfig {
  Place place;
  std::string name;  // given, or made from the measure
  AlertMeasure measure;
  bool above = true;  // else below
  double threshold = 0;
  double clear = 0;
  std::chrono::milliseconds over{0};  // the period; 0 where the measure has none
  std::chrono::milliseconds hold{0};  // how long it is beyond the threshold before the alert fires
  std::optional<Text> topic;
};

}  // namespace millrace::config
