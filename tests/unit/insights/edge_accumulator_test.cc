// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/edge_accumulator.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "engine/insights/state.h"

namespace millrace::insights {
namespace {

enum : size_t { kFirst, kLast };

const Declaration kDeclaration{
    .insights =
        {{.kind = Kind::kFirst, .name = "first", .fields = {"user"}, .keys_max = 2, .edges = {1}},
         {.kind = Kind::kLast, .name = "last", .fields = {"user"}, .keys_max = 2, .edges = {0}}},
    .parts = {{.kind = PartKind::kKeys,
               .fields = 1,
               .edges = {{Edge::kLast, "ip"}, {Edge::kFirst, "ip"}}}}};

struct Partition {
  State state{kDeclaration};

  // A record, in a batch of its own.
  void add(std::string_view user, std::string_view ip, int64_t time) {
    Shard shard(kDeclaration);
    const size_t entry = shard.add_key(0, {&user, 1});
    for (size_t edge = 0; edge < 2; ++edge)
      shard.set_edge(0, entry, edge, {.text = ip, .is_string = true, .time = time});
    state.add(shard, base::Offset{0});
  }

  [[nodiscard]] std::string value_of(size_t insight, std::string_view user) const {
    const auto result = std::get<EdgeResult>(state.result(insight).value);
    for (const EdgeResult::Row& row : result.rows)
      if (row.values[0] == user) return row.value.text;
    return "none";
  }
};

// Within a partition the offsets decide, whatever the records' times are.
TEST(Edges, AreByOffsetInAPartition) {
  Partition partition;
  partition.add("u", "1", 300);
  partition.add("u", "2", 100);

  EXPECT_EQ(partition.value_of(kFirst, "u"), "1");
  EXPECT_EQ(partition.value_of(kLast, "u"), "2");
}

TEST(Edges, AreByTimeWherePartitionsAreMerged) {
  for (const bool other_first : {false, true}) {
    Partition a;
    a.add("u", "1", 100);
    Partition b;
    b.add("u", "2", 200);
    Partition merged;
    merged.state.merge(other_first ? b.state : a.state);
    merged.state.merge(other_first ? a.state : b.state);

    EXPECT_EQ(merged.value_of(kFirst, "u"), "1");
    EXPECT_EQ(merged.value_of(kLast, "u"), "2");
  }
}

TEST(Edges, OfTheKeysThatCameFirstAreKept) {
  Partition a;
  for (const char* user : {"a", "b", "c", "c"}) a.add(user, "1", 0);
  EXPECT_EQ(a.value_of(kLast, "c"), "none");
  EXPECT_EQ(a.state.result(kLast).not_kept, 2U);
  EXPECT_EQ(a.state.result(kLast).counted, 4U);

  Partition b;
  b.add("c", "2", 0);
  a.state.merge(b.state);
  EXPECT_EQ(a.value_of(kLast, "c"), "2");
  EXPECT_EQ(a.state.result(kLast).not_kept, 2U);
}

}  // namespace
}  // namespace millrace::insights
