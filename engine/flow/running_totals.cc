// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/running_totals.h"

#include <algorithm>
#include <utility>

#include "engine/insights/topic_record.h"

namespace millrace::flow {
namespace {

insights::Result merged(const insights::Declaration& declaration, size_t insight,
                        std::span<const insights::State* const> states) {
  insights::Result result;
  result.insight = &declaration.insights[insight];
  result.part = &declaration.parts[result.insight->part];
  const auto all = insights::Accumulator::make(*result.insight, *result.part);
  for (const insights::State* state : states) all->merge(state->accumulator(insight));
  result.counted = all->counted();
  result.not_kept = all->not_kept();
  result.value = all->result(std::chrono::steady_clock::now());
  return result;
}

}  // namespace

RunningTotals::RunningTotals(const insights::Declaration& declaration, std::string pipeline,
                             size_t bytes_max, TimePoint now)
    : declaration_(declaration), pipeline_(std::move(pipeline)), bytes_max_(bytes_max) {
  for (size_t i = 0; i < declaration.insights.size(); ++i) {
    const insights::Insight& insight = declaration.insights[i];
    if (!insight.output || declaration.parts[insight.part].window) continue;
    totals_.push_back({i, now + insight.output->every});
  }
}

bool RunningTotals::is_due(const Total& total, TimePoint now, bool last) {
  return last ? !total.final_written : now >= total.next;
}

bool RunningTotals::due(TimePoint now, bool last) const {
  return std::any_of(totals_.begin(), totals_.end(),
                     [&](const Total& total) { return is_due(total, now, last); });
}

std::vector<io::CarriedRecord> RunningTotals::records(
    TimePoint now, bool last, std::span<const insights::State* const> states) {
  std::vector<io::CarriedRecord> records;
  for (Total& total : totals_) {
    if (!is_due(total, now, last)) continue;
    insights::TopicRecord record = insights::total_record(
        merged(declaration_, total.insight, states), {pipeline_, states.size(), last}, bytes_max_);
    records.push_back(
        {std::move(record.topic), {}, std::move(record.key), std::move(record.value)});
    total.under_way = true;
    total.last_under_way = last;
    total.next = now + declaration_.insights[total.insight].output->every;
  }
  return records;
}

void RunningTotals::confirm() {
  for (Total& total : totals_) {
    if (!std::exchange(total.under_way, false)) continue;
    total.final_written = total.final_written || total.last_under_way;
  }
}

void RunningTotals::refuse() {
  for (Total& total : totals_) {
    if (std::exchange(total.under_way, false)) total.next = {};
  }
}

}  // namespace millrace::flow
