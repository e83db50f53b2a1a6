// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/replay_progress.h"

#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::operate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

const base::TopicPartition kOne{"dead/letters", 1};
const base::TopicPartition kTwo{"dead/letters", 2};

TEST(ReplayProgress, NotesEachOffsetByItself) {
  ReplayProgress progress;

  progress.mark(kOne, 5, 100);
  progress.mark(kOne, 7, 101);

  EXPECT_TRUE(progress.done(kOne, 5));
  EXPECT_FALSE(progress.done(kOne, 6));
  EXPECT_TRUE(progress.done(kOne, 7));
  EXPECT_FALSE(progress.done(kTwo, 5));
  EXPECT_EQ(progress.highest(kOne), 7);
  EXPECT_EQ(progress.highest(kTwo), std::nullopt);
  EXPECT_EQ(progress.count(), 2U);
}

TEST(ReplayProgress, WritesRangesOfEachChunkThatChanged) {
  ReplayProgress progress;
  for (const int64_t offset : {0, 1, 2, 9, 8191, 8192, 16384 + 4}) progress.mark(kOne, offset, 3);

  EXPECT_THAT(
      progress.take_changes(),
      ElementsAre(
          Pair("dead/letters/1/0",
               R"({"version":1,"done":"0-2,9,8191","last":[8191,3],"newest":3})"),
          Pair("dead/letters/1/1", R"({"version":1,"done":"0","last":[8192,3],"newest":3})"),
          Pair("dead/letters/1/2", R"({"version":1,"done":"4","last":[16388,3],"newest":3})")));
  EXPECT_THAT(progress.take_changes(), IsEmpty());
}

TEST(ReplayProgress, ReadsWhatItWrote) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  ReplayProgress written;
  ReplayProgress read;
  std::set<int64_t> done;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 50; ++i) {
      const int64_t offset = static_cast<int64_t>(random() % 20'000);
      written.mark(kTwo, offset, offset + 7);
      done.insert(offset);
    }
    for (const auto& [key, value] : written.take_changes())
      ASSERT_TRUE(read.take(key, value).ok()) << value;
    for (int64_t offset = 0; offset < 20'000; ++offset)
      ASSERT_EQ(read.done(kTwo, offset), done.contains(offset)) << offset;
  }
  EXPECT_EQ(read.highest(kTwo), *done.rbegin());
}

// Two replays that do not know of each other may both have written one.
TEST(ReplayProgress, WhatWasDoneOnceStaysDone) {
  ReplayProgress progress;
  for (const char* value : {R"({"version":1,"done":"0-2,9","last":[9,30],"newest":35})",
                            R"({"version":1,"done":"1,4","last":[4,20],"newest":20})"})
    ASSERT_TRUE(progress.take("d/0/0", value).ok());

  progress.mark({"d", 0}, 7, 25);

  EXPECT_THAT(
      progress.take_changes(),
      ElementsAre(Pair("d/0/0", R"({"version":1,"done":"0-2,4,7,9","last":[9,30],"newest":35})")));
}

TEST(ReplayProgress, KnowsALetterThatIsNewerThanAllThatWereDone) {
  ReplayProgress progress;
  progress.mark(kOne, 5, 100);  // a clock that is ahead
  progress.mark(kOne, 3, 70);
  progress.mark(kOne, 7, 90);

  EXPECT_FALSE(progress.contradicts(kOne, 5, 100));
  EXPECT_FALSE(progress.contradicts(kOne, 3, 100));
  EXPECT_TRUE(progress.contradicts(kOne, 3, 101));
  EXPECT_FALSE(progress.contradicts(kOne, 4, 101)) << "it is not done";
}

TEST(ReplayProgress, GoesOnWithNotesThatDoNotHaveTheNewest) {
  ReplayProgress progress;
  ASSERT_TRUE(progress.take("d/0/0", R"({"version":1,"done":"0-2","last":[2,30]})").ok());
  EXPECT_FALSE(progress.contradicts({"d", 0}, 1, 1000));

  progress.mark({"d", 0}, 3, 40);

  EXPECT_THAT(progress.take_changes(),
              ElementsAre(Pair("d/0/0", R"({"version":1,"done":"0-3","last":[3,40]})")));
}

TEST(ReplayProgress, KnowsALetterThatIsAnotherOne) {
  ReplayProgress progress;
  progress.mark(kOne, 5, 100);
  progress.mark(kOne, 3, 90);

  EXPECT_FALSE(progress.contradicts(kOne, 5, 100));
  EXPECT_TRUE(progress.contradicts(kOne, 5, 101));
  EXPECT_FALSE(progress.contradicts(kOne, 6, 1));
  EXPECT_FALSE(progress.contradicts(kTwo, 5, 1));
}

TEST(ReplayProgress, RefusesWhatIsNone) {
  const std::string good = R"({"version":1,"done":"0-2,9","last":[9,3]})";
  ReplayProgress progress;
  EXPECT_TRUE(progress.take("d/0/0", good).ok());
  for (const char* key : {"", "d", "d/0", "d/x/0", "d/0/x", "d/0/0x", "/"})
    EXPECT_FALSE(progress.take(key, good).ok()) << key;
  for (const char* value :
       {"", "{}", R"({"version":2,"done":"0","last":[0,3]})",
        R"({"version":1,"done":"","last":[0,3]})", R"({"version":1,"done":"2-1","last":[0,3]})",
        R"({"version":1,"done":"8192","last":[0,3]})", R"({"version":1,"done":"-1","last":[0,3]})",
        R"({"version":1,"done":"0","last":[0,3],"newest":})",
        R"({"version":1,"done":"0","last":[0,3],"newest":3)",
        R"({"version":1,"done":"0,","last":[0,3]})", R"({"version":1,"done":"0","last":[0,3]}x)"})
    EXPECT_FALSE(progress.take("d/0/0", value).ok()) << value;
}

}  // namespace
}  // namespace millrace::operate
