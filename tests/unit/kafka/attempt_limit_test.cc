// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/attempt_limit.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

namespace millrace::kafka {
namespace {

// A stop that was requested ends every wait, so that the tests need not wait.
std::stop_token no_waits() {
  std::stop_source source;
  source.request_stop();
  return source.get_token();
}

const Failure kFence{RD_KAFKA_RESP_ERR__FENCED, true, "fenced"};
const Failure kOther{RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, true, "bad state"};
const Failure kBroker{RD_KAFKA_RESP_ERR__TIMED_OUT, true, "timed out"};

TEST(AttemptLimit, TheThirdFenceWithoutASuccessEnds) {
  AttemptLimit limit("orders-a", "commit");
  EXPECT_TRUE(limit.failed(kFence, no_waits()).ok());
  EXPECT_TRUE(limit.failed(kFence, no_waits()).ok());
  limit.succeeded();
  EXPECT_TRUE(limit.failed(kFence, no_waits()).ok());
  EXPECT_TRUE(limit.failed(kOther, no_waits()).ok());
  EXPECT_TRUE(limit.failed(kFence, no_waits()).ok());
  const base::Status status = limit.failed(kFence, no_waits());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.message(),
            "The transactional id orders-a was taken over 3 times without a commit in between: "
            "another copy runs with the same name (instance: has to be different for each copy)");
}

TEST(AttemptLimit, TenOtherFailuresAreSurvivedAndWaitingForABrokerIsNone) {
  AttemptLimit limit("orders-a", "commit");
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limit.failed(kOther, no_waits()).ok()) << i;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(limit.failed(kBroker, no_waits()).ok());
  EXPECT_FALSE(limit.failed(kOther, no_waits()).ok());
}

TEST(AttemptLimit, AMissingPermissionEndsAtOnce) {
  AttemptLimit limit("orders-a", "commit");
  const base::Status status =
      limit.failed({RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, true, "denied"}, {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.message(), "denied");
}

}  // namespace
}  // namespace millrace::kafka
