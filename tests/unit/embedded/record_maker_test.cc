// SPDX-License-Identifier: Apache-2.0
#include "engine/embedded/record_maker.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include <gtest/gtest.h>

namespace millrace::embedded {
namespace {

constexpr int64_t kTime = 1'720'655'268;

std::string text(const MadeRecord& made) {
  return std::string(made.key) + "\n" + std::string(made.value.value_or("(null)"));
}

// One record of the kind, the others switched off.
std::string only(Defect defect) {
  RecordMakerOptions options;
  options.defects.set(defect, DefectShares::kWhole);
  RecordMaker maker(options);
  return std::string(maker.next(kTime).value.value_or("(null)"));
}

TEST(RecordMaker, MakesTheSameBytesFromTheSameSeedOnEveryMachine) {
  RecordMaker first({.seed = 7, .defects = DefectShares::mixed(50'000)});
  RecordMaker second({.seed = 7, .defects = DefectShares::mixed(50'000)});
  RecordMaker other({.seed = 8, .defects = DefectShares::mixed(50'000)});
  bool differs = false;
  for (int i = 0; i < 2000; ++i) {
    const std::string made = text(first.next(kTime + i));
    EXPECT_EQ(made, text(second.next(kTime + i)));
    differs = differs || made != text(other.next(kTime + i));
  }
  EXPECT_TRUE(differs);

  // Written down, so that another library or compiler that makes other bytes is noticed.
  RecordMaker maker({.seed = 7, .defects = {}});
  EXPECT_EQ(text(maker.next(kTime)),
            "f3056754-7a34-4162-9e0e-dcc1206967ce\n"
            "{\"user_id\": \"e4546c04-d9ff-4cf6-a42a-5f87d0a7dedd\", \"app_version\": \"2.3.0\", "
            "\"ip\": \"1.253.217.108\", \"locale\": \"GA\", "
            "\"device_id\": \"e694f637-8f1c-4446-81d5-1c773e6f53e1\", "
            "\"timestamp\": 1720655268, \"device_type\": \"android\"}");
}

TEST(RecordMaker, LooksLikeTheRealGenerator) {
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  const std::regex record(
      "\\{\"user_id\": \"[0-9a-f-]{36}\", \"app_version\": \"2\\.3\\.0\", "
      "\"ip\": \"(\\d{1,3}\\.){3}\\d{1,3}\", \"locale\": \"[A-Z]{2}\", "
      "\"device_id\": \"[0-9a-f-]{36}\", \"timestamp\": 1720655268, "
      "\"device_type\": \"(android|iOS)\"\\}");
  RecordMaker maker({});
  std::set<std::string> keys;
  std::map<std::string, int> devices;
  size_t bytes = 0;
  for (int i = 0; i < 4000; ++i) {
    const MadeRecord made = maker.next(kTime);
    ASSERT_TRUE(made.value.has_value());
    const std::string value(*made.value);
    EXPECT_TRUE(std::regex_match(std::string(made.key), uuid)) << made.key;
    EXPECT_TRUE(std::regex_match(value, record)) << value;
    keys.insert(std::string(made.key));
    ++devices[value.find("\"iOS\"") == std::string::npos ? "android" : "iOS"];
    bytes += value.size();
  }
  EXPECT_EQ(keys.size(), 4000U);
  EXPECT_NEAR(devices["iOS"], 2000, 200);
  EXPECT_NEAR(static_cast<double>(bytes) / 4000, 215, 5);
}

TEST(RecordMaker, KeepsItsShares) {
  RecordMakerOptions options;
  options.defects.set(Defect::kTombstone, 100'000);
  options.defects.set(Defect::kNotJson, 20'000);
  RecordMaker maker(options);
  for (int i = 0; i < 100'000; ++i) static_cast<void>(maker.next(kTime));

  const auto tally = maker.tally();
  const auto of = [&](Defect defect) {
    return static_cast<double>(tally[static_cast<size_t>(defect)]);
  };
  EXPECT_NEAR(of(Defect::kTombstone), 10'000, 500);
  EXPECT_NEAR(of(Defect::kNotJson), 2'000, 250);
  EXPECT_EQ(of(Defect::kNone) + of(Defect::kTombstone) + of(Defect::kNotJson), 100'000);
}

TEST(RecordMaker, DrawsUsersFromAPoolOfAGivenSize) {
  RecordMaker maker({.defects = {}, .users = 10});
  std::set<std::string> users;
  for (int i = 0; i < 1000; ++i) {
    const std::string value(*maker.next(kTime).value);
    users.insert(value.substr(value.find(": \"") + 3, 36));
  }
  EXPECT_EQ(users.size(), 10U);
}

TEST(RecordMaker, EachDefectIsWhatItsNameSays) {
  EXPECT_EQ(only(Defect::kMissingDeviceType).find("device_type"), std::string::npos);
  EXPECT_NE(only(Defect::kStringTimestamp).find("\"timestamp\": \"1720655268\""),
            std::string::npos);
  EXPECT_NE(only(Defect::kNullLocale).find("\"locale\": null"), std::string::npos);
  EXPECT_EQ(only(Defect::kOldVersion).find("2.3.0"), std::string::npos);
  EXPECT_NE(only(Defect::kNotJson).back(), '}');
  EXPECT_EQ(only(Defect::kNotObject).front(), '[');
  EXPECT_EQ(only(Defect::kNotObject).back(), ']');
  EXPECT_NE(only(Defect::kBadUtf8).find('\xff'), std::string::npos);
  EXPECT_EQ(only(Defect::kTombstone), "(null)");
  const std::string twice = only(Defect::kDuplicateMember);
  EXPECT_NE(twice.find("device_type"), twice.rfind("device_type"));
  EXPECT_TRUE(
      std::regex_search(only(Defect::kBigNumber), std::regex("\"serial\": [1-9]\\d{29}\\}")));
  const std::string deep = only(Defect::kDeepNesting);
  EXPECT_EQ(std::count(deep.begin(), deep.end(), '['), 10'000);
  EXPECT_EQ(only(Defect::kHuge).size(), 1'000'000U);
}

}  // namespace
}  // namespace millrace::embedded
