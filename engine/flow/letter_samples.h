// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/flow/batch_in_flight.h"
#include "engine/record/document.h"
#include "engine/record/names.h"
#include "engine/report/vitals.h"

namespace millrace::flow {

// A few of the dead letters that were sent lately, masked: enough to see what is wrong with them,
// and nothing of what is in them. They are masked at once; no unmasked value is kept.
//
// It looks at ten batches a second and takes four letters a second, one of each rule, at most, so
// that it costs nothing to speak of, however many there are. Letters that are discarded are not
// sent, and not shown.
//
// Threading: look_at() the deliver thread, newest() any. Lifetime: the names outlive it.
class LetterSamples {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds kLookEvery{100};
  static constexpr size_t kPerSecond = 4;
  static constexpr size_t kOfRuleMax = 3;
  static constexpr size_t kRulesMax = 32;
  static constexpr size_t kMaskedBytesMax = 200;
  // Larger records are not parsed for this.
  static constexpr size_t kParsedBytesMax = size_t{16} << 10;

  // `names`: the plan's.
  explicit LetterSamples(const record::NameTable& names);

  // A batch that is handed over now.
  void look_at(const BatchInFlight& batch, TimePoint now);

  // The newest last.
  [[nodiscard]] std::vector<report::DeadLetterSample> newest() const;

 private:
  struct OfRule {
    std::deque<report::DeadLetterSample> samples;
    TimePoint last;
  };

  void take(const BatchInFlight& batch, const record::OutputRecord& letter, TimePoint now);
  [[nodiscard]] bool wanted(std::string_view rule, const BatchInFlight& batch, base::Offset offset,
                            TimePoint now) const;
  [[nodiscard]] std::string masked(record::Bytes value);
  void make_room() REQUIRES(mutex_);

  // Of the deliver thread.
  record::Document document_;
  TimePoint next_look_;
  TimePoint second_began_;
  size_t taken_ = 0;  // in this second

  mutable base::Mutex mutex_;
  std::map<std::string, OfRule, std::less<>> rules_ GUARDED_BY(mutex_);
};

}  // namespace millrace::flow
