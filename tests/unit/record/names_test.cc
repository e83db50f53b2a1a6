// SPDX-License-Identifier: Apache-2.0
#include "engine/record/names.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::record {
namespace {

TEST(NameTable, GivesOneNumberToEachName) {
  NameTable names;

  const NameId a = names.intern("a");
  const NameId b = names.intern("b");

  EXPECT_NE(a, b);
  EXPECT_EQ(a, names.intern("a"));
  EXPECT_EQ(2U, names.size());
  EXPECT_EQ(a, names.find("a"));
  EXPECT_EQ(kNoName, names.find("c"));
  EXPECT_EQ(kNoName, names.find(""));
  EXPECT_EQ("a", names.plain(a));
}

TEST(NameTable, KnowsTheNameAsAJsonString) {
  NameTable names;

  EXPECT_EQ(R"("user_id")", names.text(names.intern("user_id")).quoted);
  EXPECT_EQ(R"("a\"\\\n")", names.text(names.intern("a\"\\\n")).quoted);
  EXPECT_EQ("\"\"", names.text(names.intern("")).quoted);
}

TEST(NameTable, StaysRightAsItGrows) {
  NameTable names;
  std::vector<std::string_view> plain;

  for (int i = 0; i < 1'000; ++i) {
    const std::string name = "n" + std::to_string(i);
    ASSERT_EQ(i, names.intern(name));
    plain.push_back(names.plain(i));
  }

  for (int i = 0; i < 1'000; ++i) {
    ASSERT_EQ("n" + std::to_string(i), plain[static_cast<size_t>(i)]);
    ASSERT_EQ(i, names.find(plain[static_cast<size_t>(i)]));
  }
}

}  // namespace
}  // namespace millrace::record
