// SPDX-License-Identifier: Apache-2.0
#include "engine/report/insight_number.h"

#include <algorithm>

#include "engine/insights/rate_accumulator.h"

namespace millrace::report {
namespace {

using Number = std::optional<double>;

class NumberOf {
 public:
  NumberOf(const insights::Insight& insight, Number quantile)
      : insight_(insight), quantile_(quantile) {}

  Number operator()(const insights::CountResult& count) const {
    return static_cast<double>(count.value);
  }

  Number operator()(const insights::DistinctResult& distinct) const {
    return static_cast<double>(distinct.value);
  }

  Number operator()(const insights::RateResult& rate) const {
    if (rate.seconds < static_cast<double>(insights::RateAccumulator::kSeconds)) return {};
    return rate.per_second;
  }

  Number operator()(const insights::NumberResult& number) const {
    return number.value ? Number(number.value->real()) : Number();
  }

  Number operator()(const insights::QuantilesResult& quantiles) const {
    for (size_t i = 0; i < std::min(quantiles.values.size(), insight_.quantiles.size()); ++i)
      if (insight_.quantiles[i] == quantile_) return quantiles.values[i];
    return {};
  }

  Number operator()(const auto& /*several*/) const { return {}; }

 private:
  const insights::Insight& insight_;
  const Number quantile_;
};

}  // namespace

std::optional<double> number_of(const std::vector<insights::Result>& results,
                                std::string_view insight, std::optional<double> quantile) {
  for (const insights::Result& result : results)
    if (result.insight->name == insight)
      return std::visit(NumberOf{*result.insight, quantile}, result.value);
  return std::nullopt;
}

}  // namespace millrace::report
