// SPDX-License-Identifier: Apache-2.0
// A record has at most so many members; an element of an array may have more, until it is made a
// record of its own.
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/limits.h"
#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

std::string object_of(size_t members) {
  std::string text = "{";
  for (size_t i = 0; i < members; ++i)
    text += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":" + std::to_string(i);
  return text + "}";
}

std::string reason_of(const std::string& steps, const std::string& value) {
  const std::vector<Sent> sent = Pipeline(config_of({.input = "{topic: in, group: g, values: any}",
                                                     .rest = "steps:\n" + steps}))
                                     .run({{.value = value}});
  if (sent.empty()) return "filtered";
  return sent[0].dead() ? sent[0].header("millrace.reason") : "";
}

TEST(ExplodeLimit, RejectsAnElementWithTooManyMembersForARecord) {
  constexpr size_t kMax = base::limits::kMembersMax;

  EXPECT_EQ(reason_of("  - explode: .\n", "[" + object_of(kMax) + "]"), "");
  EXPECT_EQ(reason_of("  - explode: .\n", "[" + object_of(kMax + 1) + "]"), "step:1:explode");
  EXPECT_EQ(reason_of("  - explode: {field: a, piece: element}\n",
                      "{\"a\":[1," + object_of(kMax + 1) + "]}"),
            "step:1:explode");
}

TEST(ExplodeLimit, RejectsARecordThatStepsGaveTooManyMembers) {
  std::string record = object_of(base::limits::kMembersMax - 1);
  record.insert(1, "\"items\":[1],");
  const std::string explode = "  - explode: items\n";

  EXPECT_EQ(reason_of(explode, record), "");
  EXPECT_EQ(reason_of("  - add: {more: 1}\n" + explode, record), "step:2:explode");
}

}  // namespace
}  // namespace millrace::plan::testing
