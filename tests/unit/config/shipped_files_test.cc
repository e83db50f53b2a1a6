// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

TEST(UserLogin, LoadsWithoutProblemsAndWithoutEnvironment) {
  const Loaded loaded = load_file(MILLRACE_CONFIG_DIR "/user-login.yaml", environment({}));

  ASSERT_THAT(lines_of(loaded), IsEmpty());
  const PipelineConfig& config = loaded.config;
  EXPECT_EQ(config.pipeline.value, "user-login");
  ASSERT_EQ(config.kafka.common.size(), 1U);
  EXPECT_EQ(config.kafka.common[0].value, "localhost:9092");
  ASSERT_EQ(config.input.topics.size(), 1U);
  EXPECT_EQ(config.input.topics[0].value, "user-login");
  EXPECT_EQ(config.input.group.value, "user-login");
  ASSERT_TRUE(config.schema.has_value());
  EXPECT_EQ(config.schema->required.size(), 7U);
  EXPECT_EQ(config.schema->properties.size(), 7U);
  EXPECT_EQ(config.steps.size(), 5U);
  EXPECT_EQ(config.output.topic.value, "processed-user-login");
  EXPECT_EQ(config.output.key->value, "user_id");
  EXPECT_EQ(config.dead_letters.topic.value, "user-login.dead-letters");
  EXPECT_EQ(config.insights.size(), 5U);
}

TEST(UserLogin, TakesTheBrokersFromTheEnvironment) {
  const Loaded loaded = load_file(MILLRACE_CONFIG_DIR "/user-login.yaml",
                                  environment({{"BOOTSTRAP_SERVERS", "kafka:29092"}}));

  ASSERT_THAT(lines_of(loaded), IsEmpty());
  EXPECT_EQ(loaded.config.kafka.common.at(0).value, "kafka:29092");
}

}  // namespace
}  // namespace millrace::config
