// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/insights/insight.h"
#include "engine/record/outcome.h"
#include "engine/record/path.h"
#include "engine/steps/step.h"
#include "engine/steps/time_format.h"

// What the insights read of the records: the other side of insights::Declaration.
namespace millrace::plan {

// Some of the outcomes that a record can have.
class OutcomeSet {
 public:
  void add(record::Outcome outcome) { bits_ = static_cast<uint8_t>(bits_ | bit(outcome)); }

  void add(OutcomeSet other) { bits_ = static_cast<uint8_t>(bits_ | other.bits_); }

  [[nodiscard]] bool has(record::Outcome outcome) const { return (bits_ & bit(outcome)) != 0; }

 private:
  static uint8_t bit(record::Outcome outcome) {
    return static_cast<uint8_t>(1U << static_cast<unsigned>(outcome));
  }

  uint8_t bits_ = 0;
};

// Where a record's event time comes from.
struct EventTime {
  record::Path on;                                // of the field
  std::unique_ptr<const steps::TimeFormat> time;  // how it is written; null: the record's timestamp
  int64_t max_ahead_ms = 0;                       // how far beyond the record's timestamp it may be
};

// What one part of a shard reads of a record.
struct PartReading {
  // How it is read: the usual parts in fewer steps than what any part may need.
  enum class Way : uint8_t {
    kValue,  // kKeys of one field, without edges and windows
    kKeys,   // the other kKeys without windows
    kOther,
  };

  size_t part = 0;  // of the declaration
  insights::PartKind kind = insights::PartKind::kCounter;
  bool after = false;  // the output is read, not the record as it came in
  Way way = Way::kOther;
  std::vector<record::Path> fields;  // kKeys: of the key; the others: one or none
  std::vector<record::Path> edges;   // kKeys
  // kHours, and kSketch of a latency: how the field's time is written.
  std::unique_ptr<const steps::TimeFormat> time;
  // kSketch: of the seconds from the field's time, or without a field from the record's timestamp,
  // to now.
  bool latency = false;
  std::optional<EventTime> event_time = std::nullopt;  // of a part with windows
};

// The records that some parts count.
struct SelectionReading {
  OutcomeSet of;
  std::unique_ptr<const steps::Condition> when;  // nullptr: all of them
  bool after = false;                            // the condition is about the output
  std::vector<PartReading> parts;
};

struct InsightProgram {
  std::vector<SelectionReading> selections;  // as the declaration numbers them

  OutcomeSet counted;  // outcomes of which some part counts records
  OutcomeSet read;     // those of which something is read, so that the record has to be parsed
  bool tests_input = false;  // some condition is about the record as it came in
};

}  // namespace millrace::plan
