// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/partitioner.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace millrace::plan {
namespace {

// From UtilsTest.testMurmur2 of Apache Kafka; Java shows the hash as a signed number.
TEST(Murmur2, GivesTheNumbersOfKafkasJavaClient) {
  const std::map<std::string_view, int32_t> known{
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107}};
  for (const auto& [key, hash] : known) EXPECT_EQ(murmur2(key), static_cast<uint32_t>(hash)) << key;
}

TEST(Murmur2, TakesBytesAboveAsciiAsUnsigned) {
  // murmur2 of the bytes e9 ff 80 (a tail of three, all negative as signed bytes), reckoned by hand
  // with the reference algorithm.
  const std::string_view key("\xe9\xff\x80");
  uint32_t hash = 0x9747b28cU ^ 3U;
  hash ^= 0x80U << 16 ^ 0xffU << 8 ^ 0xe9U;
  hash *= 0x5bd1e995U;
  hash ^= hash >> 13;
  hash *= 0x5bd1e995U;
  hash ^= hash >> 15;
  EXPECT_EQ(murmur2(key), hash);
}

TEST(OutputPartition, FollowsTheKeyAsJavaDoes) {
  // Utils.toPositive(murmur2("foobar")) % 7 and so on.
  const auto expected = [](int32_t hash, int32_t count) { return (hash & 0x7fffffff) % count; };
  EXPECT_EQ(output_partition(record::Bytes::of("foobar"), 5, 7), expected(-790332482, 7));
  EXPECT_EQ(output_partition(record::Bytes::of("abc"), 5, 7), expected(479470107, 7));
  EXPECT_EQ(output_partition(record::Bytes::of("21"), 0, 50), expected(-973932308, 50));
}

TEST(OutputPartition, FollowsTheInputPartitionWithoutAKey) {
  EXPECT_EQ(output_partition(record::Bytes(), 5, 4), 1);
  EXPECT_EQ(output_partition(record::Bytes(), 3, 4), 3);
}

TEST(OutputPartition, TakesAnEmptyKeyForAKey) {
  for (int32_t input = 0; input < 4; ++input) {
    EXPECT_EQ(output_partition(record::Bytes::of(""), input, 1000),
              static_cast<int32_t>(murmur2("") & 0x7fffffffU) % 1000);
  }
}

TEST(OutputPartition, StaysInsideTheTopic) {
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = std::to_string(i);
    const int32_t partition = output_partition(record::Bytes::of(key), 0, 3);
    ASSERT_GE(partition, 0) << key;
    ASSERT_LT(partition, 3) << key;
    ASSERT_EQ(output_partition(record::Bytes::of(key), 7, 1), 0) << key;
  }
}

}  // namespace
}  // namespace millrace::plan
