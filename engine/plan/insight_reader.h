// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/insights/shard.h"
#include "engine/plan/fields.h"

namespace millrace::plan {

// Reads what the insights count out of an emitted record, as it came in, into the batch's shard.
// Strings count by their content, other scalars by their JSON text; objects and arrays are not
// counted (missing). Holds the worker's scratch: one per worker.
class InsightReader {
 public:
  InsightReader(const std::vector<config::InsightConfig>& insights, const FieldNames& names);

  void count(const Fields& fields, insights::Shard& shard) noexcept;

  // An emitted record without fields, a tombstone passed on: every insight misses it.
  void count_missing(insights::Shard& shard) const noexcept;

 private:
  struct Reading {
    config::InsightKind kind;
    std::vector<FieldId> fields;
  };

  std::vector<Reading> readings_;
  std::vector<std::string_view> values_;
  std::vector<std::string> scratch_;  // one per field of the widest insight
};

}  // namespace millrace::plan
