// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/letter_groups.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/operate/offsets.h"

namespace millrace::operate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LetterGroupsTest : public ::testing::Test {
 protected:
  void add(const std::string& reason, const std::string& topic = "in", int32_t partition = 0,
           uint64_t attempts = 0) {
    Letter letter;
    letter.reason = reason;
    letter.topic = topic;
    letter.partition = partition;
    letter.attempts = attempts;
    record::InputRecord record;
    record.offset = base::Offset{0};
    record.timestamp_ms = 1;
    groups_.add({{"dead", 0}, record, letter}, false);
  }

  record::NameTable names_;
  LetterGroups groups_{names_, false};
};

// Headers may say anything.
TEST_F(LetterGroupsTest, AreBounded) {
  for (int i = 0; i < 10'100; ++i) add("rule" + std::to_string(i));
  EXPECT_EQ(groups_.groups().size(), 10'001U);
  EXPECT_EQ(groups_.groups().at("(others)").count, 100U);

  for (int i = 0; i < 120'000; ++i) add("rule1", "in", i, static_cast<uint64_t>(i));
  const LetterGroup& group = groups_.groups().at("rule1");
  EXPECT_LT(group.partitions.size() + group.attempts.size(), 100'010U);
  uint64_t counted = 0;
  for (const auto& [place, count] : group.partitions) counted += count;
  EXPECT_EQ(counted, 120'001U);
  EXPECT_EQ(groups_.count(), 130'100U);

  add(std::string(100'000, 'r'), std::string(100'000, 't'));
  EXPECT_FALSE(groups_.groups().contains(std::string(100'000, 'r')));
}

TEST_F(LetterGroupsTest, DriveNoTerminal) {
  add("rule\x1b[2J", "in\x1b]0;x\x07");
  const std::string text = to_text(groups_, {.pipeline = "p", .topics = {"dead"}});
  EXPECT_THAT(text, HasSubstr("rule\\x1b[2J"));
  EXPECT_THAT(text, HasSubstr("in\\x1b]0;x\\x07-0 (1)"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(MemberWords, DriveNoTerminal) {
  const std::string words = member_words({"evil\x1b[2J", "/10.0.0.7", "\xc2\x9b", {}});
  EXPECT_THAT(words, HasSubstr("evil\\x1b[2J (instance \\xc2\\x9b)"));
}

}  // namespace
}  // namespace millrace::operate
