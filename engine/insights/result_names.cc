// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/result_names.h"

#include <fmt/format.h>

namespace millrace::insights {

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::kCount:
      return "count";
    case Kind::kCountBy:
      return "count_by";
    case Kind::kDistinct:
      return "distinct";
    case Kind::kTop:
      return "top";
    case Kind::kHoursOfDay:
      return "hours_of_day";
    case Kind::kQuantiles:
      return "quantiles";
    case Kind::kSum:
      return "sum";
    case Kind::kMin:
      return "min";
    case Kind::kMax:
      return "max";
    case Kind::kMean:
      return "mean";
    case Kind::kFirst:
      return "first";
    case Kind::kLast:
      return "last";
    case Kind::kRate:
      return "rate";
  }
  return "";
}

std::string_view name_of(Edge edge) {
  return edge == Edge::kFirst ? "first" : "last";
}

std::string quantile_name(double quantile) {
  // So many digits that what a user writes comes back, and not the double's own last ones.
  return fmt::format("p{:.10g}", quantile * 100);
}

}  // namespace millrace::insights
