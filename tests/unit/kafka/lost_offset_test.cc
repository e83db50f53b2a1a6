// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/lost_offset.h"

#include <gtest/gtest.h>

namespace millrace::kafka {
namespace {

using config::OnLostOffsets;

const base::TopicPartition kId{"orders", 3};
constexpr LogRange kRange{100, 200};

TEST(LostOffset, TellsRetentionFromATopicThatWasMadeAnew) {
  EXPECT_EQ(lost_offset(kId, base::Offset{40}, kRange),
            "orders-3: offset 40, the next to read, is not in the log, which has offsets 100 to "
            "199: deleted by retention; input.on_lost_offsets: earliest or latest would go on");
  EXPECT_EQ(lost_offset(kId, base::Offset{201}, kRange),
            "orders-3: offset 201, the next to read, is not in the log, which has offsets 100 to "
            "199: the topic was made anew or truncated; input.on_lost_offsets: earliest or latest "
            "would go on");
}

TEST(LostOffset, AnEmptyLogAndAnUnknownOneAreSaidSo) {
  EXPECT_NE(lost_offset(kId, base::Offset{7}, LogRange{0, 0}).find("is empty"), std::string::npos);
  EXPECT_NE(lost_offset(kId, base::Offset{7}, std::nullopt).find("offset 7"), std::string::npos);
}

TEST(LostOffset, TheEndsOfTheLogBelongToIt) {
  EXPECT_TRUE(holds(kRange, base::Offset{100}));
  EXPECT_TRUE(holds(kRange, base::Offset{200}));
  EXPECT_FALSE(holds(kRange, base::Offset{99}));
  EXPECT_FALSE(holds(kRange, base::Offset{201}));
}

struct Case {
  OnLostOffsets policy;
  int64_t asked;
  int64_t next;
  const char* cost;
};

TEST(LostOffset, GoesOnWhereThePolicySaysAndSaysWhatThatCosts) {
  for (const Case& one : {
           Case{OnLostOffsets::kEarliest, 40, 100, "from offset 100, 60 offsets are not read"},
           Case{OnLostOffsets::kLatest, 40, 200, "from offset 200, 160 offsets are not read"},
           Case{OnLostOffsets::kEarliest, 900, 100,
                "from offset 100, what was written before is not read"},
           Case{OnLostOffsets::kLatest, 900, 200, "from offset 200, 100 offsets are not read"},
       }) {
    EXPECT_EQ(go_on_from(kRange, one.policy).value, one.next);
    const std::string said = moved_offset(kId, base::Offset{one.asked}, kRange, one.policy);
    EXPECT_TRUE(said.ends_with(one.cost)) << said;
  }
}

}  // namespace
}  // namespace millrace::kafka
