// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/ids.h"

namespace millrace::settlement {

// What one lease has handed over, in order, what of it is acknowledged, and how far it is settled:
// only this prefix may be committed, or was. Acknowledgements may come in any order.
//
// At least once settles as far as everything is acknowledged without a hole (settle_acknowledged).
// Exactly once settles what a transaction committed (settle_all).
//
// Ranges must join exactly: a range that begins elsewhere than the last one ended would be a loss
// or a repeat, and ends the process.
//
// Threading: one owner at a time (the flow guards it with the lock of its books).
template <typename Payload>
class OffsetLedger {
 public:
  explicit OffsetLedger(base::Offset start) : settled_(start), end_(start) {}

  // Enters a range handed over; returns the number to acknowledge it by.
  uint64_t add(base::Offset range_begin, base::Offset range_end, Payload payload) {
    MILLRACE_CHECK(range_begin == end_);
    MILLRACE_CHECK(range_end >= range_begin);
    end_ = range_end;
    entries_.push_back({range_end, std::move(payload), false});
    ++unacknowledged_;
    return first_ + entries_.size() - 1;
  }

  // Every output of the entry is acknowledged.
  void acknowledge(uint64_t number) {
    Entry& entry = at(number);
    MILLRACE_CHECK(!entry.acknowledged);
    entry.acknowledged = true;
    --unacknowledged_;
  }

  // Settles the acknowledged entries up to the first hole; calls `on_settled(payload)` for each, in
  // order.
  template <typename OnSettled>
  void settle_acknowledged(OnSettled&& on_settled) {
    while (!entries_.empty() && entries_.front().acknowledged) settle_front(on_settled);
  }

  // Settles every entry. Requires: all of them are acknowledged.
  template <typename OnSettled>
  void settle_all(OnSettled&& on_settled) {
    MILLRACE_CHECK(unacknowledged_ == 0);
    settle_acknowledged(on_settled);
  }

  // The entry will never be acknowledged: its payload is let go (reset to Payload()), and the
  // prefix ends before it for good.
  void drop(uint64_t number) { at(number).payload = Payload(); }

  // Gives up what is not settled: calls `on_given_up(payload, acknowledged)` for each entry in
  // order.
  template <typename OnGivenUp>
  void give_up(OnGivenUp&& on_given_up) {
    for (Entry& entry : entries_) on_given_up(std::move(entry.payload), entry.acknowledged);
    first_ += entries_.size();
    entries_.clear();
    unacknowledged_ = 0;
  }

  // One past the last offset of the settled prefix: what a commit may say.
  [[nodiscard]] base::Offset settled() const { return settled_; }

  // One past the last offset handed over.
  [[nodiscard]] base::Offset end() const { return end_; }

  // Entries handed over that are not settled yet.
  [[nodiscard]] size_t unsettled() const { return entries_.size(); }

  // The first of these. Requires: there is one.
  [[nodiscard]] const Payload& oldest() const { return entries_.front().payload; }

  // Of these, the ones that are not acknowledged.
  [[nodiscard]] size_t unacknowledged() const { return unacknowledged_; }

 private:
  struct Entry {
    base::Offset range_end;
    Payload payload;
    bool acknowledged;
  };

  [[nodiscard]] Entry& at(uint64_t number) {
    MILLRACE_CHECK(number >= first_ && number - first_ < entries_.size());
    return entries_[number - first_];
  }

  template <typename OnSettled>
  void settle_front(OnSettled&& on_settled) {
    settled_ = entries_.front().range_end;
    Payload payload = std::move(entries_.front().payload);
    entries_.pop_front();
    ++first_;
    on_settled(std::move(payload));
  }

  std::deque<Entry> entries_;
  uint64_t first_ = 0;  // the number of entries_.front()
  size_t unacknowledged_ = 0;
  base::Offset settled_;
  base::Offset end_;
};

}  // namespace millrace::settlement
