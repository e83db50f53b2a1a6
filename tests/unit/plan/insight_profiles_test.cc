// SPDX-License-Identifier: Apache-2.0
// The statistics of the pipelines in config/pipelines, over logins of whom everything is known.
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/config/load.h"
#include "engine/insights/topic_record.h"
#include "tests/unit/plan/insight_results.h"
#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

config::PipelineConfig profile(const std::string& name) {
  config::Loaded loaded =
      config::load_file(MILLRACE_SOURCE_DIR "/config/pipelines/" + name + ".yaml",
                        [](const std::string&) { return std::nullopt; });
  for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << to_string(problem);
  return std::move(loaded.config);
}

// The results of a profile, by name.
std::map<std::string, std::string> statistics(const std::string& name,
                                              const std::vector<Given>& records) {
  Pipeline pipeline(profile(name));
  pipeline.run(records);
  std::map<std::string, std::string> found;
  for (const NamedResult& result : results_of(pipeline)) found[result.name] = result.json;
  return found;
}

using Statistics = std::map<std::string, std::string>;

std::string login(const std::string& user, const std::string& device, const std::string& rest) {
  return R"({"user_id":")" + user + R"(","device_id":")" + device + "\"," + rest + "}";
}

// Two users; the first has two devices. Then what is old, incomplete or no login at all.
std::vector<Given> logins() {
  const std::string android = R"("device_type":"android",)";
  const std::string ios = R"("device_type":"iOS",)";
  return {
      {login("a1", "d1",
             android + R"("app_version":"2.3.0","ip":"1.1.1.1","locale":"CT","timestamp":0)")},
      {login("a1", "d2",
             ios + R"("app_version":"2.3.0","ip":"1.1.1.1","locale":"CT","timestamp":3600)")},
      {login("b2", "d3",
             ios + R"("app_version":"2.4.0","ip":"2.2.2.2","locale":"WI","timestamp":7200)")},
      {login("a1", "d1",
             android + R"("app_version":"2.4.0","ip":"2.2.2.2","locale":"NY","timestamp":90000)")},
      {login("c3", "d4", R"("app_version":"2.3.0","ip":"3.3.3.3","locale":"RU","timestamp":5)")},
      {login("c3", "d4",
             android + R"("app_version":"1.0.0","ip":"3.3.3.3","locale":"RU","timestamp":10800)")},
      {R"({"foo":"bar"})"},
      {"no JSON"},
  };
}

std::string exactly(const std::string& n) {
  return R"({"value":)" + n + R"(,"low":)" + n + R"(,"high":)" + n + R"(,"exact":true})";
}

std::string distinct(const std::string& n) {
  return R"({"kind":"distinct",)" + exactly(n).substr(1);
}

std::string counts(const std::string& members) {
  return R"({"kind":"count_by","counts":{)" + members + "}}";
}

TEST(Profiles, P0) {
  Statistics expected = {
      {"unique_users", distinct("3")},
      {"device_usage", counts(R"("android":3,"iOS":2)")},
      {"locale_distribution", counts(R"("CT":2,"NY":1,"RU":1,"WI":1)")},
      {"user_activity_by_hour",
       R"({"kind":"hours_of_day","counts":{"0":1,"1":2,"2":1,"3":1,"4":0,"5":0,"6":0,"7":0,"8":0,)"
       R"("9":0,"10":0,"11":0,"12":0,"13":0,"14":0,"15":0,"16":0,"17":0,"18":0,"19":0,"20":0,)"
       R"("21":0,"22":0,"23":0}})"},
      {"unique_devices", distinct("4")},
  };
  // P0 wants letters a to f and digits first, which all of these have.
  EXPECT_EQ(statistics("p0", logins()), expected);
}

TEST(Profiles, P1) {
  EXPECT_EQ(statistics("p1", logins()),
            (Statistics{{"device_type_counts", counts(R"("android":2,"iOS":2)")}}));
}

TEST(Profiles, P1WritesItsCountsAsItsReadersExpect) {
  Pipeline pipeline(profile("p1"));
  pipeline.run(logins());
  insights::State state(pipeline.plan().declaration());
  state.add(pipeline.shard(), pipeline.batch().range_begin(), {});
  const insights::TopicRecord record =
      insights::total_record(state.result(0, {}), {.pipeline = "p1", .partitions = 1}, 1'000'000);

  EXPECT_EQ(record.topic, "device_type_count");
  EXPECT_EQ(record.value, R"({"device_type_counts":{"android":2,"iOS":2}})");
  EXPECT_EQ(pipeline.plan().declaration().insights[0].output->every, std::chrono::seconds{60});
}

TEST(Profiles, P2) {
  EXPECT_EQ(statistics("p2", logins()),
            (Statistics{{"android_logins", R"({"kind":"count","value":3})"},
                        {"ios_logins", R"({"kind":"count","value":2})"}}));
}

TEST(Profiles, P3) {
  EXPECT_EQ(statistics("p3", logins()), Statistics());
}

TEST(Profiles, P4) {
  const std::string unknown_version = R"("unknown app version":{"unknown device":1})";
  Statistics expected = {
      {"unique_users", distinct("3")},
      {"unique_devices", distinct("4")},
      {"most_active_users",
       R"({"kind":"top","items":[{"key":"a1","count":3,"error":0,"last_timestamp":90000},)"
       R"({"key":"c3","count":2,"error":0,"last_timestamp":10800},)"
       R"({"key":"b2","count":1,"error":0,"last_timestamp":7200}]})"},
      {"most_active_ips",
       R"({"kind":"top","items":[{"key":"1.1.1.1","count":2,"error":0,"last_timestamp":3600},)"
       R"({"key":"2.2.2.2","count":2,"error":0,"last_timestamp":90000},)"
       R"({"key":"3.3.3.3","count":2,"error":0,"last_timestamp":10800}]})"},
      {"devices_per_user", R"({"kind":"distinct","by":{"a1":)" + exactly("2") + R"(,"b2":)" +
                               exactly("1") + R"(,"c3":)" + exactly("1") + "}}"},
      {"app_version_activity",
       counts(R"("1.0.0":{"android":1},"2.3.0":{"android":1,"iOS":1,"unknown device":1},)"
              R"("2.4.0":{"android":1,"iOS":1},)" +
              unknown_version)},
      {"locale_activity",
       counts(R"("CT":{"android":1,"iOS":1},"NY":{"android":1},"RU":{"android":1,)"
              R"("unknown device":1},"WI":{"iOS":1},"unknown locale":{"unknown device":1})")},
      {"last_device_type",
       R"({"kind":"last","values":{"d1":"android","d2":"iOS","d3":"iOS","d4":"android"}})"},
      {"last_app_version",
       R"({"kind":"last","values":{"d1":"2.4.0","d2":"2.3.0","d3":"2.4.0","d4":"1.0.0"}})"},
      {"last_ip",
       R"({"kind":"last","values":{"d1":"2.2.2.2","d2":"1.1.1.1","d3":"2.2.2.2","d4":"3.3.3.3"}})"},
      {"last_locale", R"({"kind":"last","values":{"d1":"NY","d2":"CT","d3":"WI","d4":"RU"}})"},
  };
  EXPECT_EQ(statistics("p4", logins()), expected);
}

// The four last values of a device are read with one look at its key.
TEST(Profiles, P4LooksAtEachKeyOnce) {
  const auto plan = compile(profile("p4"));
  EXPECT_EQ(plan->declaration().insights.size(), 11U);
  EXPECT_EQ(plan->declaration().parts.size(), 7U);
}

}  // namespace
}  // namespace millrace::plan::testing
