// SPDX-License-Identifier: Apache-2.0
#include "engine/record/arena.h"

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::record {
namespace {

TEST(Arena, HoldsNothingUntilAsked) {
  const Arena arena;

  EXPECT_EQ(arena.used(), 0U);
  EXPECT_EQ(arena.footprint(), 0U);
}

// Pieces of random sizes, each filled with its own pattern: no two may overlap or move.
TEST(Arena, KeepsEveryPieceAsItWasWritten) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  Arena arena;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::pair<char*, size_t>> pieces;
    size_t taken = 0;
    for (size_t i = 0; i < 3000; ++i) {
      const size_t size = i % 500 == 499 ? Arena::kChunkBytes + random() % 100'000 : random() % 300;
      pieces.emplace_back(arena.take(size), size);
      std::fill_n(pieces.back().first, size, static_cast<char>(i));
      taken += size;
    }

    for (size_t i = 0; i < pieces.size(); ++i) {
      const std::string_view piece(pieces[i].first, pieces[i].second);
      ASSERT_EQ(piece.find_first_not_of(static_cast<char>(i)), piece.npos) << "piece " << i;
    }
    EXPECT_EQ(arena.used(), taken);
    arena.reset();
    EXPECT_EQ(arena.used(), 0U);
  }
}

TEST(Arena, TakesFromKeptChunksAfterReset) {
  Arena arena;
  for (int i = 0; i < 100; ++i) (void)arena.take(10'000);
  const size_t footprint = arena.footprint();

  arena.reset();
  for (int i = 0; i < 100; ++i) (void)arena.take(10'000);

  EXPECT_EQ(arena.footprint(), footprint);
}

TEST(Arena, GivesBackAChunkMadeForALargePiece) {
  Arena arena;
  (void)arena.take(10);
  (void)arena.take(Arena::kChunkBytes * 10);
  EXPECT_EQ(arena.footprint(), Arena::kChunkBytes * 11);

  arena.reset();

  EXPECT_EQ(arena.footprint(), Arena::kChunkBytes);
}

TEST(Arena, KeepsNoMoreThanItsLimit) {
  Arena arena;
  while (arena.footprint() <= Arena::kKeptBytesMax * 2) (void)arena.take(Arena::kChunkBytes);

  arena.reset();

  EXPECT_EQ(arena.footprint(), Arena::kKeptBytesMax);
}

TEST(Arena, UsesKeptChunksAlsoBehindALargePiece) {
  Arena arena;
  for (int i = 0; i < 4; ++i) (void)arena.take(Arena::kChunkBytes);
  arena.reset();

  (void)arena.take(Arena::kChunkBytes * 2);
  for (int i = 0; i < 3; ++i) (void)arena.take(Arena::kChunkBytes);

  EXPECT_EQ(arena.footprint(), Arena::kChunkBytes * 6);
}

TEST(Arena, BeginsSmallWhereThatIsAskedFor) {
  Arena arena(Arena::kSmallChunkBytes);
  (void)arena.take(10);
  EXPECT_EQ(arena.footprint(), Arena::kSmallChunkBytes);
  for (int i = 0; i < 100; ++i) (void)arena.take(100);
  // 512, 1,024 and so on up to 8,192: less than twice what is used.
  EXPECT_EQ(arena.footprint(), 15'872U);
  for (int i = 0; i < 10'000; ++i) (void)arena.take(100);
  const size_t footprint = arena.footprint();
  EXPECT_LE(footprint, 1'000'000 + 2 * Arena::kChunkBytes);

  arena.reset();

  EXPECT_EQ(arena.footprint(), footprint);
  for (int i = 0; i < 10'000; ++i) (void)arena.take(100);
  EXPECT_EQ(arena.footprint(), footprint);
}

TEST(Arena, ThatBeginsSmallTakesLargePieces) {
  Arena arena(Arena::kSmallChunkBytes);
  (void)arena.take(10);
  EXPECT_EQ(arena.copy(std::string(5'000, 'x')), std::string(5'000, 'x'));
  EXPECT_EQ(arena.footprint(), 512U + 8'192U);
  (void)arena.take(Arena::kChunkBytes * 2);
  EXPECT_EQ(arena.footprint(), 512U + 8'192U + Arena::kChunkBytes * 2);

  arena.reset();

  EXPECT_EQ(arena.footprint(), 512U + 8'192U);
}

TEST(Arena, AlignsArrays) {
  Arena arena;
  for (size_t i = 1; i < 50; ++i) {
    (void)arena.take(i);
    uint64_t* numbers = arena.take_array<uint64_t>(i);
    ASSERT_EQ(reinterpret_cast<uintptr_t>(numbers) % alignof(uint64_t), 0U);
    for (size_t j = 0; j < i; ++j) numbers[j] = ~uint64_t{0};
  }
}

TEST(Arena, ClaimsOnlyWhatWasWrittenOfAReservation) {
  Arena arena;
  char* reserved = arena.reserve(1000);
  reserved[0] = 'a';
  arena.claim(1);

  EXPECT_EQ(arena.used(), 1U);
  EXPECT_EQ(arena.take(1), reserved + 1);
}

TEST(Arena, CopiesTheEmptyString) {
  Arena arena;

  EXPECT_EQ(arena.copy("").size(), 0U);
  EXPECT_EQ(arena.copy("x"), "x");
}

}  // namespace
}  // namespace millrace::record
