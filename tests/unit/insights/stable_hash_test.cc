// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/stable_hash.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::insights {
namespace {

// `size` bytes of which no two stretches are alike.
std::string bytes(size_t size) {
  std::string text;
  uint32_t state = 2654435761U;
  for (size_t i = 0; i < size; ++i) {
    text += static_cast<char>(state >> 24);
    state = state * 1664525U + 1013904223U;
  }
  return text;
}

// Durable state holds what these hashes came to: a change of any of them makes it worthless.
TEST(StableHash, IsWhatItWas) {
  EXPECT_EQ(stable_hash(""), 0x2D06800538D394C2U);
  EXPECT_EQ(stable_hash("a"), 0xE6C632B61E964E1FU);
  EXPECT_EQ(stable_hash("abc"), 0x78AF5F94892F3950U);
  // XXH3 has another way for each of these ranges of lengths: to 3, 8, 16, 128, 240 and beyond. The
  // hashes are those of the shared library, and the program uses the header alone.
  const std::vector<std::pair<size_t, uint64_t>> by_size{
      {1, 0xDD02FBE6D2C66464U},    {3, 0x9CA83814F1492A1EU},    {4, 0x60D3D884E26757DCU},
      {8, 0xDFF82C39DF3FBE0DU},    {9, 0x28E9AE86A24B26D2U},    {16, 0xAC1D739D55E21E2BU},
      {17, 0x2F3499FE7849DA47U},   {128, 0xCD6950F3C9455880U},  {129, 0x8E09268F8ECD8D51U},
      {240, 0xB7B2CF0586E3437BU},  {241, 0xD1D41359603E6E53U},  {1024, 0xC91658D706449DB0U},
      {1025, 0x1D1628FC4E6CBA7EU}, {5000, 0x2F3FEE5A52058618U},
  };
  for (const auto& [size, hash] : by_size) EXPECT_EQ(stable_hash(bytes(size)), hash) << size;
}

TEST(StableHash, DoesNotDependOnWhereTheKeyLies) {
  for (const size_t size : {3U, 16U, 128U, 5000U}) {
    const std::string key = bytes(size);
    for (size_t before = 1; before < 9; ++before) {
      const std::string moved = std::string(before, 'x') + key;
      EXPECT_EQ(stable_hash(std::string_view(moved).substr(before)), stable_hash(key));
    }
  }
}

TEST(StableHash, DependsOnEveryByteAndOnTheLength) {
  for (const size_t size : {1U, 9U, 17U, 129U, 300U}) {
    const std::string key = bytes(size);
    const uint64_t hash = stable_hash(key);
    EXPECT_NE(stable_hash(key + '\0'), hash);
    for (size_t i = 0; i < size; ++i) {
      std::string other = key;
      other[i] = static_cast<char>(other[i] ^ 1);
      EXPECT_NE(stable_hash(other), hash) << size << " " << i;
    }
  }
}

}  // namespace
}  // namespace millrace::insights
