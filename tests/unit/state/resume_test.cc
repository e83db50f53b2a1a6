// SPDX-License-Identifier: Apache-2.0
#include "engine/state/resume.h"

#include <gtest/gtest.h>

namespace millrace::state {
namespace {

using Kind = Resume::Kind;

CommitMark mark(int64_t state, CommitMark::Moved moved = CommitMark::Moved::kNo) {
  return {{state}, {state}, "run-1", moved};
}

TEST(Resume, BeginsWhereThereIsNothing) {
  EXPECT_EQ(resume_of({}, {}, {}, "p.state").kind, Kind::kAnew);
  EXPECT_EQ(resume_of({}, {}, {7}, "p.state").kind, Kind::kAnew);
  EXPECT_EQ(resume_of({}, mark(-1), {7}, "p.state").kind, Kind::kAnew);
}

TEST(Resume, GoesOnWithTheStateThatTheCommitNames) {
  EXPECT_EQ(resume_of(base::Offset{5}, mark(5), {7}, "p.state").kind, Kind::kGoesOn);
  EXPECT_EQ(resume_of(base::Offset{7}, mark(7), {7}, "p.state").kind, Kind::kGoesOn);
}

TEST(Resume, AStateThatIsGoneIsAMistake) {
  const Resume resume = resume_of({}, mark(5), {7}, "p.state");

  EXPECT_EQ(resume.kind, Kind::kMistaken);
  EXPECT_EQ(resume.why,
            "it was committed with the insights' state up to offset 5, and topic p.state has none");
}

TEST(Resume, AnOffsetThatSomebodyMovedIsAMistake) {
  EXPECT_EQ(resume_of(base::Offset{5}, {}, {7}, "p.state").kind, Kind::kMistaken);
  EXPECT_EQ(resume_of(base::Offset{5}, mark(4), {7}, "p.state").kind, Kind::kMistaken);
  EXPECT_EQ(resume_of(base::Offset{5}, mark(5), {4}, "p.state").kind, Kind::kMistaken);
  EXPECT_EQ(resume_of(base::Offset{5}, {}, {}, "p.state").why,
            "its insights were left at offset 5, and the group's committed offset was moved since; "
            "it is nowhere: it has no committed offset");
}

TEST(Resume, AWishOfWhoMovedItCountsWhateverTheTopicHas) {
  for (const std::optional<base::Offset> written :
       {std::optional<base::Offset>(), std::optional(base::Offset{5})}) {
    EXPECT_EQ(resume_of(written, mark(-1, CommitMark::Moved::kReset), {2}, "p.state").kind,
              Kind::kReset);
    EXPECT_EQ(resume_of(written, mark(-1, CommitMark::Moved::kKeep), {9}, "p.state").kind,
              Kind::kKeep);
  }
}

TEST(CommitMarkMoved, SaysWhatTheInsightsAreToDo) {
  const CommitMark reset = mark(-1, CommitMark::Moved::kReset);
  const CommitMark keep = mark(-1, CommitMark::Moved::kKeep);

  EXPECT_EQ(reset.to_text(), "millrace 1 state=none closed=none moved=reset commit=run-1");
  EXPECT_EQ(CommitMark::parse(reset.to_text()), reset);
  EXPECT_EQ(CommitMark::parse(keep.to_text()), keep);
  EXPECT_EQ(CommitMark::parse("millrace 1 state=none closed=none moved=away commit=a"),
            std::nullopt);
  EXPECT_EQ(CommitMark::parse("millrace 1 state=none closed=none moved=reset  commit=a"),
            std::nullopt);
}

}  // namespace
}  // namespace millrace::state
