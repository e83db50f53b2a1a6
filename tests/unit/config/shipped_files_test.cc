// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

// The blocks ```yaml … ``` of a document.
std::vector<std::string> yaml_blocks(const std::string& path) {
  std::ifstream document(path);
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line == "```yaml") blocks.emplace_back();
    if (inside && line != "```") blocks.back() += line + '\n';
    inside = line == "```yaml" || (inside && line != "```");
  }
  return blocks;
}

// An example of some keys, with the smallest pipeline around it.
std::string completed(const std::string& block) {
  std::string text;
  std::istringstream smallest(kSmallest);
  for (std::string line; std::getline(smallest, line);) {
    const std::string key = line.substr(0, line.find(':') + 1);
    if (("\n" + block).find("\n" + key) == std::string::npos) text += line + '\n';
  }
  return text + block;
}

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
  EXPECT_TRUE(config.schema->json.starts_with("{\"type\":\"object\""));
  EXPECT_EQ(config.steps.size(), 5U);
  EXPECT_EQ(config.output.topic.value, "processed-user-login");
  EXPECT_EQ(config.output.key_field.text, "user_id");
  EXPECT_EQ(config.dead_letters.topic.value, "user-login.dead-letters");
  EXPECT_EQ(config.delivery.guarantee, Guarantee::kExactlyOnce);
  EXPECT_EQ(config.insights.size(), 5U);
}

TEST(UserLogin, TakesTheBrokersFromTheEnvironment) {
  const Loaded loaded = load_file(MILLRACE_CONFIG_DIR "/user-login.yaml",
                                  environment({{"BOOTSTRAP_SERVERS", "kafka:29092"}}));

  ASSERT_THAT(lines_of(loaded), IsEmpty());
  EXPECT_EQ(loaded.config.kafka.common.at(0).value, "kafka:29092");
}

TEST(Pipelines, LoadWithoutProblems) {
  const Environment brokers = environment({{"BOOTSTRAP_SERVERS", "h:1"}});
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(MILLRACE_CONFIG_DIR "/pipelines")) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".yaml") || path.ends_with(".test.yaml")) continue;
    ++count;

    const Loaded loaded = load_file(path, brokers);
    EXPECT_THAT(lines_of(loaded), IsEmpty()) << path;
    // No old pipeline promised more: p0.yaml to p4.yaml.
    const bool is_old = loaded.config.pipeline.value.starts_with("p");
    EXPECT_EQ(loaded.config.delivery.guarantee,
              is_old ? Guarantee::kAtLeastOnce : Guarantee::kExactlyOnce)
        << path;
  }

  EXPECT_GE(count, 6U);
}

TEST(ConfigurationDocument, EveryExampleLoadsWithoutProblems) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("secrets"));
  std::filesystem::create_directory(folder.path("schemas"));
  folder.write("secrets/kafka-password", "x");
  folder.write("user-login.schema.json", "{}");
  const auto blocks = yaml_blocks(MILLRACE_DOCS_DIR "/configuration.md");

  for (const std::string& block : blocks) {
    const Loaded loaded = load_text(completed(block), folder.path("p.yaml"), environment({}));
    EXPECT_THAT(lines_of(loaded), IsEmpty()) << block;
  }

  EXPECT_GE(blocks.size(), 20U);
}

}  // namespace
}  // namespace millrace::config
