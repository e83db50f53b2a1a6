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

TEST(ErrorClass, WhatEndsATransactionIsReadAgain) {
  for (const int code : {RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE,
                         RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER}) {
    EXPECT_EQ(classify(code), ErrorClass::kAbort) << code;
  }
  EXPECT_EQ(classify(RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS), ErrorClass::kRetriable);
}

TEST(ErrorClass, FencesAndMissingPermissionsAreTold) {
  EXPECT_TRUE(is_fence(RD_KAFKA_RESP_ERR__FENCED));
  EXPECT_TRUE(is_fence(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH));
  EXPECT_FALSE(is_fence(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)) << "a consumer's";
  EXPECT_TRUE(needs_person(RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
  EXPECT_FALSE(needs_person(RD_KAFKA_RESP_ERR__FENCED));
}

TEST(ErrorClass, ARecordIsBlamedOnlyForItsOwnFault) {
  for (const int code :
       {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD,
        RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_UNKNOWN}) {
    EXPECT_EQ(failure_kind(code), io::FailureKind::kRefused) << code;
  }
  for (const int code :
       {RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT,
        RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__FATAL,
        RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER}) {
    EXPECT_EQ(failure_kind(code), io::FailureKind::kGivenUp) << code;
  }
}

TEST(Sentence, NamesTheSubjectAndTheSettingToLookAt) {
  EXPECT_EQ(sentence(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "out-3"),
            "out-3: the record is larger than the topic accepts (max.message.bytes)");
  EXPECT_EQ(sentence(RD_KAFKA_RESP_ERR__TIMED_OUT, ""), "Local: Timed out");
}

}  // namespace
}  // namespace millrace::kafka
