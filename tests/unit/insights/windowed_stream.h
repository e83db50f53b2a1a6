// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/insights/state.h"
#include "tests/unit/insights/every_kind.h"

// Every kind of insight in windows, and records with event times.
namespace millrace::insights {

struct TimedRecord {
  int64_t offset = 0;
  std::optional<int64_t> time;  // none: it cannot be read
  int64_t timestamp = 0;        // Kafka's
  unsigned seed = 0;            // of all else
};

// What a record says, beside its time.
struct Said {
  std::string user;
  std::string group;
  std::optional<std::string> ip;
  bool has_pair = true;
  unsigned hour = 0;
  int64_t size = 0;
  std::optional<Number> amount;
};

inline Said said_by(const TimedRecord& record) {
  std::mt19937 random(record.seed);
  Said said;
  said.user = std::to_string(random() % 2 == 0 ? random() % 3 : random() % 60);
  said.group = std::to_string(random() % 4);
  if (random() % 4 != 0) said.ip = std::to_string(random() % 1'000);
  said.has_pair = random() % 5 != 0;
  said.hour = static_cast<unsigned>(random() % 24);
  said.size = static_cast<int64_t>(random() % 10'000);
  const bool whole = random() % 2 == 0;
  const auto amount = static_cast<int64_t>(random());
  if (random() % 6 != 0)
    said.amount = whole ? Number(amount) : Number(static_cast<double>(amount) / 1'000.0 - 1e6);
  return said;
}

// The kinds of kEveryKind that a window can have, with limits that some ten records break; each
// with a topic. Without `window` they have none.
inline Declaration windowed(const std::optional<Windowing>& window) {
  Declaration declaration = kEveryKind;
  declaration.selections = 1;
  declaration.parts[kFiltered].selection = 0;
  for (Part& part : declaration.parts) part.window = window;
  std::vector<Insight> insights;
  for (Insight insight : kEveryKind.insights) {
    if (insight.live || insight.part == kFiltered) continue;
    if (insight.keys_max > 0) insight.keys_max = insight.keys_max > 100 ? 1'000 : 6;
    if (insight.exact_up_to > 0) insight.exact_up_to = insight.exact_up_to > 1'000 ? 5'000 : 5;
    insight.output = TopicOutput{.topic = "counts"};
    insights.push_back(std::move(insight));
  }
  declaration.insights = std::move(insights);
  return declaration;
}

inline bool is_ahead(const TimedRecord& record, const Windowing& window) {
  return *record.time > record.timestamp + window.max_ahead_ms;
}

// What a part of a record's value goes into, or that it is missing.
inline void count_said(const TimedRecord& record, const Said& said, size_t part, Shard& shard) {
  const std::array<std::string_view, 2> values{said.group, said.user};
  switch (part) {
    case kRecords:
    case kFiltered:
      return shard.add_one(part);
    case kUsers: {
      const size_t entry = shard.add_key(kUsers, std::span(values).last(1));
      if (!said.ip) return;
      const EdgeValue value{*said.ip, true, record.timestamp};
      shard.set_edge(kUsers, entry, 0, value);
      shard.set_edge(kUsers, entry, 1, value);
      return;
    }
    case kPairs:
      if (!said.has_pair) return shard.add_missing(part);
      shard.add_key(kPairs, values);
      return;
    case kHours:
      return shard.add_hour(part, said.hour);
    case kAmounts:
      if (!said.amount) return shard.add_missing(part);
      return shard.add_number(part, *said.amount);
    default:
      return shard.add_number(part, Number(said.size));
  }
}

// What a worker does with one record; without windows its time does not matter.
inline void count_timed(const TimedRecord& record, Shard& shard) {
  const Said said = said_by(record);
  shard.count_emitted();
  for (size_t part = 0; part < shard.declaration().parts.size(); ++part) {
    if (const auto& window = shard.declaration().parts[part].window) {
      if (!record.time) {
        shard.add_missing(part);
        continue;
      }
      if (is_ahead(record, *window)) {
        shard.add_ahead(part);
        continue;
      }
      shard.set_time(part, *record.time, {record.offset});
    }
    count_said(record, said, part, shard);
  }
}

// Counts a partition batch by batch; batches end where an epoch does.
class WindowedPartition {
 public:
  explicit WindowedPartition(const Declaration& declaration)
      : state_(std::make_unique<State>(declaration)), batch_(declaration) {}

  void count(std::span<const TimedRecord> records, size_t batch_max) {
    for (size_t at = 0; at < records.size();) {
      const base::Offset begin{records[at].offset};
      const size_t end = std::min(records.size(), at + batch_max);
      for (; at < end && State::epoch_of({records[at].offset}) == State::epoch_of(begin); ++at)
        count_timed(records[at], batch_);
      state_->add(batch_, begin, kNow);
      batch_.clear();
    }
  }

  [[nodiscard]] State& state() { return *state_; }

  // The process ends, and another one goes on with this; what was closed has gone out.
  void replace(std::unique_ptr<State> state) { state_ = std::move(state); }

 private:
  std::unique_ptr<State> state_;
  Shard batch_;
};

}  // namespace millrace::insights
