// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/error_class.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

namespace millrace::kafka {
namespace {

TEST(ErrorClass, TellsWhatPassesFromWhatNeedsAPerson) {
  EXPECT_EQ(classify(RD_KAFKA_RESP_ERR_NOT_COORDINATOR), ErrorClass::kRetriable);
  EXPECT_EQ(classify(RD_KAFKA_RESP_ERR__TRANSPORT), ErrorClass::kRetriable);
  EXPECT_EQ(classify(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION), ErrorClass::kAbort);
  EXPECT_EQ(classify(RD_KAFKA_RESP_ERR__TIMED_OUT), ErrorClass::kUnknown);
  EXPECT_EQ(classify(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), ErrorClass::kFatal);
  EXPECT_EQ(classify(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), ErrorClass::kFatal);
}

TEST(Sentence, NamesTheSubjectAndTheSettingToLookAt) {
  EXPECT_EQ(sentence(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "out-3"),
            "out-3: the record is larger than the topic accepts (max.message.bytes)");
  EXPECT_EQ(sentence(RD_KAFKA_RESP_ERR__TIMED_OUT, ""), "Local: Timed out");
}

}  // namespace
}  // namespace millrace::kafka
