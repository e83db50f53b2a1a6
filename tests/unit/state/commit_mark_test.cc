// SPDX-License-Identifier: Apache-2.0
#include "engine/state/commit_mark.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/io/committer.h"

namespace millrace::state {

namespace {

TEST(CommitMark, IsALineThatPeopleCanRead) {
  const CommitMark mark{{5000}, {5210}, "k3f9q2-118"};

  EXPECT_EQ(mark.to_text(), "millrace 1 state=5000 closed=5210 commit=k3f9q2-118");
  EXPECT_EQ(CommitMark::parse(mark.to_text()), mark);
}

TEST(CommitMark, SaysNoneWhereThereIsNoState) {
  const CommitMark mark{{}, {0}, "a"};

  EXPECT_EQ(mark.to_text(), "millrace 1 state=none closed=0 commit=a");
  EXPECT_EQ(CommitMark::parse(mark.to_text()), mark);
}

TEST(CommitMark, TheLongestFitsBesideAnOffset) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const CommitMark mark{{kMax}, {kMax}, std::string(CommitMark::kCommitBytesMax, 'x')};

  EXPECT_LE(mark.to_text().size(), io::kMetadataBytesMax);
  EXPECT_EQ(CommitMark::parse(mark.to_text()), mark);
}

class NoCommitMark : public ::testing::TestWithParam<std::string> {};

TEST_P(NoCommitMark, IsRefused) {
  EXPECT_EQ(CommitMark::parse(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, NoCommitMark,
    ::testing::Values(
        "", "millrace", "a client's own words", "millrace 1", "millrace 1 state=1",
        "millrace 1 state=1 closed=2", "millrace 1 state=1 closed=2 commit=",
        "millrace 2 state=1 closed=2 commit=a", "millrace 11 state=1 closed=2 commit=a",
        "Millrace 1 state=1 closed=2 commit=a", " millrace 1 state=1 closed=2 commit=a",
        "millrace 1  state=1 closed=2 commit=a", "millrace 1 state=1  closed=2 commit=a",
        "millrace 1 closed=2 state=1 commit=a", "millrace 1 state= closed=2 commit=a",
        "millrace 1 state=-1 closed=2 commit=a", "millrace 1 state=+1 closed=2 commit=a",
        "millrace 1 state=01 closed=2 commit=a", "millrace 1 state=1x closed=2 commit=a",
        "millrace 1 state=0x1 closed=2 commit=a", "millrace 1 state=None closed=2 commit=a",
        "millrace 1 state=9223372036854775808 closed=2 commit=a",
        "millrace 1 state=1 closed=9223372036854775808 commit=a",
        "millrace 1 state=1 closed=2 commit=a b", "millrace 1 state=1 closed=2 commit=a ",
        "millrace 1 state=1 closed=2 commit=a\n", "millrace 1 state=1 closed=2 commit=\xc3\xa4",
        "millrace 1 state=1 closed=2 more=3 commit=a"));

TEST(CommitMark, AnIdThatIsTooLongIsNoneOfOurs) {
  const std::string text = "millrace 1 state=1 closed=2 commit=";
  EXPECT_TRUE(CommitMark::parse(text + std::string(CommitMark::kCommitBytesMax, 'x')));
  EXPECT_FALSE(CommitMark::parse(text + std::string(CommitMark::kCommitBytesMax + 1, 'x')));
}

TEST(CommitMarkDeath, NeedsAnIdWithoutSpaces) {
  EXPECT_DEATH((void)(CommitMark{{1}, {2}, ""}).to_text(), "is_commit_id");
  EXPECT_DEATH((void)(CommitMark{{1}, {2}, "a b"}).to_text(), "is_commit_id");
}

rc::Gen<base::Offset> some_offset() {
  return rc::gen::map(rc::gen::maybe(rc::gen::oneOf(rc::gen::inRange<int64_t>(0, 1'000),
                                                    rc::gen::inRange<int64_t>(0, INT64_MAX))),
                      [](const rc::Maybe<int64_t>& value) {
                        return value ? base::Offset{*value} : base::Offset{};
                      });
}

RC_GTEST_PROP(CommitMarkProperty, ComesBackAsItWas, ()) {
  const auto id =
      *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('!', '\x7f')));
  const CommitMark mark{*some_offset(), *some_offset(), id.substr(0, CommitMark::kCommitBytesMax)};

  RC_ASSERT(CommitMark::parse(mark.to_text()) == mark);
}

rc::Gen<char> some_character() {
  return rc::gen::element(' ', '0', '1', '-', '+', 'n', '=', '\0', '\n', '\x7f');
}

// What is taken is what to_text() gives, so that two texts are never the same mark.
RC_GTEST_PROP(CommitMarkProperty, TakesNoOtherText, ()) {
  std::string text = CommitMark{*some_offset(), *some_offset(), "k3f9q2-118"}.to_text();
  const auto at = *rc::gen::inRange<size_t>(0, text.size());
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      text[at] = *some_character();
      break;
    case 1:
      text.erase(at, 1);
      break;
    default:
      text.insert(at, 1, *some_character());
  }

  const auto mark = CommitMark::parse(text);
  // (Two brackets: the macro takes || apart.)
  RC_ASSERT((!mark || mark->to_text() == text));
}

}  // namespace
}  // namespace millrace::state
