// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/letter.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/operate/letter_filter.h"

namespace millrace::operate {
namespace {

class LetterTest : public ::testing::Test {
 protected:
  record::InputRecord make() {
    headers_.clear();
    for (const auto& [name, value] : fields_) headers_.push_back({name, record::Bytes::of(value)});
    record::InputRecord record;
    record.key = record::Bytes::of("key");
    record.value = record::Bytes::of(value_);
    record.offset = base::Offset{12};
    record.timestamp_ms = 99;
    record.headers = headers_;
    return record;
  }

  void set(const std::string& name, const std::string& value) {
    for (auto& field : fields_)
      if (field.first == name) field.second = value;
  }

  std::vector<std::pair<std::string, std::string>> fields_ = {{"trace", "t"},
                                                              {"millrace.reason", "step:4:cast"},
                                                              {"millrace.topic", "in"},
                                                              {"millrace.partition", "3"},
                                                              {"millrace.offset", "41"},
                                                              {"millrace.timestamp", "7"},
                                                              {"millrace.pipeline", "p"}};
  std::string value_ = "{}";
  std::vector<record::Header> headers_;
  record::Arena arena_;
};

TEST_F(LetterTest, SaysWhereTheRecordCameFrom) {
  const auto letter = read_letter(make());

  ASSERT_TRUE(letter);
  EXPECT_EQ(letter->reason, "step:4:cast");
  EXPECT_EQ(letter->topic, "in");
  EXPECT_EQ(letter->partition, 3);
  EXPECT_EQ(letter->offset, 41);
  EXPECT_EQ(letter->timestamp_ms, 7);
  EXPECT_EQ(letter->attempts, 0U);
  EXPECT_FALSE(letter->truncated);
}

TEST_F(LetterTest, IsNoneWithoutItsHeadersOrWithOthers) {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"millrace.reason", ""},
                                                        {"millrace.topic", ""},
                                                        {"millrace.pipeline", ""},
                                                        {"millrace.partition", "-1"},
                                                        {"millrace.partition", "3 "},
                                                        {"millrace.offset", "-41"},
                                                        {"millrace.offset", "99999999999999999999"},
                                                        {"millrace.timestamp", "x"}}) {
    const auto before = fields_;
    set(name, value);
    EXPECT_FALSE(read_letter(make())) << name << "=" << value;
    fields_ = before;
  }
  fields_.emplace_back("millrace.attempts", "-1");
  EXPECT_FALSE(read_letter(make()));
}

TEST_F(LetterTest, GivesTheRecordBackWithoutItsOwnHeaders) {
  const auto record = make();
  const auto original = original_of(record, *read_letter(record), {}, arena_);

  ASSERT_TRUE(original.ok());
  EXPECT_EQ(original.value().value.view(), "{}");
  EXPECT_EQ(original.value().offset.value, 41);
  EXPECT_EQ(original.value().timestamp_ms, 7);
  ASSERT_EQ(original.value().headers.size(), 1U);
  EXPECT_EQ(original.value().headers[0].name, "trace");
}

TEST_F(LetterTest, ACutOneHasTheRecordOnlyWhereItsFormWasTooLarge) {
  value_ = "12345";
  fields_.emplace_back("millrace.truncated", "9");
  const auto cut = make();
  EXPECT_FALSE(original_of(cut, *read_letter(cut), {.raw = true}, arena_).ok());
  EXPECT_FALSE(original_of(cut, *read_letter(cut), {.raw = false}, arena_).ok());

  set("millrace.truncated", "5");
  const auto whole = make();
  EXPECT_TRUE(original_of(whole, *read_letter(whole), {.raw = false}, arena_).ok());
}

TEST_F(LetterTest, FieldsDoNotHaveTheRecord) {
  const auto record = make();
  EXPECT_FALSE(
      original_of(record, *read_letter(record), {.raw = false, .fields = true}, arena_).ok());
}

// Whatever the pipeline writes by now.
TEST_F(LetterTest, FieldsSayThatTheyAreSome) {
  fields_.emplace_back("millrace.format", "fields");
  const auto record = make();
  for (const bool raw : {true, false}) {
    const auto original = original_of(record, *read_letter(record), {.raw = raw}, arena_);
    ASSERT_FALSE(original.ok());
    EXPECT_THAT(original.message(), ::testing::HasSubstr("it shows some members"));
  }
}

TEST_F(LetterTest, AnEnvelopeIsOpened) {
  value_ = R"({"reason":"step:4:cast","reason_text":"x","pipeline":"p","topic":"in","partition":3,)"
           R"("offset":41,"timestamp":7,"key":null,"value_base64":"/wBh"})";
  auto record = make();
  auto original = original_of(record, *read_letter(record), {.raw = false}, arena_);
  ASSERT_TRUE(original.ok());
  EXPECT_TRUE(original.value().key.null());
  EXPECT_EQ(original.value().value.view(), std::string_view("\xff\0a", 3));

  // One that speaks of another record is a record.
  set("millrace.offset", "42");
  record = make();
  original = original_of(record, *read_letter(record), {.raw = false}, arena_);
  ASSERT_TRUE(original.ok());
  EXPECT_EQ(original.value().value.view(), value_);
}

TEST(LetterFilter, RulesByTheirBeginning) {
  EXPECT_TRUE(names_rule("step:4:cast", "step:4:cast"));
  EXPECT_TRUE(names_rule("step:4", "step:4:cast"));
  EXPECT_TRUE(names_rule("step:4:", "step:4:cast"));
  EXPECT_FALSE(names_rule("step:4", "step:40:cast"));
  EXPECT_TRUE(names_rule("step:4*", "step:40:cast"));
  EXPECT_FALSE(names_rule("step:4:cast:x", "step:4:cast"));
  EXPECT_TRUE(names_rule("*", "parse:syntax"));
}

TEST(LetterFilter, EveryPartMustFit) {
  Letter letter;
  letter.reason = "parse:syntax";
  letter.topic = "in";
  letter.partition = 2;
  LetterFilter filter;
  EXPECT_TRUE(filter.matches(letter, 100));
  filter.reasons = {"schema", "parse"};
  filter.since_ms = 100;
  filter.until_ms = 101;
  filter.partition = 2;
  filter.topic = "in";
  EXPECT_TRUE(filter.matches(letter, 100));
  EXPECT_FALSE(filter.matches(letter, 99));
  EXPECT_FALSE(filter.matches(letter, 101));
  letter.partition = 1;
  EXPECT_FALSE(filter.matches(letter, 100));
}

}  // namespace
}  // namespace millrace::operate
