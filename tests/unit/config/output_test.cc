// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

std::string with_output(const std::string& members) {
  return smallest_but("output", "output: {topic: out, " + members + "}");
}

TEST(Output, EveryKeyIsRead) {
  const OutputConfig output =
      config_of(with_output("key: user_id, headers: drop, timestamp: record, partition: "
                            "round_robin, encoding: spaced"))
          .output;

  EXPECT_EQ(output.topic.value, "out");
  EXPECT_EQ(output.key, OutputKey::kField);
  EXPECT_EQ(output.key_field.text, "user_id");
  EXPECT_EQ(output.key_field.place.column, 27);
  EXPECT_FALSE(output.headers);
  EXPECT_EQ(output.timestamp, OutputTimestamp::kRecord);
  EXPECT_EQ(output.partition, OutputPartition::kRoundRobin);
  EXPECT_EQ(output.encoding, OutputEncoding::kSpaced);
}

TEST(Output, DefaultsCanBeWrittenDown) {
  for (const std::string& text :
       {kSmallest, with_output("key: keep, headers: keep, timestamp: now, partition: by_key, "
                               "encoding: compact")}) {
    const OutputConfig output = config_of(text).output;

    EXPECT_EQ(output.key, OutputKey::kKeep);
    EXPECT_TRUE(output.headers);
    EXPECT_EQ(output.timestamp, OutputTimestamp::kNow);
    EXPECT_EQ(output.partition, OutputPartition::kByKey);
    EXPECT_EQ(output.encoding, OutputEncoding::kCompact);
  }
  EXPECT_EQ(config_of(with_output("partition: same_as_input")).output.partition,
            OutputPartition::kSameAsInput);
}

TEST(Output, KeysAreKeywordsOrFields) {
  const auto key_of = [](const std::string& key) {
    return config_of(with_output("key: " + key)).output;
  };

  EXPECT_EQ(key_of("none").key, OutputKey::kNone);
  EXPECT_EQ(key_of("'none'").key, OutputKey::kNone);
  EXPECT_EQ(key_of("user.id").key_field.parts.size(), 2U);
  EXPECT_EQ(key_of("{field: 'items[0].sku'}").key_field.parts.size(), 3U);
  EXPECT_EQ(key_of("{field: keep}").key, OutputKey::kField);
  EXPECT_EQ(key_of("{field: keep}").key_field.text, "keep");
  EXPECT_EQ(key_of("{field: none}").key_field.text, "none");
}

TEST(Output, WrongKeysAreErrors) {
  const auto problems_of = [](const std::string& key) {
    return problems_in(with_output("key: " + key));
  };

  EXPECT_THAT(problems_of("[a]"), ElementsAre("p.yaml:4:27: 'output.key' must be keep, none, a "
                                              "field, or {field: PATH}, not a list"));
  EXPECT_THAT(problems_of("a..b"),
              ElementsAre(HasSubstr("p.yaml:4:27: 'output.key' must be the path of a field")));
  EXPECT_THAT(problems_of("{path: a}"),
              ElementsAre("p.yaml:4:22: the key 'field' is missing in 'output.key'; name the field "
                          "whose value becomes the key",
                          "p.yaml:4:28: unknown key 'path' in 'output.key'; known here: field"));
}

TEST(Output, ChoicesNameWhatIsAllowed) {
  EXPECT_THAT(
      problems_in(with_output("headers: true, timestamp: input, partition: same, encoding: utf8")),
      ElementsAre("p.yaml:4:31: 'output.headers' must be keep or drop, not 'true'",
                  "p.yaml:4:48: 'output.timestamp' must be now or record, not 'input'",
                  "p.yaml:4:66: 'output.partition' must be by_key, same_as_input or round_robin, "
                  "not 'same'",
                  "p.yaml:4:82: 'output.encoding' must be compact or spaced, not 'utf8'"));
}

TEST(Output, ATopicIsRequired) {
  EXPECT_THAT(problems_in(smallest_but("output", "output: {key: a}")),
              ElementsAre("p.yaml:4:1: the key 'topic' is missing in 'output'; write the topic "
                          "that good records go to"));
}

TEST(Output, PlannedKeysAreNotSupportedYet) {
  EXPECT_THAT(problems_in(with_output("max_expansion: 2")),
              ElementsAre("p.yaml:4:22: the key 'max_expansion' in 'output' is not supported yet"));
}

}  // namespace
}  // namespace millrace::config
