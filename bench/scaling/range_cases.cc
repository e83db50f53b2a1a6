// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the range assignor: of each topic, the members in the order of their names get
// runs of partitions, the first P mod N members one more than the others. It gives to each topic's
// first members; so the ones that many topics do not divide evenly add up on the first copies.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bench/scaling/check.h"
#include "bench/scaling/section.h"

namespace millrace::bench {
namespace {

// By partition of one topic: which of the copies has it.
std::vector<int32_t> owners(int32_t partitions, int32_t copies) {
  std::vector<int32_t> owners;
  const int32_t each = partitions / copies;
  const int32_t more = partitions % copies;
  for (int32_t copy = 0; copy < copies; ++copy)
    owners.insert(owners.end(), static_cast<size_t>(each + (copy < more ? 1 : 0)), copy);
  check(owners.size() == static_cast<size_t>(partitions), "partitions are left over");
  return owners;
}

// The share of a topic's partitions that have another owner when `gone` leaves, those of `gone` not
// among them.
double moved(int32_t partitions, int32_t copies, int32_t gone) {
  const std::vector<int32_t> before = owners(partitions, copies);
  const std::vector<int32_t> after = owners(partitions, copies - 1);
  int32_t moved = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    const int32_t now = after[i] < gone ? after[i] : after[i] + 1;
    if (before[i] != gone && now != before[i]) ++moved;
  }
  return static_cast<double>(moved) / partitions;
}

Numbers assign(int32_t topics, int32_t partitions, int32_t copies) {
  std::vector<int32_t> had(static_cast<size_t>(copies));
  for (int32_t topic = 0; topic < topics; ++topic) {
    for (const int32_t owner : owners(partitions, copies)) ++had[static_cast<size_t>(owner)];
  }
  const auto [least, most] = std::minmax_element(had.begin(), had.end());
  const double mean = static_cast<double>(topics) * partitions / copies;
  return {static_cast<double>(*least),
          static_cast<double>(*most),
          *most / mean,
          moved(partitions, copies, 0),
          moved(partitions, copies, copies / 2),
          moved(partitions, copies, copies - 1)};
}

}  // namespace

Section range_cases() {
  Section section;
  section.name = "range";
  section.title = "Range assignor: partitions of a copy, and what one that leaves moves of others";
  section.columns = {{"least", "least", 1, 0},
                     {"most", "most", 1, 0},
                     {"most_over_mean", "most over mean", 1, 3},
                     {"moved_by_first", "first goes: % moved", 0.01, 1},
                     {"moved_by_middle", "middle", 0.01, 1},
                     {"moved_by_last", "last", 0.01, 1}};

  struct Size {
    int32_t topics, partitions, copies;
  };

  for (const Size& size : std::initializer_list<Size>{{1, 10'000, 8},
                                                      {1, 10'000, 64},
                                                      {1, 10'000, 1'000},
                                                      {1, 10'240, 64},
                                                      {10, 1'000, 64},
                                                      {100, 100, 64}}) {
    section.cases.push_back(
        {fmt::format("{} x {} on {}", size.topics, size.partitions, size.copies),
         [size] { return assign(size.topics, size.partitions, size.copies); }, 1});
  }
  return section;
}

}  // namespace millrace::bench
