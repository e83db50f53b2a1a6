// SPDX-License-Identifier: Apache-2.0
#include "engine/settlement/offset_ledger.h"

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::settlement {
namespace {

using base::Offset;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

// What settling one entry brought into the prefix.
std::vector<int> settle(OffsetLedger<int>& ledger, uint64_t number) {
  std::vector<int> joined;
  ledger.acknowledge(number);
  ledger.settle_acknowledged([&](int payload) { joined.push_back(payload); });
  return joined;
}

TEST(OffsetLedger, BeginsSettledUpToItsStart) {
  const OffsetLedger<int> ledger(Offset{41});
  EXPECT_EQ(ledger.settled(), Offset{41});
  EXPECT_EQ(ledger.end(), Offset{41});
  EXPECT_EQ(ledger.unsettled(), 0U);
}

TEST(OffsetLedger, DoesNotAdvancePastAHole) {
  OffsetLedger<int> ledger(Offset{0});
  const uint64_t first = ledger.add(Offset{0}, Offset{10}, 1);
  const uint64_t second = ledger.add(Offset{10}, Offset{20}, 2);
  const uint64_t third = ledger.add(Offset{20}, Offset{30}, 3);
  EXPECT_EQ(ledger.end(), Offset{30});

  EXPECT_THAT(settle(ledger, third), IsEmpty());
  EXPECT_THAT(settle(ledger, second), IsEmpty());
  EXPECT_EQ(ledger.settled(), Offset{0});
  EXPECT_EQ(ledger.unsettled(), 3U);
  EXPECT_THAT(settle(ledger, first), ElementsAre(1, 2, 3));
  EXPECT_EQ(ledger.settled(), Offset{30});
  EXPECT_EQ(ledger.unsettled(), 0U);
}

TEST(OffsetLedger, TakesEmptyRanges) {
  OffsetLedger<int> ledger(Offset{5});
  const uint64_t number = ledger.add(Offset{5}, Offset{5}, 1);
  EXPECT_THAT(settle(ledger, number), ElementsAre(1));
  EXPECT_EQ(ledger.settled(), Offset{5});
}

TEST(OffsetLedger, ThePayloadSeesItsOwnPrefix) {
  OffsetLedger<int> ledger(Offset{0});
  const uint64_t first = ledger.add(Offset{0}, Offset{10}, 1);
  const uint64_t second = ledger.add(Offset{10}, Offset{20}, 2);
  ledger.acknowledge(second);
  ledger.acknowledge(first);
  std::vector<int64_t> settled;
  ledger.settle_acknowledged([&](int) { settled.push_back(ledger.settled().value); });
  EXPECT_THAT(settled, ElementsAre(10, 20));
}

TEST(OffsetLedger, SettlesWhatATransactionCommitted) {
  OffsetLedger<int> ledger(Offset{0});
  const uint64_t first = ledger.add(Offset{0}, Offset{10}, 1);
  const uint64_t second = ledger.add(Offset{10}, Offset{20}, 2);
  ledger.acknowledge(first);
  EXPECT_EQ(ledger.settled(), Offset{0});
  EXPECT_EQ(ledger.unacknowledged(), 1U);
  EXPECT_EQ(ledger.oldest(), 1);
  EXPECT_DEATH(ledger.settle_all([](int) {}), "unacknowledged_ == 0");

  ledger.acknowledge(second);
  std::vector<int> settled;
  ledger.settle_all([&](int payload) { settled.push_back(payload); });
  EXPECT_THAT(settled, ElementsAre(1, 2));
  EXPECT_EQ(ledger.settled(), Offset{20});
  EXPECT_EQ(ledger.unacknowledged(), 0U);
}

TEST(OffsetLedger, GivesUpWhatWaitsBehindAHole) {
  OffsetLedger<int> ledger(Offset{0});
  const uint64_t first = ledger.add(Offset{0}, Offset{10}, 1);
  ledger.add(Offset{10}, Offset{20}, 2);
  const uint64_t third = ledger.add(Offset{20}, Offset{30}, 3);
  const uint64_t fourth = ledger.add(Offset{30}, Offset{40}, 4);
  settle(ledger, first);
  settle(ledger, third);
  ledger.drop(fourth);

  std::vector<std::pair<int, bool>> given_up;
  ledger.give_up([&](int payload, bool settled) { given_up.emplace_back(payload, settled); });
  EXPECT_THAT(given_up, ElementsAre(Pair(2, false), Pair(3, true), Pair(0, false)));
  EXPECT_EQ(ledger.settled(), Offset{10});
  EXPECT_EQ(ledger.unsettled(), 0U);
}

TEST(OffsetLedgerDeathTest, DiesWhereRangesDoNotJoin) {
  OffsetLedger<int> ledger(Offset{0});
  ledger.add(Offset{0}, Offset{10}, 1);
  EXPECT_DEATH(ledger.add(Offset{11}, Offset{20}, 2), "range_begin == end_");
  EXPECT_DEATH(ledger.add(Offset{9}, Offset{20}, 2), "range_begin == end_");
  EXPECT_DEATH(ledger.add(Offset{10}, Offset{9}, 2), "range_end >= range_begin");
}

TEST(OffsetLedgerDeathTest, DiesWhereAnEntryIsSettledTwice) {
  OffsetLedger<int> ledger(Offset{0});
  const uint64_t first = ledger.add(Offset{0}, Offset{10}, 1);
  const uint64_t second = ledger.add(Offset{10}, Offset{20}, 2);
  settle(ledger, second);
  EXPECT_DEATH(settle(ledger, second), "acknowledged");
  settle(ledger, first);
  EXPECT_DEATH(settle(ledger, first), "number >= first_");
}

TEST(OffsetLedgerDeathTest, DiesWhereANumberWasNeverGiven) {
  OffsetLedger<int> ledger(Offset{0});
  EXPECT_DEATH(settle(ledger, 0), "entries_.size");
  const uint64_t number = ledger.add(Offset{0}, Offset{10}, 1);
  EXPECT_DEATH(settle(ledger, number + 1), "entries_.size");
  ledger.give_up([](int, bool) {});
  EXPECT_DEATH(settle(ledger, number), "number >= first_");
}

// The plainest statement of the same: what was handed over, in order, and how far it is settled.
class LedgerModel {
 public:
  explicit LedgerModel(int64_t start) : ledger_(Offset{start}), settled_(start), end_(start) {}

  void add(int64_t length) {
    const int64_t begin = end_;
    end_ += length;
    const int payload = ++last_payload_;
    const uint64_t number = ledger_.add(Offset{begin}, Offset{end_}, payload);
    entries_.push_back({payload, end_, number, false, false});
  }

  // Chooses one that is neither acknowledged nor dropped; false: there is none.
  bool acknowledge(uint64_t choice) {
    Entry* entry = choose(choice);
    if (entry == nullptr) return false;
    entry->acknowledged = true;
    ledger_.acknowledge(entry->number);
    return true;
  }

  bool drop(uint64_t choice) {
    Entry* entry = choose(choice);
    if (entry == nullptr) return false;
    entry->dropped = true;
    entry->payload = 0;
    ledger_.drop(entry->number);
    return true;
  }

  void settle_acknowledged() {
    std::vector<int> expected;
    while (!entries_.empty() && entries_.front().acknowledged) settle_front(expected);
    std::vector<int> settled;
    ledger_.settle_acknowledged([&](int payload) { settled.push_back(payload); });
    EXPECT_EQ(settled, expected);
  }

  // As a transaction does once it is committed, which it is only when all is acknowledged.
  void settle_all() {
    if (open() > 0) return;
    std::vector<int> expected;
    while (!entries_.empty()) settle_front(expected);
    std::vector<int> settled;
    ledger_.settle_all([&](int payload) { settled.push_back(payload); });
    EXPECT_EQ(settled, expected);
  }

  // The end of a lease; what is handed over after that is of the next one.
  void give_up() {
    std::vector<std::pair<int, bool>> expected;
    for (const Entry& entry : entries_) expected.emplace_back(entry.payload, entry.acknowledged);
    entries_.clear();
    std::vector<std::pair<int, bool>> given_up;
    ledger_.give_up(
        [&](int payload, bool acknowledged) { given_up.emplace_back(payload, acknowledged); });
    EXPECT_EQ(given_up, expected);
  }

  void compare() const {
    EXPECT_EQ(ledger_.settled().value, settled_);
    EXPECT_EQ(ledger_.end().value, end_);
    EXPECT_EQ(ledger_.unsettled(), entries_.size());
    EXPECT_EQ(ledger_.unacknowledged(), open());
    if (entries_.empty()) return;
    EXPECT_EQ(ledger_.oldest(), entries_.front().payload);
  }

 private:
  struct Entry {
    int payload;
    int64_t end;
    uint64_t number;
    bool acknowledged;
    bool dropped;
  };

  [[nodiscard]] size_t open() const {
    size_t count = 0;
    for (const Entry& entry : entries_)
      if (!entry.acknowledged) ++count;
    return count;
  }

  Entry* choose(uint64_t choice) {
    std::vector<Entry*> open;
    for (Entry& entry : entries_)
      if (!entry.acknowledged && !entry.dropped) open.push_back(&entry);
    return open.empty() ? nullptr : open[choice % open.size()];
  }

  void settle_front(std::vector<int>& settled) {
    settled.push_back(entries_.front().payload);
    settled_ = entries_.front().end;
    entries_.erase(entries_.begin());
  }

  OffsetLedger<int> ledger_;
  std::vector<Entry> entries_;
  int64_t settled_;
  int64_t end_;
  int last_payload_ = 0;
};

enum class Settling { kAsFarAsAcknowledged, kAllAtOnce };

class OffsetLedgerModel : public ::testing::TestWithParam<Settling> {};

TEST_P(OffsetLedgerModel, AgreesUnderRandomOperations) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 50 && !HasFailure(); ++round) {
    LedgerModel model(static_cast<int64_t>(random() % 1000));
    // One in four of the rounds knows no failure, so that settling goes far.
    const uint64_t drops = round % 4 == 0 ? 0 : 1;
    for (int step = 0; step < 500 && !HasFailure(); ++step) {
      const uint64_t choice = random() % 100;
      if (choice < 40) {
        model.add(static_cast<int64_t>(random() % 5));
      } else if (choice < 80) {
        model.acknowledge(random());
        if (GetParam() == Settling::kAsFarAsAcknowledged) model.settle_acknowledged();
      } else if (choice < 80 + drops) {
        model.drop(random());
      } else if (choice < 84) {
        model.give_up();
      } else if (choice < 90 && GetParam() == Settling::kAllAtOnce) {
        // A cut waits for what is under way; where something failed, it gets nowhere.
        while (model.acknowledge(random())) model.compare();
        model.settle_all();
      }
      model.compare();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Guarantees, OffsetLedgerModel,
                         ::testing::Values(Settling::kAsFarAsAcknowledged, Settling::kAllAtOnce));

}  // namespace
}  // namespace millrace::settlement
