// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/embedded/record_maker.h"

namespace millrace::embedded {
namespace {

TEST(DefectShares, APlainShareIsTheDocumentedMixAndComesToTheShare) {
  auto shares = DefectShares::parse("5%");

  ASSERT_TRUE(shares.ok());
  EXPECT_EQ(shares.value().total(), 50'000U);
  EXPECT_EQ(shares.value().of(Defect::kMissingDeviceType), 25'000U);
  EXPECT_EQ(shares.value().of(Defect::kOldVersion), 5'000U);
  EXPECT_EQ(shares.value().of(Defect::kDeepNesting), 250U);
  EXPECT_EQ(shares.value().of(Defect::kHuge), 0U);
}

TEST(DefectShares, NamedSharesAreExactAndAddToTheMix) {
  auto shares = DefectShares::parse("tombstone=0.1%, huge = 0.0001 %");
  ASSERT_TRUE(shares.ok());
  EXPECT_EQ(shares.value().of(Defect::kTombstone), 1000U);
  EXPECT_EQ(shares.value().of(Defect::kHuge), 1U);
  EXPECT_EQ(shares.value().total(), 1001U);

  auto both = DefectShares::parse("1%,tombstone=2%");
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(both.value().total(), 30'000U);
}

TEST(DefectShares, SaysWhatItCannotRead) {
  for (const char* text : {"5", "x%", "5%%", "-1%", "0.00001%", "bogus=1%", "none=1%", "101%",
                           "60%,tombstone=50%", "99999999999%", "%", ".", "tombstone="}) {
    EXPECT_FALSE(DefectShares::parse(text).ok()) << text;
  }
  EXPECT_NE(DefectShares::parse("bogus=1%").message().find("bad_utf8"), std::string::npos);
  EXPECT_TRUE(DefectShares::parse("0%").ok());
  EXPECT_TRUE(DefectShares::parse("100%").ok());
}

TEST(DefectShares, EveryKindHasANameOfItsOwn) {
  for (size_t i = 0; i < kDefectCount; ++i) {
    const auto defect = static_cast<Defect>(i);
    EXPECT_EQ(defect_of(name(defect)), defect);
  }
  EXPECT_EQ(defect_of("nothing"), std::nullopt);
}

}  // namespace
}  // namespace millrace::embedded
