// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "engine/insights/edge_values.h"
#include "engine/insights/exact_sum.h"
#include "engine/insights/magnitude_counts.h"
#include "tests/counting_new.h"

namespace millrace::insights {
namespace {

// Fills what a recycled shard has, as one batch after the other does; the second one is different,
// but as large.
template <typename Fill, typename Clear>
size_t allocations_of_later_batches(Fill fill, Clear clear) {
  fill(0);
  clear();
  const size_t before = tests::allocations();
  for (int batch = 1; batch < 4; ++batch) {
    fill(batch);
    clear();
  }
  return tests::allocations() - before;
}

TEST(SketchesMemory, MagnitudeCountsAllocateNothingWhenRecycled) {
  MagnitudeCounts counts;
  const auto fill = [&counts](int batch) {
    for (int i = 0; i < 1'000; ++i) {
      counts.add(Number(std::ldexp(1 + i / 1'000.0, i % 20 + batch)));
      counts.add(Number(static_cast<int64_t>(-i)));
    }
  };
  EXPECT_EQ(allocations_of_later_batches(fill, [&counts] { counts.clear(); }), 0U);
}

TEST(SketchesMemory, SumsAllocateNothingWhenRecycled) {
  ExactSum sum;
  const auto fill = [&sum](int batch) {
    for (int i = 0; i < 2'000; ++i) {
      sum.add(Number(std::ldexp(1.1, i % 200 + batch)));
      sum.add(Number(static_cast<int64_t>(i)));
    }
  };
  EXPECT_EQ(allocations_of_later_batches(fill, [&sum] { sum.clear(); }), 0U);
}

TEST(SketchesMemory, SumsOfIntegersAllocateNothingAtAll) {
  const size_t before = tests::allocations();
  ExactSum sum;
  for (int64_t i = 0; i < 1'000; ++i) sum.add(Number(i << 50));
  EXPECT_EQ(tests::allocations(), before);
  EXPECT_GT(sum.sum().real(), 0);
}

TEST(SketchesMemory, EdgeValuesAllocateNothingWhenRecycled) {
  EdgeValues values(2);
  const std::string text(200, 'x');
  const auto fill = [&](int batch) {
    for (size_t i = 0; i < 1'000; ++i) {
      const EdgeValue value{
          .text = std::string_view(text).substr(0, 100 + i % 50), .is_string = true, .time = batch};
      values.set(i % 300, 0, Edge::kFirst, value);
      values.set(i % 300, 1, Edge::kLast, value);
    }
  };
  EXPECT_EQ(allocations_of_later_batches(fill, [&values] { values.clear(); }), 0U);
}

}  // namespace
}  // namespace millrace::insights
