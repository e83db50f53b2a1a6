// SPDX-License-Identifier: Apache-2.0
#include "engine/settlement/offset_ledger.h"

#include <cstdint>
#include <map>
#include <random>
#include <string>
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

// Against the plainest statement of the same: a map of what was handed over.
TEST(OffsetLedger, AgreesWithAModelUnderRandomOperations) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    struct Range {
      int64_t end;
      uint64_t number;
      bool settled;
    };

    const auto start = static_cast<int64_t>(random() % 1000);
    OffsetLedger<int> ledger(Offset{start});
    std::map<int, Range> model;  // by payload, in order
    int64_t end = start;
    int64_t settled = start;
    int next_payload = 0;
    for (int step = 0; step < 500; ++step) {
      if (random() % 2 == 0) {
        const int64_t begin = end;
        end += static_cast<int64_t>(random() % 5);
        const uint64_t number = ledger.add(Offset{begin}, Offset{end}, next_payload);
        model[next_payload++] = {end, number, false};
      } else {
        std::vector<int> open;
        for (const auto& [payload, range] : model)
          if (!range.settled) open.push_back(payload);
        if (open.empty()) continue;
        const int chosen = open[random() % open.size()];
        model[chosen].settled = true;
        const uint64_t number = model[chosen].number;
        std::vector<int> expected;
        while (!model.empty() && model.begin()->second.settled) {
          expected.push_back(model.begin()->first);
          settled = model.begin()->second.end;
          model.erase(model.begin());
        }
        ASSERT_EQ(settle(ledger, number), expected);
      }
      ASSERT_EQ(ledger.settled().value, settled);
      ASSERT_EQ(ledger.end().value, end);
      ASSERT_EQ(ledger.unsettled(), model.size());
    }
  }
}

}  // namespace
}  // namespace millrace::settlement
