// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/ids.h"

namespace millrace::settlement {

// What one lease has handed over, in order, and how far that is settled without a hole: only this
// prefix may be committed. Acknowledgements may come in any order.
//
// Ranges must join exactly: a range that begins elsewhere than the last one ended would be a loss
// or a repeat, and ends the process.
//
// Threading: one owner at a time (the flow guards it with the lock of its books).
template <typename Payload>
class OffsetLedger {
 public:
  explicit OffsetLedger(base::Offset start) : settled_(start), end_(start) {}

  // Enters a range handed over; returns the number to settle it by.
  uint64_t add(base::Offset range_begin, base::Offset range_end, Payload payload) {
    MILLRACE_CHECK(range_begin == end_);
    MILLRACE_CHECK(range_end >= range_begin);
    end_ = range_end;
    entries_.push_back({range_end, std::move(payload), false});
    return first_ + entries_.size() - 1;
  }

  // Marks an entry settled; calls `on_prefix(payload)` for each entry that thereby joined the
  // settled prefix, in order.
  template <typename OnPrefix>
  void settle(uint64_t number, OnPrefix&& on_prefix) {
    MILLRACE_CHECK(number >= first_ && number - first_ < entries_.size());
    Entry& settled = entries_[number - first_];
    MILLRACE_CHECK(!settled.settled);
    settled.settled = true;
    while (!entries_.empty() && entries_.front().settled) {
      settled_ = entries_.front().range_end;
      Payload payload = std::move(entries_.front().payload);
      entries_.pop_front();
      ++first_;
      on_prefix(std::move(payload));
    }
  }

  // The entry will never settle: its payload is let go (reset to Payload()), and the prefix ends
  // before it for good.
  void drop(uint64_t number) {
    MILLRACE_CHECK(number >= first_ && number - first_ < entries_.size());
    entries_[number - first_].payload = Payload();
  }

  // Gives up what is not in the settled prefix: calls `on_given_up(payload, settled)` for each
  // entry in order, `settled` telling those that were settled behind a hole from those that were
  // not.
  template <typename OnGivenUp>
  void give_up(OnGivenUp&& on_given_up) {
    for (Entry& entry : entries_) on_given_up(std::move(entry.payload), entry.settled);
    first_ += entries_.size();
    entries_.clear();
  }

  // One past the last offset of the settled prefix: what a commit may say.
  [[nodiscard]] base::Offset settled() const { return settled_; }

  // One past the last offset handed over.
  [[nodiscard]] base::Offset end() const { return end_; }

  // Entries handed over that are not in the settled prefix yet.
  [[nodiscard]] size_t unsettled() const { return entries_.size(); }

 private:
  struct Entry {
    base::Offset range_end;
    Payload payload;
    bool settled;
  };

  std::deque<Entry> entries_;
  uint64_t first_ = 0;  // the number of entries_.front()
  base::Offset settled_;
  base::Offset end_;
};

}  // namespace millrace::settlement
