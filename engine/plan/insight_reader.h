// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/insights/shard.h"
#include "engine/plan/insight_program.h"
#include "engine/record/document.h"
#include "engine/record/outcome.h"
#include "engine/steps/step.h"

namespace millrace::plan {

// Reads what the insights count out of a record, as it came in or as it goes out, into the batch's
// shard. Strings count by their content, other scalars by their JSON text; objects and arrays are
// not counted (missing). A condition that cannot be decided does not hold.
//
// Threading: one per worker, as it holds the worker's scratch. Lifetime: the program outlives it.
class InsightReader {
 public:
  explicit InsightReader(const InsightProgram& program);

  // Whether test_input() has anything to do.
  [[nodiscard]] bool tests_input() const { return program_.tests_input; }

  // Decides the conditions on the record as it came in. Requires: it was just parsed, and no step
  // has seen it.
  void test_input(const record::Document& document, steps::StepContext& context) noexcept;

  // Counts a record that has its outcome. `document` is its own, of which the input can still be
  // read; nullptr where it could not be parsed, or has no value: then every part misses what it
  // reads. Requires: test_input() of this document, where there are such conditions.
  void count(record::Outcome outcome, const record::Document* document, steps::StepContext& context,
             insights::Shard& shard) noexcept {
    if (program_.counted.has(outcome)) count_selections(outcome, document, context, shard);
  }

 private:
  void count_selections(record::Outcome outcome, const record::Document* document,
                        steps::StepContext& context, insights::Shard& shard) noexcept;
  // Requires: the selection has a condition.
  [[nodiscard]] bool is_selected(size_t selection, const record::Document* document,
                                 steps::StepContext& context) const noexcept;
  // Tells the shard the record's event time; false where it counts in no window.
  [[nodiscard]] bool begin_windows(const PartReading& reading, const record::Document* document,
                                   steps::StepContext& context, insights::Shard& shard) noexcept;
  void count_part(const PartReading& reading, const record::Document* document,
                  steps::StepContext& context, insights::Shard& shard) noexcept;
  [[nodiscard]] bool read_key_value(const record::Path& field, bool after,
                                    const record::Document& document, size_t number,
                                    std::string_view& to) noexcept;
  [[nodiscard]] bool count_value(const PartReading& reading, const record::Document& document,
                                 insights::Shard& shard) noexcept;
  [[nodiscard]] bool count_keys(const PartReading& reading, const record::Document& document,
                                const steps::StepContext& context, insights::Shard& shard) noexcept;
  void set_edges(const PartReading& reading, size_t entry, const record::Document& document,
                 const steps::StepContext& context, insights::Shard& shard) noexcept;
  [[nodiscard]] bool count_latency(const PartReading& reading, const record::Document* document,
                                   steps::StepContext& context, insights::Shard& shard) noexcept;

  const InsightProgram& program_;
  std::vector<uint8_t> holds_;  // by selection: what test_input() found
  // One per field of the widest key.
  std::vector<std::string_view> values_;
  std::vector<std::string> scratch_;
};

}  // namespace millrace::plan
