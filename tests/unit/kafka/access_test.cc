// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/access.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "tests/unit/kafka/harness.h"

namespace millrace::kafka {
namespace {

std::unique_ptr<Access> make(const config::KafkaConfig& kafka) {
  auto access = Access::create(kafka);
  EXPECT_TRUE(access.ok());
  return std::move(access.value());
}

// librdkafka crashes here on a client that has no group.
TEST(Access, AsksForAGroupAgainWhileItsCoordinatorLoadsOrMoves) {
  auto broker = start_broker("in", 1);
  constexpr int16_t kOffsetFetch = 9;
  broker->fail_requests(kOffsetFetch, {RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                       RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS});
  auto access = make(broker->config());

  const base::Status status = access->may_read_group("group", kLong);

  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(access->last_error(), RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST(Access, SaysWhyAGroupMayNotBeRead) {
  auto broker = start_broker("in", 1);
  constexpr int16_t kOffsetFetch = 9;
  broker->fail_requests(kOffsetFetch, {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED});
  auto access = make(broker->config());

  const base::Status status = access->may_read_group("group", kLong);

  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.message().find("not permitted"), std::string::npos) << status.message();
  EXPECT_EQ(access->last_error(), RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);

  EXPECT_TRUE(access->may_read_group("group", kLong).ok());
  EXPECT_EQ(access->last_error(), RD_KAFKA_RESP_ERR_NO_ERROR);
}

}  // namespace
}  // namespace millrace::kafka
