// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/dead_letter_breaker.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::flow {
namespace {

using record::Outcome;
using ::testing::ElementsAre;

class DeadLetterBreakerTest : public ::testing::Test {
 protected:
  // Outcomes by letter: 'e' emitted, 'f' filtered, and '0' to '4' dead letters by that rule.
  static bool admit(DeadLetterBreaker& breaker, std::string_view letters) {
    static const insights::Declaration& declaration = rules();
    insights::Shard shard(declaration);
    std::vector<Outcome> outcomes;
    for (const char letter : letters) {
      if (letter == 'e' || letter == 'f') {
        outcomes.push_back(letter == 'e' ? Outcome::kEmitted : Outcome::kFiltered);
        continue;
      }
      outcomes.push_back(Outcome::kDeadLettered);
      shard.count_dead_letter(static_cast<size_t>(letter - '0'));
    }
    return breaker.admit(outcomes, shard);
  }

  static const insights::Declaration& rules() {
    static const insights::Declaration declaration{.rules = {"r0", "r1", "r2", "r3", "r4"}};
    return declaration;
  }

  static DeadLetterBreaker make(double share, size_t over) { return {{share, over}, rules()}; }

  static std::vector<std::string> reasons(const DeadLetterBreaker& breaker) {
    std::vector<std::string> texts;
    for (const auto& reason : breaker.top_reasons())
      texts.push_back(reason.rule + " " + std::to_string(reason.count));
    return texts;
  }
};

std::string times(size_t count, char letter) {
  return std::string(count, letter);
}

TEST_F(DeadLetterBreakerTest, TripsAboveTheShareAndNotAtIt) {
  DeadLetterBreaker at = make(0.5, 10);
  EXPECT_TRUE(admit(at, "e0e0e0e0e0"));
  EXPECT_TRUE(admit(at, "e0e0e0e0e0"));
  EXPECT_FALSE(at.tripped());
  EXPECT_FALSE(admit(at, "0"));  // replaces an emitted one
  EXPECT_TRUE(at.tripped());
}

TEST_F(DeadLetterBreakerTest, NeverTripsBeforeItHasSeenAWholeWindow) {
  DeadLetterBreaker breaker = make(0.1, 100);
  EXPECT_TRUE(admit(breaker, times(99, '0')));
  EXPECT_FALSE(admit(breaker, "e"));
  EXPECT_EQ(breaker.sentence(),
            "99 of the last 100 records (99.0 %) became dead letters, more than 10 %: r0 99");
}

TEST_F(DeadLetterBreakerTest, FilteredRecordsAreNoDeadLetters) {
  DeadLetterBreaker breaker = make(0, 4);
  EXPECT_TRUE(admit(breaker, "ffffffff"));
  EXPECT_FALSE(admit(breaker, "f4"));
}

// 0.29 × 100 and the like are a little less than 29 in binary, others a little more.
TEST_F(DeadLetterBreakerTest, SharesInPercentAreExact) {
  for (size_t percent = 0; percent < 100; ++percent) {
    SCOPED_TRACE(percent);
    DeadLetterBreaker breaker = make(static_cast<double>(percent) / 100, 100);
    EXPECT_TRUE(admit(breaker, times(percent, '0') + times(100 - percent, 'e')));
    // Only the dead letters at the front leave the window.
    EXPECT_TRUE(admit(breaker, times(percent, '0')));
    EXPECT_FALSE(admit(breaker, "0"));
  }
}

TEST_F(DeadLetterBreakerTest, AllDeadLettersAreNotMoreThanAll) {
  DeadLetterBreaker breaker = make(1, 3);
  EXPECT_TRUE(admit(breaker, times(10, '0')));
}

TEST_F(DeadLetterBreakerTest, TellsTheMomentOfTheTripWhateverCameBehindItInTheBatch) {
  DeadLetterBreaker breaker = make(0.5, 10);
  EXPECT_FALSE(admit(breaker, "eeee000000" + times(30, 'e') + "11"));
  EXPECT_EQ(breaker.sentence(),
            "6 of the last 10 records (60.0 %) became dead letters, more than 50 %: r0 6, r1 2 "
            "(counted over the last 42)");
  // It stays as it is.
  EXPECT_FALSE(admit(breaker, times(100, 'e')));
  EXPECT_TRUE(breaker.tripped());
  EXPECT_THAT(breaker.sentence(), ::testing::StartsWith("6 of the last 10 records"));
}

// The batch that trips it may be larger than the window, and the window lie before it.
TEST_F(DeadLetterBreakerTest, CountsTheRulesOfTheWindowBeforeTheBatchThatTrips) {
  DeadLetterBreaker breaker = make(0.5, 10);
  EXPECT_TRUE(admit(breaker, "eeeee00000"));
  EXPECT_FALSE(admit(breaker, "1" + times(30, 'e')));
  EXPECT_THAT(reasons(breaker), ElementsAre("r0 5", "r1 1"));
}

TEST_F(DeadLetterBreakerTest, NamesTheThreeMostFrequentRulesFirst) {
  DeadLetterBreaker breaker = make(0.5, 20);
  EXPECT_TRUE(admit(breaker, "e1e"));
  EXPECT_TRUE(admit(breaker, "4433"));
  EXPECT_FALSE(admit(breaker,
                     "333322220"
                     "eeee"));
  EXPECT_THAT(reasons(breaker), ElementsAre("r3 6", "r2 4", "r4 2"));
}

TEST_F(DeadLetterBreakerTest, ForgetsTheRulesOfWhatLeftTheWindow) {
  DeadLetterBreaker breaker = make(0.5, 1000);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(admit(breaker, "11ee11ee11ee11ee11ee"));
  while (admit(breaker, "2e2")) {
  }
  EXPECT_THAT(reasons(breaker).front(), ::testing::StartsWith("r1 "));
  for (const auto& reason : breaker.top_reasons()) EXPECT_LE(reason.count, 520U);

  DeadLetterBreaker other = make(0.5, 1000);
  EXPECT_TRUE(admit(other, times(400, '1') + times(600, 'e')));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(admit(other, "eeeeeeeeee"));
  EXPECT_TRUE(admit(other, times(500, '2')));
  EXPECT_FALSE(admit(other, "2"));
  EXPECT_THAT(reasons(other), ElementsAre("r2 501"));
}

TEST_F(DeadLetterBreakerTest, CountsTheRulesOfSmallBatchesTogether) {
  DeadLetterBreaker breaker = make(0.25, 640);
  for (int i = 0; i < 213; ++i) ASSERT_TRUE(admit(breaker, "1ee"));
  EXPECT_FALSE(admit(breaker, "1"));
  EXPECT_EQ(breaker.sentence(),
            "214 of the last 640 records (33.4 %) became dead letters, more than 25 %: r1 214");
}

TEST_F(DeadLetterBreakerTest, AnEmptyBatchChangesNothing) {
  DeadLetterBreaker breaker = make(0, 1);
  EXPECT_TRUE(admit(breaker, ""));
  EXPECT_FALSE(admit(breaker, "0"));
}

// Against the obvious model, for any cut into batches: the same record trips it.
TEST_F(DeadLetterBreakerTest, TripsAtTheSameRecordWhateverTheBatches) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  size_t trips = 0;
  for (int round = 0; round < 300; ++round) {
    const size_t over = 1 + random() % 40;
    const auto percent = static_cast<unsigned>(random() % 101);
    std::string letters;
    for (size_t i = 0; i < 200; ++i)
      letters += random() % 100 < percent ? static_cast<char>('0' + random() % 5) : 'e';

    std::optional<size_t> expected;
    std::deque<bool> window;
    for (size_t i = 0; i < letters.size() && !expected; ++i) {
      window.push_back(letters[i] != 'e');
      if (window.size() > over) window.pop_front();
      const auto dead = static_cast<size_t>(std::count(window.begin(), window.end(), true));
      if (window.size() == over && dead * 100 > percent * over) expected = i;
    }
    if (expected) ++trips;

    DeadLetterBreaker breaker = make(percent / 100.0, over);
    size_t at = 0;
    while (at < letters.size()) {
      const size_t count = random() % 3 == 0 ? 1 : random() % 30;
      const std::string_view batch = std::string_view(letters).substr(at, count);
      const bool admitted = admit(breaker, batch);
      ASSERT_EQ(admitted, !expected || *expected >= at + batch.size()) << over << " " << percent;
      if (!admitted) break;
      at += batch.size();
    }
    if (!expected) continue;
    uint64_t dead = 0;
    for (const char letter : letters.substr(*expected + 1 < over ? 0 : *expected + 1 - over, over))
      if (letter != 'e') ++dead;
    ASSERT_TRUE(breaker.tripped());
    ASSERT_THAT(breaker.sentence(), ::testing::StartsWith(std::to_string(dead) + " of the last " +
                                                          std::to_string(over) + " records"));
  }
  EXPECT_GT(trips, 50U);
}

}  // namespace
}  // namespace millrace::flow
