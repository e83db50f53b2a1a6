// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/accumulator.h"

#include <bit>

#include "engine/base/check.h"
#include "engine/insights/count_accumulator.h"
#include "engine/insights/count_by_accumulator.h"
#include "engine/insights/distinct_accumulator.h"
#include "engine/insights/distinct_by_accumulator.h"
#include "engine/insights/edge_accumulator.h"
#include "engine/insights/hours_accumulator.h"
#include "engine/insights/numbers_accumulator.h"
#include "engine/insights/quantiles_accumulator.h"
#include "engine/insights/rate_accumulator.h"
#include "engine/insights/stable_hash.h"
#include "engine/insights/top_accumulator.h"
#include "engine/insights/window_accumulator.h"

namespace millrace::insights {
namespace {

PartKind part_kind_of(Kind kind) {
  switch (kind) {
    case Kind::kCount:
    case Kind::kRate:
      return PartKind::kCounter;
    case Kind::kHoursOfDay:
      return PartKind::kHours;
    case Kind::kQuantiles:
      return PartKind::kSketch;
    case Kind::kSum:
    case Kind::kMin:
    case Kind::kMax:
    case Kind::kMean:
      return PartKind::kNumbers;
    case Kind::kCountBy:
    case Kind::kDistinct:
    case Kind::kTop:
    case Kind::kFirst:
    case Kind::kLast:
      return PartKind::kKeys;
  }
  MILLRACE_CHECK(false);
}

}  // namespace

size_t chunk_of(std::string_view key, size_t chunks) {
  MILLRACE_CHECK(std::has_single_bit(chunks));
  if (chunks == 1) return 0;
  return stable_hash(key) >> (64 - std::countr_zero(chunks));
}

std::unique_ptr<Accumulator> Accumulator::make(const Insight& insight, const Part& part) {
  MILLRACE_CHECK(part.kind == part_kind_of(insight.kind));
  for (const size_t edge : insight.edges) MILLRACE_CHECK(edge < part.edges.size());
  if (part.window) return std::make_unique<WindowAccumulator>(insight, part);
  switch (insight.kind) {
    case Kind::kCount:
      return std::make_unique<CountAccumulator>();
    case Kind::kRate:
      return std::make_unique<RateAccumulator>();
    case Kind::kCountBy:
      return std::make_unique<CountByAccumulator>(insight, part);
    case Kind::kDistinct:
      if (insight.by > 0) return std::make_unique<DistinctByAccumulator>(insight, part);
      return std::make_unique<DistinctAccumulator>(insight);
    case Kind::kTop:
      return std::make_unique<TopAccumulator>(insight, part);
    case Kind::kHoursOfDay:
      return std::make_unique<HoursAccumulator>();
    case Kind::kQuantiles:
      return std::make_unique<QuantilesAccumulator>(insight);
    case Kind::kSum:
    case Kind::kMin:
    case Kind::kMax:
    case Kind::kMean:
      return std::make_unique<NumbersAccumulator>(insight);
    case Kind::kFirst:
    case Kind::kLast:
      return std::make_unique<EdgeAccumulator>(insight, part);
  }
  MILLRACE_CHECK(false);
}

}  // namespace millrace::insights
