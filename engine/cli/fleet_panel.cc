// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/fleet_panel.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "engine/cli/amounts.h"
#include "engine/cli/pace.h"
#include "engine/insights/text_table.h"

namespace millrace::cli {
namespace {

using insights::grouped;
using insights::printable;
using report::Vitals;

constexpr size_t kNameColumnsMax = 36;
constexpr size_t kColumns = 13;
// The heading, the sum, a line on what is left out, and the row of the cursor.
constexpr size_t kOtherRows = 4;

std::string name_of(const Watched& instance) {
  if (instance.now == nullptr) return instance.url;
  return instance.now->instance.empty()
             ? fmt::format("{} {}", instance.now->pipeline, instance.url)
             : fmt::format("{} {}", instance.now->pipeline, instance.now->instance);
}

struct Sum {
  double in = 0;
  double out = 0;
  uint64_t lag = 0;
  uint64_t dead_lettered = 0;
  size_t known = 0;
};

StyledLine row(std::string_view name, size_t width, Tone tone) {
  return StyledLine(printable(name, width), tone).fill(width);
}

void add_numbers(StyledLine& line, const std::string& in, const std::string& out,
                 const std::string& lag, const std::string& dead_lettered, Tone tone) {
  line.add_right(in, kColumns, tone)
      .add_right(out, kColumns, tone)
      .add_right(lag, kColumns, tone)
      .add_right(dead_lettered, kColumns + 2, tone);
}

StyledLine line_of(const Watched& instance, size_t width, Sum& sum) {
  StyledLine line = row(name_of(instance), width, Tone::kPlain);
  if (instance.now == nullptr || !instance.away.empty())
    return line.add("  away: ", Tone::kBad).add(instance.away);
  const Vitals& now = *instance.now;
  const auto in = rate_of(now, *instance.before, &Vitals::consumed);
  const auto out = rate_of(now, *instance.before, &Vitals::emitted);
  add_numbers(line, in ? rate_text(*in) : "-", out ? rate_text(*out) : "-",
              now.lag ? grouped(*now.lag) : "-", grouped(now.dead_lettered), Tone::kPlain);
  sum.in += in.value_or(0);
  sum.out += out.value_or(0);
  sum.lag += now.lag.value_or(0);
  sum.dead_lettered += now.dead_lettered;
  ++sum.known;
  const bool fires = std::any_of(now.alerts.begin(), now.alerts.end(), [](const auto& alert) {
    return alert.state == report::AlertState::kFiring;
  });
  const bool well = now.health.status == report::Status::kHealthy && now.identity_broken.empty();
  line.add("  ").add(report::name_of(now.health.status), well ? Tone::kGood : Tone::kBad);
  if (fires) line.add(", alert", Tone::kBad);
  if (!now.identity_broken.empty()) line.add(", identity does not hold", Tone::kBad);
  return line;
}

}  // namespace

std::vector<std::string> fleet_lines(const std::vector<Watched>& instances, Size size,
                                     Style style) {
  size_t width = 0;
  for (const Watched& instance : instances)
    width = std::max(width, StyledLine(name_of(instance)).width());
  width = std::clamp<size_t>(width, 20, kNameColumnsMax);

  Sum sum;
  std::vector<StyledLine> all;
  for (const Watched& instance : instances) all.push_back(line_of(instance, width, sum));
  const size_t room = size.rows - std::min(size.rows, kOtherRows);
  const size_t shown = std::min(all.size(), std::max<size_t>(room, 1));
  const size_t hidden = all.size() - shown;
  all.resize(shown);

  StyledLine head = row(fmt::format("{} instances", instances.size()), width, Tone::kQuiet);
  add_numbers(head, "in/s", "out/s", "lag", "dead-lettered", Tone::kQuiet);
  all.insert(all.begin(), std::move(head));
  if (hidden > 0) all.emplace_back(fmt::format("and {} more", hidden), Tone::kQuiet);
  StyledLine total = row(fmt::format("all {} that answer", sum.known), width, Tone::kStrong);
  add_numbers(total, rate_text(sum.in), rate_text(sum.out), grouped(sum.lag),
              grouped(sum.dead_lettered), Tone::kStrong);
  all.push_back(std::move(total));

  std::vector<std::string> lines;
  const size_t columns = size.columns - std::min<size_t>(size.columns, 1);
  for (const StyledLine& line : all) lines.push_back(line.to_string(columns, style.colour));
  return lines;
}

}  // namespace millrace::cli
