// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/dead_letter.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/limits.h"
#include "engine/record/letter_headers.h"

namespace millrace::plan {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr size_t kRoomy = 1 << 20;

class DeadLetterTest : public ::testing::Test {
 protected:
  record::OutputRecord make(size_t message_bytes_max = kRoomy) {
    input_.headers = headers_;
    return make_dead_letter(input_, input_.value, provenance_, message_bytes_max, arena_);
  }

  static std::vector<std::pair<std::string, std::string>> headers_of(
      const record::OutputRecord& letter) {
    std::vector<std::pair<std::string, std::string>> headers;
    for (const record::Header& header : letter.headers)
      headers.emplace_back(header.name, header.value.null() ? "<null>" : header.value.view());
    return headers;
  }

  static std::string header(const record::OutputRecord& letter, std::string_view name) {
    std::string found = "<none>";
    for (const auto& [each, value] : headers_of(letter)) {
      if (each != name) continue;
      EXPECT_EQ(found, "<none>") << name << " twice";
      found = value;
    }
    return found;
  }

  record::Arena arena_;
  std::vector<record::Header> headers_;
  record::InputRecord input_{
      base::Offset{41}, 1234, record::Bytes::of("key"), record::Bytes::of("value"), {}};
  Provenance provenance_{.pipeline = "logins",
                         .topic = "in",
                         .partition = 3,
                         .reason = "parse:syntax",
                         .reason_text = "The value is not JSON.",
                         .rule_pointer = {},
                         .value_pointer = "/a",
                         .stage = {}};
};

TEST_F(DeadLetterTest, CarriesTheRecordAsItCame) {
  const record::OutputRecord letter = make();
  EXPECT_EQ(letter.role, record::OutputRole::kDeadLetter);
  EXPECT_EQ(letter.key.view(), "key");
  EXPECT_EQ(letter.value.view(), "value");
}

TEST_F(DeadLetterTest, SaysWhyAndWhereFrom) {
  EXPECT_THAT(headers_of(make()),
              ElementsAre(Pair("millrace.reason", "parse:syntax"),
                          Pair("millrace.reason_text", "The value is not JSON."),
                          Pair("millrace.value_pointer", "/a"), Pair("millrace.topic", "in"),
                          Pair("millrace.partition", "3"), Pair("millrace.offset", "41"),
                          Pair("millrace.timestamp", "1234"), Pair("millrace.pipeline", "logins")));
}

TEST_F(DeadLetterTest, SaysThatItShowsSomeMembersWhileItDoes) {
  EXPECT_EQ(header(make(), "millrace.format"), "<none>");
  provenance_.format = record::kFieldsFormat;
  EXPECT_EQ(header(make(), "millrace.format"), "fields");
  // What is cut is the record's own value.
  const std::string large(5000, 'v');
  input_.value = record::Bytes::of(large);
  EXPECT_EQ(header(make(2000), "millrace.truncated"), "5000");
  EXPECT_EQ(header(make(2000), "millrace.format"), "<none>");
}

TEST_F(DeadLetterTest, WritesTheLargestNumbers) {
  input_.offset = base::Offset{INT64_MAX};
  input_.timestamp_ms = INT64_MIN;
  EXPECT_EQ(header(make(), "millrace.offset"), "9223372036854775807");
  EXPECT_EQ(header(make(), "millrace.timestamp"), "-9223372036854775808");
}

TEST_F(DeadLetterTest, KeepsNullAndEmptyApart) {
  input_.key = record::Bytes();
  input_.value = record::Bytes();
  EXPECT_TRUE(make().key.null());
  EXPECT_TRUE(make().value.null());
  input_.key = record::Bytes::of("");
  input_.value = record::Bytes::of("");
  EXPECT_FALSE(make().key.null());
  EXPECT_FALSE(make().value.null());
}

TEST_F(DeadLetterTest, KeepsTheRecordsHeadersInFront) {
  headers_ = {{"trace", record::Bytes::of("1")},
              {"null", record::Bytes()},
              {"trace", record::Bytes::of("2")}};
  const auto headers = headers_of(make());
  ASSERT_EQ(headers.size(), 11U);
  EXPECT_EQ(headers[0], (std::pair<std::string, std::string>("trace", "1")));
  EXPECT_EQ(headers[1].second, "<null>");
  EXPECT_EQ(headers[2].second, "2");
}

TEST_F(DeadLetterTest, ReplacesTheHeadersOfAnEarlierRound) {
  headers_ = {{"millrace.reason", record::Bytes::of("old")},
              {"millrace.truncated", record::Bytes::of("9")},
              {"millrace", record::Bytes::of("theirs")},
              {"xmillrace.reason", record::Bytes::of("theirs too")}};
  const record::OutputRecord letter = make();
  EXPECT_EQ(letter.headers.size(), 10U);
  EXPECT_EQ(header(letter, "millrace.reason"), "parse:syntax");
  EXPECT_EQ(header(letter, "millrace.truncated"), "<none>");
  EXPECT_EQ(header(letter, "millrace"), "theirs");
  EXPECT_EQ(header(letter, "xmillrace.reason"), "theirs too");
}

TEST_F(DeadLetterTest, CarriesTheNumberOfReplaysOn) {
  headers_ = {{"trace", record::Bytes::of("1")},
              {"millrace.attempts", record::Bytes::of("1")},
              {"millrace.attempts", record::Bytes::of("2")},
              {"millrace.attempts", record::Bytes::of("many")},
              {"millrace.attempts", record::Bytes::of("1234567890")},
              {"millrace.attempts", record::Bytes()}};
  EXPECT_EQ(header(make(), "millrace.attempts"), "2");
  EXPECT_EQ(headers_of(make()).size(), 10U);

  // Also where the record's own headers have to go.
  input_.value = record::Bytes::of("value");
  const std::string large(5000, 'x');
  headers_.push_back({"large", record::Bytes::of(large)});
  const record::OutputRecord cut = make(3000);
  EXPECT_EQ(header(cut, "trace"), "<none>");
  EXPECT_EQ(header(cut, "millrace.attempts"), "2");
}

TEST_F(DeadLetterTest, CutsTheReasonTextBetweenCharacters) {
  const size_t max = base::limits::kReasonTextBytesMax;
  for (size_t shift = 0; shift < 3; ++shift) {
    std::string text(shift, 'x');
    while (text.size() < 2 * max) text += "€";
    provenance_.reason_text = text;
    const std::string cut = header(make(), "millrace.reason_text");
    EXPECT_LE(cut.size(), max);
    EXPECT_GT(cut.size(), max - 3);
    EXPECT_EQ((cut.size() - shift) % 3, 0U);
    EXPECT_TRUE(text.starts_with(cut));
  }
}

TEST_F(DeadLetterTest, CopiesTheReasonText) {
  std::string text = "first";
  provenance_.reason_text = text;
  const record::OutputRecord letter = make();
  text = "other";
  EXPECT_EQ(header(letter, "millrace.reason_text"), "first");
}

TEST_F(DeadLetterTest, CutsAValueTooLargeForTheTopicAndSaysSo) {
  const std::string value(10'000, 'v');
  input_.value = record::Bytes::of(value);
  headers_ = {{"trace", record::Bytes::of("1")}};
  const record::OutputRecord letter = make(2000);

  EXPECT_EQ(sent_size(letter), 2000U);
  EXPECT_EQ(letter.value.view(), value.substr(0, letter.value.size()));
  EXPECT_EQ(header(letter, "millrace.truncated"), "10000");
  EXPECT_EQ(header(letter, "trace"), "1");
  EXPECT_EQ(letter.key.view(), "key");
}

TEST_F(DeadLetterTest, IsNotCutAsLongAsItFits) {
  const std::string value(10'000, 'v');
  input_.value = record::Bytes::of(value);
  const size_t size = sent_size(make());

  EXPECT_EQ(header(make(size), "millrace.truncated"), "<none>");
  EXPECT_EQ(make(size).value.size(), value.size());
  EXPECT_EQ(header(make(size - 1), "millrace.truncated"), "10000");
}

TEST_F(DeadLetterTest, DropsTheRecordsHeadersWhereTheyAreTooLarge) {
  const std::string heavy(5000, 'h');
  headers_.assign(3, {"heavy", record::Bytes::of(heavy)});
  const record::OutputRecord letter = make(2000);

  EXPECT_LE(sent_size(letter), 2000U);
  EXPECT_EQ(letter.headers.size(), 9U);
  EXPECT_EQ(letter.value.view(), "value");
  EXPECT_EQ(letter.key.view(), "key");
  EXPECT_EQ(header(letter, "millrace.offset"), "41");
  EXPECT_EQ(header(letter, "millrace.truncated"), "5");
}

TEST_F(DeadLetterTest, DropsAKeyThatIsTooLarge) {
  const std::string heavy(5000, 'k');
  input_.key = record::Bytes::of(heavy);
  const record::OutputRecord letter = make(2000);

  EXPECT_LE(sent_size(letter), 2000U);
  EXPECT_TRUE(letter.key.null());
  EXPECT_EQ(letter.value.view(), "value");
}

TEST_F(DeadLetterTest, ATombstoneStaysOneWhenItsHeadersGo) {
  const std::string heavy(5000, 'h');
  headers_ = {{"heavy", record::Bytes::of(heavy)}};
  input_.value = record::Bytes();
  EXPECT_TRUE(make(2000).value.null());
}

TEST_F(DeadLetterTest, FitsEveryTopicThatHasRoomForItsHeaders) {
  const std::string heavy(3000, 'h');
  headers_ = {{"heavy", record::Bytes::of(heavy)}};
  input_.value = record::Bytes::of(heavy);
  input_.key = record::Bytes::of(heavy);
  for (size_t max = 600; max < 12'000; max += 7) ASSERT_LE(sent_size(make(max)), max);
}

}  // namespace
}  // namespace millrace::plan
