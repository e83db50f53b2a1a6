// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "engine/report/report.h"
#include "tests/unit/report/document.h"
#include "tests/unit/report/example.h"

namespace millrace::report {
namespace {

// The document without its `run` member, which is the last.
std::string without_run(const std::string& json) {
  return json.substr(0, json.find("  \"run\""));
}

TEST(ReportJson, IsWhatItsDocumentShows) {
  Example example;
  const std::string json = to_json(example.report);
  EXPECT_NE(report_document().find("```json\n" + json + "```"), std::string::npos) << json;
}

TEST(ReportJson, ReadsBack) {
  Example example;
  example.report.pipeline = "a \"pipeline\"\n\xFF";
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(to_json(example.report)).get(root), simdjson::SUCCESS);

  EXPECT_EQ(uint64_t{root["version"]}, 1U);
  EXPECT_EQ(std::string_view{root["pipeline"]}, "a \"pipeline\"\n\uFFFD");
  EXPECT_EQ(uint64_t{root["totals"]["consumed"]}, 1'000U);
  EXPECT_EQ(uint64_t{root["totals"]["emitted"]}, 940U);
  EXPECT_EQ(uint64_t{root["totals"]["filtered"]}, 10U);
  EXPECT_EQ(uint64_t{root["totals"]["dead_lettered"]}, 50U);
  EXPECT_EQ(uint64_t{root["dead_letters"]["parse:syntax"]}, 18U);
  EXPECT_EQ(simdjson::dom::object{root["dead_letters"]}.size(), 3U);
  EXPECT_EQ(int64_t{root["partitions"].at(1)["first_offset"]}, 1'000);
  EXPECT_EQ(int64_t{root["partitions"].at(1)["committed_offset"]}, 1'502);
  EXPECT_TRUE(bool{root["identity"]["holds"]});
  EXPECT_EQ(uint64_t{root["insights"]["count_by_device_type"]["counts"]["android"]}, 564U);
  EXPECT_EQ(uint64_t{root["not_counted"]["hours_of_day_timestamp"]}, 9U);
  EXPECT_EQ(double{root["run"]["seconds"]}, 2.5);
  EXPECT_EQ(std::string_view{root["run"]["ended_by"]}, "SIGINT");
}

TEST(ReportJson, SaysWhatIsNotKnownWithNull) {
  Example example;
  example.report.partitions[0] = {};
  example.report.partitions[1].stopped = "offset out of range";
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(to_json(example.report)).get(root), simdjson::SUCCESS);

  EXPECT_TRUE(root["partitions"].at(0)["first_offset"].is_null());
  EXPECT_TRUE(root["partitions"].at(0)["next_offset"].is_null());
  EXPECT_TRUE(root["partitions"].at(0)["committed_offset"].is_null());
  EXPECT_TRUE(root["partitions"].at(0)["stopped"].is_null());
  EXPECT_EQ(std::string_view{root["partitions"].at(1)["stopped"]}, "offset out of range");
  EXPECT_FALSE(bool{root["identity"]["holds"]});
  EXPECT_GT(simdjson::dom::array{root["identity"]["broken"]}.size(), 0U);
}

TEST(ReportJson, KeepsWhatDiffersBetweenRunsInOnePlace) {
  Example one;
  Example other;
  other.report.elapsed = std::chrono::seconds(1);
  other.report.cpu = std::chrono::seconds(7);
  other.report.peak_rss_bytes = 1;
  other.report.ended_by = "end of topics";
  other.report.partitions[0].polled += 20;  // A rebalance: these were read twice.
  other.report.partitions[0].discarded += 20;

  EXPECT_EQ(without_run(to_json(one.report)), without_run(to_json(other.report)));
  EXPECT_NE(to_json(one.report), to_json(other.report));
}

TEST(ReportJson, IsWholeForARunThatNeverBegan) {
  EXPECT_EQ(to_json(Report{}), R"({
  "version": 1,
  "pipeline": "",
  "final": false,
  "totals": {
    "consumed": 0,
    "emitted": 0,
    "filtered": 0,
    "dead_lettered": 0,
    "copies": 0,
    "exploded": 0,
    "pieces": 0,
    "dead_letters_discarded": 0
  },
  "dead_letters": {},
  "partitions": [],
  "identity": {
    "holds": true,
    "broken": []
  },
  "insights": {},
  "not_counted": {},
  "not_kept": {},
  "durable": false,
  "run": {
    "ended_by": "",
    "seconds": 0,
    "cpu_seconds": 0,
    "records_per_second": 0,
    "peak_rss_bytes": 0,
    "polled": 0,
    "discarded": 0,
    "health": {
      "status": "healthy",
      "instance": null,
      "partitions": []
    },
    "alerts": []
  }
}
)");
}

TEST(ReportJson, SaysWhatIsNotHealthyInRun) {
  Example example;
  example.report.health = {Status::kUnhealthy,
                           "never assigned",
                           {{{"user-login", 1},
                             Status::kWaiting,
                             "a \"transaction\"",
                             base::Offset{1502},
                             1000,
                             std::chrono::milliseconds{45'120}},
                            {{"user-login", 2}, Status::kUnhealthy, "why", {}, {}, {}}}};
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(to_json(example.report)).get(root), simdjson::SUCCESS);

  const simdjson::dom::element health = root["run"]["health"];
  EXPECT_EQ(std::string_view{health["status"]}, "unhealthy");
  EXPECT_EQ(std::string_view{health["instance"]}, "never assigned");
  const simdjson::dom::element partition = health["partitions"].at(0);
  EXPECT_EQ(std::string_view{partition["topic"]}, "user-login");
  EXPECT_EQ(int64_t{partition["partition"]}, 1);
  EXPECT_EQ(std::string_view{partition["status"]}, "waiting");
  EXPECT_EQ(std::string_view{partition["reason"]}, "a \"transaction\"");
  EXPECT_EQ(int64_t{partition["position"]}, 1502);
  EXPECT_EQ(uint64_t{partition["lag"]}, 1000U);
  EXPECT_EQ(double{partition["still_seconds"]}, 45.1);
  EXPECT_TRUE(health["partitions"].at(1)["position"].is_null());
  EXPECT_TRUE(health["partitions"].at(1)["lag"].is_null());
}

}  // namespace
}  // namespace millrace::report
