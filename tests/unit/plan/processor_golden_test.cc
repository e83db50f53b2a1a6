// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/plan/login_config.h"
#include "tests/unit/plan/pipeline_run.h"

// Records that were really sent, and what the pipelines that this engine replaces made of them.
namespace millrace::plan::testing {
namespace {

constexpr const char* kComplete =
    R"({"user_id": "59cc1bb4-8037-4475-b1e4-1349e7d4c747", "app_version": "2.3.0", )"
    R"("ip": "1.1.177.19", "locale": "CT", "device_id": "8792a520-f2d6-45e9-87f3-2638d417e805", )"
    R"("timestamp": 1720655268, "device_type": "android"})";

TEST(LoginGolden, ACompleteRecordIsCleaned) {
  Pipeline pipeline(login_config());
  const Sent sent = pipeline.one(kComplete);
  EXPECT_EQ(sent.value,
            R"({"user_id":"59cc1bb4-8037-4475-b1e4-1349e7d4c747","app_version":"2.3.0",)"
            R"("ip":"1.1.177.19","locale":"CT","device_id":"8792a520-f2d6-45e9-87f3-2638d417e805",)"
            R"("created_at":"2024-07-10T23:47:48Z","device_type":"android",)"
            R"("processed_at":"2024-07-10T23:47:48Z"})");
  EXPECT_EQ(sent.key, "59cc1bb4-8037-4475-b1e4-1349e7d4c747");
  EXPECT_FALSE(sent.dead());
}

TEST(LoginGolden, ARecordWithoutDeviceTypeIsADeadLetter) {
  Pipeline pipeline(login_config());
  EXPECT_EQ(pipeline.outcome(
                R"({"user_id": "b2e9eb2f-7675-4057-8156-bf2f92c53901", "app_version": "2.3.0", )"
                R"("ip": "160.15.30.180", "locale": "WI", )"
                R"("device_id": "bb6191de-8620-4c24-a49f-243000291ae7", "timestamp": 1720655275})"),
            "schema:/required/device_type: 'device_type' is a required property");
}

TEST(LoginGolden, TheDocumentedSampleIsADeadLetterForItsTextTimestamp) {
  Pipeline pipeline(login_config());
  EXPECT_EQ(pipeline.outcome(
                R"({"user_id": "424cdd21-063a-43a7-b91b-7ca1a833afae", "app_version": "2.3.0", )"
                R"("device_type": "android", "ip": "199.172.111.135", "locale": "RU", )"
                R"("device_id": "593-47-5928", "timestamp":"1694479551"})"),
            "schema:/properties/timestamp/type: '1694479551' is not of type 'integer'");
}

TEST(LoginGolden, AForeignRecordIsADeadLetter) {
  Pipeline pipeline(login_config());
  EXPECT_EQ(pipeline.outcome(R"({"foo": "oops_wrong_msg_type", "bar": "123"})"),
            "schema:/required/user_id: 'user_id' is a required property");
}

TEST(LoginGolden, AnOlderRecordIsADeadLetterForItsFirstMissingMember) {
  Pipeline pipeline(login_config());
  EXPECT_EQ(pipeline.outcome(
                R"({"user_id": "66e0635b-ce36-4ec7-aa9e-8a8fca9b83d4", "app_version": "2.2.1", )"
                R"("device_type": "ios", "ip": "130.111.167.54", "locale": null, )"
                R"("device_id": "127-42-0862"})"),
            "schema:/required/timestamp: 'timestamp' is a required property");
}

TEST(LoginGolden, TheInsightsSeeTheRecordAsItCame) {
  Pipeline pipeline(login_config());
  pipeline.run({{kComplete}, {login_record(1)}, {login_record(3)}, {"{}"}});
  EXPECT_EQ(counts(pipeline.shard(), 0), "android=1 iOS=2");
  EXPECT_EQ(part_of(pipeline.shard(), 2).keys.entries().size(), 3U);
  EXPECT_EQ(part_of(pipeline.shard(), 4).hours[23], 3U);
  for (size_t insight = 0; insight < 5; ++insight)
    EXPECT_EQ(part_of(pipeline.shard(), insight).missing, 0U);
}

}  // namespace
}  // namespace millrace::plan::testing
