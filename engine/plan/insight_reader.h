// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/insights/shard.h"
#include "engine/plan/program.h"
#include "engine/record/document.h"

namespace millrace::plan {

// Reads what the insights count out of an emitted record, as it came in, into the batch's shard.
// Strings count by their content, other scalars by their JSON text; objects and arrays are not
// counted (missing). Holds the worker's scratch: one per worker. Lifetime: the readings outlive it.
class InsightReader {
 public:
  explicit InsightReader(const std::vector<InsightReading>& readings);

  void count(const record::Document& document, insights::Shard& shard) noexcept;

  // An emitted record without members, a tombstone passed on: every insight misses it.
  void count_missing(insights::Shard& shard) const noexcept;

 private:
  const std::vector<InsightReading>& readings_;
  std::vector<std::string_view> values_;
  std::vector<std::string> scratch_;  // one per field of the widest insight
};

}  // namespace millrace::plan
