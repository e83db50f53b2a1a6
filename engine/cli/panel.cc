// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/panel.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/cli/amounts.h"
#include "engine/cli/pace.h"
#include "engine/insights/text_table.h"
#include "engine/report/alert_text.h"

namespace millrace::cli {
namespace {

using insights::grouped;
using insights::share;
using report::PartitionVitals;
using report::Status;
using report::Vitals;

// Smaller terminals have the one line.
constexpr size_t kPanelColumns = 50;
constexpr size_t kPanelRows = 9;
// The panel grows no wider: the eye has to find the way from a name to its number.
constexpr size_t kColumnsMax = 120;
// Records on the left, the other figures beside them.
constexpr size_t kTwoColumns = 98;
constexpr size_t kRightAt = 52;
// Rows that are left for the log, and the one that the cursor stands in.
constexpr size_t kLogRowsLow = 3;
constexpr size_t kLogRows = 5;
constexpr size_t kLowRows = 16;

constexpr size_t kDeadLettersMax = 3;
constexpr size_t kPartitionsMax = 5;
constexpr size_t kAlertsMax = 3;
constexpr size_t kHealthMax = 3;
constexpr size_t kReasonLinesMax = 2;

constexpr size_t kNameColumnsMax = 32;

// The columns of the tables.
constexpr size_t kIndent = 2;
constexpr size_t kOutcomeColumns = 13;  // "dead-lettered"
constexpr size_t kCountColumns = 15;
constexpr size_t kShareColumns = 8;
constexpr size_t kRateColumns = 12;
constexpr size_t kOffsetColumns = 15;
constexpr size_t kFigureColumns = 9;

using Lines = std::vector<StyledLine>;

Tone tone_of(Status status) {
  switch (status) {
    case Status::kHealthy:
      return Tone::kGood;
    case Status::kWaiting:
      return Tone::kWarning;
    case Status::kUnhealthy:
      return Tone::kBad;
  }
  return Tone::kBad;
}

size_t firing(const Vitals& now) {
  return static_cast<size_t>(std::count_if(
      now.alerts.begin(), now.alerts.end(),
      [](const report::Alert& alert) { return alert.state == report::AlertState::kFiring; }));
}

std::string rate_or_dash(const std::optional<double>& rate) {
  return rate ? rate_text(*rate) : "-";
}

// What is wrong in a word or two; nothing where all is well.
StyledLine condition(const Vitals& now) {
  StyledLine line;
  const auto add = [&line](std::string_view text, Tone tone) {
    if (line.width() > 0) line.add(", ");
    line.add(text, tone);
  };
  if (now.health.status != Status::kHealthy)
    add(report::name_of(now.health.status), tone_of(now.health.status));
  if (const size_t alerts = firing(now); alerts > 0)
    add(fmt::format("{} alert{}", alerts, alerts == 1 ? "" : "s"), Tone::kBad);
  if (!now.identity_broken.empty()) add("identity does not hold", Tone::kBad);
  return line;
}

StyledLine title(const Vitals& now) {
  StyledLine line(insights::printable(now.pipeline, kNameColumnsMax), Tone::kStrong);
  if (!now.instance.empty())
    line.add(" (").add(insights::printable(now.instance, kNameColumnsMax)).add(")");
  line.add(fmt::format("   {} {}", report::name_of(now.phase), clock_text(now.elapsed)));
  line.add("   ");
  const StyledLine wrong = condition(now);
  if (wrong.width() > 0) {
    line.add(wrong);
  } else {
    line.add("healthy", Tone::kGood);
  }
  return line.add("   " + now.guarantee, Tone::kQuiet);
}

StyledLine table_row(std::string_view name, size_t name_columns, Tone tone) {
  StyledLine line;
  line.fill(kIndent).add(StyledLine(name).to_string(name_columns, false), tone);
  return line.fill(kIndent + name_columns);
}

Lines records(const Vitals& now, const Vitals& before) {
  Lines lines;
  StyledLine head("records", Tone::kQuiet);
  head.fill(kIndent + kOutcomeColumns)
      .add_right("total", kCountColumns, Tone::kQuiet)
      .add_right("share", kShareColumns, Tone::kQuiet)
      .add_right("per second", kRateColumns, Tone::kQuiet);
  lines.push_back(std::move(head));
  const auto outcome = [&](std::string_view name, uint64_t Vitals::*count, bool with_share) {
    StyledLine line = table_row(name, kOutcomeColumns, Tone::kPlain);
    line.add_right(grouped(now.*count), kCountColumns)
        .add_right(with_share ? share(now.*count, now.consumed) : "", kShareColumns)
        .add_right(rate_or_dash(rate_of(now, before, count)), kRateColumns);
    lines.push_back(std::move(line));
  };
  outcome("consumed", &Vitals::consumed, false);
  outcome("emitted", &Vitals::emitted, true);
  outcome("filtered", &Vitals::filtered, true);
  outcome("dead-lettered", &Vitals::dead_lettered, true);
  return lines;
}

StyledLine lag_text(const Vitals& now, const Vitals& before) {
  if (!now.lag) return StyledLine("not known yet", Tone::kQuiet);
  StyledLine line(grouped(*now.lag));
  if (const std::string words = catching_up(now, before); !words.empty())
    line.add("  " + words, Tone::kQuiet);
  return line;
}

StyledLine commit_text(const Vitals& now, const Vitals& before) {
  if (!now.since_commit) return StyledLine("none yet", Tone::kQuiet);
  StyledLine line;
  // A few times what is configured is no news; more means that commits are held up.
  const bool late =
      *now.since_commit > std::max(now.commit_every * 10, std::chrono::duration<double>(2.0)) &&
      now.uncommitted > 0;
  line.add(fmt::format("{} ago", duration_text(*now.since_commit)),
           late ? Tone::kWarning : Tone::kPlain);
  const report::Durations took = recent(now.commits, before.commits);
  if (took.count() > 0) {
    line.add(fmt::format("  p50 {}  p99 {}", quantile_text(took, 0.5), quantile_text(took, 0.99)),
             Tone::kQuiet);
  }
  if (now.commits_failed > 0)
    line.add(fmt::format("  {} failed", grouped(now.commits_failed)), Tone::kWarning);
  return line;
}

StyledLine memory_text(const Vitals& now) {
  StyledLine line(fmt::format("{} of {}", bytes_text(static_cast<double>(now.batch_memory_used)),
                              bytes_text(static_cast<double>(now.batch_memory_bytes))));
  if (now.budget_spent) line.add("  spent: reading waits", Tone::kWarning);
  if (now.state_bytes > 0) {
    line.add(fmt::format("  state {}", bytes_text(static_cast<double>(now.state_bytes))),
             Tone::kQuiet);
  }
  return line;
}

StyledLine bytes_rates(const Vitals& now, const Vitals& before) {
  const auto in = rate_of(now, before, &Vitals::input_bytes);
  const auto out = rate_of(now, before, &Vitals::output_bytes);
  if (!in || !out) return StyledLine("-");
  return StyledLine(fmt::format("{}/s in  {}/s out", bytes_text(*in), bytes_text(*out)));
}

StyledLine process_text(const Vitals& now, const Vitals& before) {
  StyledLine line;
  if (const auto cores = cores_used(now, before)) line.add(fmt::format("{:.1f} cores  ", *cores));
  return line.add(fmt::format("{} resident", bytes_text(static_cast<double>(now.rss_bytes))));
}

StyledLine batches_text(const Vitals& now) {
  return StyledLine(fmt::format("{} processing  {} queued  {} unsettled", now.batches_processing,
                                now.batches_queued, now.batches_unsettled));
}

// The most important first: the last are left out where rows are few.
Lines figures(const Vitals& now, const Vitals& before) {
  Lines lines;
  const auto add = [&lines](std::string_view name, const StyledLine& text) {
    StyledLine line;
    line.fill(kIndent).add(name, Tone::kQuiet).fill(kIndent + kFigureColumns).add(text);
    lines.push_back(std::move(line));
  };
  add("lag", lag_text(now, before));
  add("commit", commit_text(now, before));
  add("memory", memory_text(now));
  add("bytes", bytes_rates(now, before));
  add("process", process_text(now, before));
  add("batches", batches_text(now));
  return lines;
}

Lines beside(const Lines& left, const Lines& right) {
  Lines lines;
  for (size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    StyledLine line;
    if (i < left.size()) line.add(left[i]);
    if (i < right.size()) line.fill(kRightAt).add(right[i]);
    lines.push_back(std::move(line));
  }
  return lines;
}

// Names take what they need, and no more than what the numbers leave them.
size_t name_columns(const std::vector<std::string>& names, size_t columns, size_t numbers) {
  size_t widest = kOutcomeColumns;
  for (const std::string& name : names) widest = std::max(widest, StyledLine(name).width());
  const size_t room = columns - std::min(columns, kIndent + numbers);
  return std::clamp(widest, std::min(kOutcomeColumns, room), std::max(kOutcomeColumns, room));
}

Lines dead_letters(const Vitals& now, const Vitals& before, size_t columns) {
  std::vector<std::pair<std::string, uint64_t>> rules(now.dead_letters.begin(),
                                                      now.dead_letters.end());
  if (rules.empty()) return {};
  std::stable_sort(rules.begin(), rules.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  uint64_t all = 0;
  for (const auto& [rule, count] : rules) all += count;
  const size_t known = rules.size();
  rules.resize(std::min(known, kDeadLettersMax));
  std::vector<std::string> names;
  for (const auto& [rule, count] : rules) names.push_back(rule);
  const size_t width = name_columns(names, columns, kCountColumns + kShareColumns + kRateColumns);

  Lines lines;
  StyledLine head("dead letters", Tone::kQuiet);
  if (known > rules.size())
    head.add(fmt::format(" ({} of {} rules)", rules.size(), known), Tone::kQuiet);
  lines.push_back(std::move(head));
  for (const auto& [rule, count] : rules) {
    const auto old = before.dead_letters.find(rule);
    const uint64_t was = old == before.dead_letters.end() ? 0 : old->second;
    StyledLine line = table_row(rule, width, Tone::kPlain);
    line.add_right(grouped(count), kCountColumns)
        .add_right(share(count, all), kShareColumns)
        .add_right(rate_or_dash(rate_of(now, before, count, was)), kRateColumns);
    lines.push_back(std::move(line));
  }
  return lines;
}

// The ill ones and those that are furthest behind first.
std::vector<const PartitionVitals*> worst_partitions(const Vitals& now) {
  std::vector<const PartitionVitals*> ours;
  for (const PartitionVitals& partition : now.partitions)
    if (partition.ours) ours.push_back(&partition);
  std::stable_sort(ours.begin(), ours.end(),
                   [](const PartitionVitals* a, const PartitionVitals* b) {
                     if (a->status != b->status) return a->status > b->status;
                     return a->lag.value_or(0) > b->lag.value_or(0);
                   });
  return ours;
}

const PartitionVitals* find_partition(const Vitals& vitals, const base::TopicPartition& id) {
  const auto found = std::find_if(vitals.partitions.begin(), vitals.partitions.end(),
                                  [&id](const PartitionVitals& each) { return each.id == id; });
  return found == vitals.partitions.end() ? nullptr : &*found;
}

Lines partitions(const Vitals& now, const Vitals& before, size_t columns) {
  std::vector<const PartitionVitals*> shown = worst_partitions(now);
  const size_t all = shown.size();
  if (all == 0) return {};
  shown.resize(std::min(all, kPartitionsMax));
  // Which of them are furthest behind changes all the time, so those stand in their own order.
  std::sort(shown.begin(), shown.end(), [](const PartitionVitals* a, const PartitionVitals* b) {
    return a->status != b->status ? a->status > b->status : a->id < b->id;
  });
  std::vector<std::string> names;
  for (const PartitionVitals* partition : shown)
    names.push_back(fmt::format("{}/{}", partition->id.topic, partition->id.partition));
  // The status stands behind the numbers only where there is room.
  const bool with_offsets = columns >= 70;
  const size_t numbers =
      kCountColumns + kShareColumns + kRateColumns + (with_offsets ? kOffsetColumns : size_t{0});
  const size_t width = name_columns(names, columns, numbers);

  Lines lines;
  StyledLine head("partitions", Tone::kQuiet);
  if (all > shown.size()) head.add(fmt::format(" ({} of {})", shown.size(), all), Tone::kQuiet);
  head.fill(kIndent + width)
      .add_right("lag", kCountColumns, Tone::kQuiet)
      .add_right("per second", kShareColumns + kRateColumns, Tone::kQuiet);
  if (with_offsets) head.add_right("next offset", kOffsetColumns, Tone::kQuiet);
  lines.push_back(std::move(head));
  for (size_t i = 0; i < shown.size(); ++i) {
    const PartitionVitals& partition = *shown[i];
    const PartitionVitals* old = find_partition(before, partition.id);
    // One that was not there then had read nothing: those that were lost are still told of.
    const auto rate = rate_of(now, before, partition.consumed, old == nullptr ? 0 : old->consumed);
    StyledLine line = table_row(names[i], width, Tone::kPlain);
    line.add_right(partition.lag ? grouped(*partition.lag) : "-", kCountColumns)
        .add_right(rate_or_dash(rate), kShareColumns + kRateColumns);
    if (with_offsets) {
      line.add_right(partition.position.valid() ? fmt::to_string(partition.position.value) : "-",
                     kOffsetColumns);
    }
    if (partition.status != Status::kHealthy) {
      line.add("  ").add(report::name_of(partition.status), tone_of(partition.status));
    } else if (partition.recounting) {
      line.add("  recounting", Tone::kQuiet);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

// A sentence on at most a few lines.
void add_sentence(const std::string& sentence, Tone tone, size_t columns, Lines& lines) {
  std::string_view rest = sentence;
  for (size_t i = 0; i < kReasonLinesMax && !rest.empty(); ++i) {
    const size_t indent = i == 0 ? kIndent : 2 * kIndent;
    StyledLine line;
    line.fill(indent);
    if (i + 1 == kReasonLinesMax) {
      line.add(rest, tone);
      rest = {};
    } else {
      std::string text;
      while (!rest.empty()) {
        const std::string_view word = rest.substr(0, rest.find(' '));
        const size_t needed = StyledLine(text).width() + 1 + StyledLine(word).width();
        if (!text.empty() && indent + needed > columns) break;
        if (!text.empty()) text += ' ';
        text += word;
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      }
      line.add(text, tone);
    }
    lines.push_back(std::move(line));
  }
}

Lines health(const Vitals& now, size_t columns) {
  Lines lines;
  for (const std::string& sentence : now.identity_broken) {
    if (lines.size() > kHealthMax) break;
    add_sentence("identity: " + sentence, Tone::kBad, columns, lines);
  }
  if (!now.health.instance.empty())
    add_sentence(now.health.instance, tone_of(now.health.status), columns, lines);
  size_t shown = 0;
  for (const report::PartitionHealth& partition : now.health.partitions) {
    if (partition.status == Status::kHealthy) continue;
    if (++shown > kHealthMax) break;
    add_sentence(to_sentence(partition), tone_of(partition.status), columns, lines);
  }
  if (now.health.partitions.size() > kHealthMax) {
    lines.push_back(StyledLine("  ").add(
        fmt::format("and {} more partitions", now.health.partitions.size() - kHealthMax),
        Tone::kQuiet));
  }
  if (!lines.empty()) lines.insert(lines.begin(), StyledLine("health", Tone::kQuiet));
  return lines;
}

Lines alerts(const Vitals& now, size_t columns) {
  Lines lines;
  size_t shown = 0;
  for (const report::Alert& alert : now.alerts) {
    if (alert.state != report::AlertState::kFiring) continue;
    if (lines.empty()) lines.emplace_back("alerts", Tone::kQuiet);
    if (++shown > kAlertsMax) break;
    // What comes from another process has names and values, and not what is watched.
    const std::string sentence = alert.rule.measure.text.empty()
                                     ? fmt::format("{} fires", alert.rule.name)
                                     : to_sentence(alert);
    add_sentence(sentence, Tone::kBad, columns, lines);
  }
  return lines;
}

// Deals out rows to blocks that stand below each other.
class Rows {
 public:
  explicit Rows(size_t budget) : left_(budget) {}

  size_t add(Lines lines) {
    blocks_.push_back({std::move(lines), 0});
    return blocks_.size() - 1;
  }

  // The block gets rows up to `wanted` where there are at least `least`.
  void claim(size_t block, size_t wanted, size_t least = 1) {
    Block& it = blocks_[block];
    wanted = std::min(wanted, it.lines.size());
    if (wanted <= it.rows) return;
    const size_t more = std::min(wanted - it.rows, left_);
    if (it.rows + more < std::min(least, it.lines.size())) return;
    it.rows += more;
    left_ -= more;
  }

  void claim_all(size_t block, size_t least = 1) {
    claim(block, blocks_[block].lines.size(), least);
  }

  // An empty row between blocks, where there are enough for all of them.
  void claim_gaps() {
    const auto shown = static_cast<size_t>(std::count_if(
        blocks_.begin(), blocks_.end(), [](const Block& block) { return block.rows > 0; }));
    if (shown == 0 || shown - 1 > left_) return;
    left_ -= shown - 1;
    gaps_ = true;
  }

  [[nodiscard]] std::vector<std::string> to_strings(size_t columns, bool colour) const {
    std::vector<std::string> strings;
    for (const Block& block : blocks_) {
      if (block.rows == 0) continue;
      if (gaps_ && !strings.empty()) strings.emplace_back();
      for (size_t i = 0; i < block.rows; ++i)
        strings.push_back(block.lines[i].to_string(columns, colour));
    }
    return strings;
  }

 private:
  struct Block {
    Lines lines;
    size_t rows;
  };

  std::vector<Block> blocks_;
  size_t left_;
  bool gaps_ = false;
};

}  // namespace

StyledLine one_line(const Vitals& now, const Vitals& before, size_t columns) {
  StyledLine line(clock_text(now.elapsed));
  const auto add = [&line, columns](const StyledLine& part) {
    if (line.width() + 2 + part.width() <= columns) line.add("  ").add(part);
  };
  if (const StyledLine wrong = condition(now); wrong.width() > 0) add(wrong);
  if (now.phase != report::Phase::kRunning) add(StyledLine(report::name_of(now.phase)));
  const auto in = rate_of(now, before, &Vitals::consumed);
  add(StyledLine(rate_or_dash(in) + "/s in"));
  if (now.lag) {
    const StyledLine lag("lag " + grouped(*now.lag));
    StyledLine with_time = lag;
    if (const auto time = time_to_catch_up(now, before))
      with_time.add(fmt::format(" ({})", duration_text(*time)));
    add(line.width() + 2 + with_time.width() <= columns ? with_time : lag);
  }
  const auto out = rate_of(now, before, &Vitals::emitted);
  add(StyledLine(rate_or_dash(out) + "/s out"));
  if (now.dead_lettered > 0) {
    add(StyledLine(fmt::format("dead-lettered {} ({})", grouped(now.dead_lettered),
                               share(now.dead_lettered, now.consumed))));
  }
  if (now.filtered > 0)
    add(StyledLine(fmt::format("filtered {}", share(now.filtered, now.consumed))));
  add(StyledLine("consumed " + grouped(now.consumed)));
  return line;
}

std::vector<std::string> lines(const Vitals& now, const Vitals& before, Size size, Style style) {
  // The last column stays free: some terminals go to the next line once it is written.
  const size_t columns = std::min(size.columns - std::min<size_t>(size.columns, 1), kColumnsMax);
  if (size.columns < kPanelColumns || size.rows < kPanelRows)
    return {one_line(now, before, columns).to_string(columns, style.colour)};

  Rows rows(size.rows - (size.rows < kLowRows ? kLogRowsLow : kLogRows));
  const size_t head = rows.add({title(now)});
  size_t totals = 0;
  size_t rest = 0;
  const bool two = columns >= kTwoColumns;
  if (two) {
    totals = rest = rows.add(beside(records(now, before), figures(now, before)));
  } else {
    totals = rows.add(records(now, before));
    rest = rows.add(figures(now, before));
  }
  const size_t letters = rows.add(dead_letters(now, before, columns));
  const size_t each = rows.add(partitions(now, before, columns));
  const size_t ill = rows.add(health(now, columns));
  const size_t fire = rows.add(alerts(now, columns));

  rows.claim(head, 1);
  rows.claim(totals, 5);
  rows.claim(rest, two ? 6 : 1);
  rows.claim(ill, 2, 2);
  rows.claim(fire, 2, 2);
  rows.claim(rest, two ? 6 : 3);
  rows.claim_all(ill);
  rows.claim_all(fire);
  rows.claim(letters, 2, 2);
  rows.claim(each, 2, 2);
  rows.claim_all(rest);
  rows.claim_gaps();
  rows.claim_all(letters);
  rows.claim_all(each);
  return rows.to_strings(columns, style.colour);
}

}  // namespace millrace::cli
