// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/record/batch.h"
#include "tests/unit/steps/step_runner.h"
#include "tests/unit/steps/time_texts.h"

namespace millrace::steps {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using What = config::InputSource::What;

using Source = decltype(config::AddStep::Member::value);

config::StepConfig add_step(const std::vector<std::pair<std::string_view, Source>>& members) {
  config::AddStep step;
  for (const auto& [field, source] : members) step.members.push_back({field_path(field), source});
  return step_config("add", std::move(step));
}

Source constant(std::string json) {
  return config::ConstantSource{std::move(json)};
}

Source now(std::string_view format) {
  return config::NowSource{time_format(format)};
}

Source input(What what) {
  return config::InputSource{what, "trace", time_format("rfc3339_millis")};
}

record::Bytes bytes(std::string_view text) {
  return record::Bytes::of(text);
}

TEST(AddStep, AddsConstants) {
  StepRunner run(add_step({{"a", constant("1.50")},
                           {"b", constant(R"("x\n")")},
                           {"c", constant(R"( {"x": [1, {}]} )")},
                           {"d", constant("null")}}));

  EXPECT_EQ(run.run("{}"), R"({"a":1.50,"b":"x\n","c":{"x": [1, {}]},"d":null})");
  EXPECT_EQ(run.run(R"({"c":1,"z":2,"a":[{}]})"),
            R"({"c":{"x": [1, {}]},"z":2,"a":1.50,"b":"x\n","d":null})");
  EXPECT_THAT(run.rules(), IsEmpty()) << "nothing can be in the way";
}

TEST(AddStep, AddsToWhatItAddedBefore) {
  StepRunner run(add_step({{"a", constant(R"({"x":1})")}, {"a.y", constant("2")}}));

  EXPECT_EQ(run.run("{}"), R"({"a":{"x":1,"y":2}})");
}

TEST(AddStep, MakesTheObjectsOnTheWay) {
  StepRunner run(add_step({{"a.b.c", constant("1")}}));

  EXPECT_EQ(run.run("{}"), R"({"a":{"b":{"c":1}}})");
  EXPECT_EQ(run.run(R"({"a":{"x":0}})"), R"({"a":{"x":0,"b":{"c":1}}})");
  EXPECT_THAT(run.rules(), ElementsAre("step:1:add"));
}

TEST(AddStep, RejectsWhereSomethingIsInTheWay) {
  StepRunner member(add_step({{"a.b", constant("1")}}));
  StepRunner element(add_step({{"a[1].b", constant("1")}}));

  for (const char* json : {"5", "null", "[]", R"("x")"})
    EXPECT_EQ(member.run(std::string("{\"a\":") + json + "}"),
              "rejected step:1:add at /a: 'a.b' cannot be added: the value at /a is not an object");
  EXPECT_EQ(element.run(R"({"a":[0,{}]})"), R"({"a":[0,{"b":1}]})");
  EXPECT_EQ(
      element.run(R"({"a":[{}]})"),
      "rejected step:1:add at /a: 'a[1].b' cannot be added: the value at /a has no element 1");
  EXPECT_EQ(element.run(R"({"a":[0,7]})"),
            "rejected step:1:add at /a/1: 'a[1].b' cannot be added: the value at /a/1 is not an "
            "object");
  EXPECT_EQ(element.run("{}"),
            "rejected step:1:add at : 'a[1].b' cannot be added: there is no array that it could be "
            "in");
}

TEST(AddStep, RejectsRecordsThatAreNoObjects) {
  StepRunner run(add_step({{"a", constant("1")}}), {.objects_only = false});

  EXPECT_THAT(run.rules(), ElementsAre("step:1:add"));
  EXPECT_EQ(run.run("[1]"),
            "rejected step:1:add at : 'a' cannot be added: the record is not an object");
  EXPECT_EQ(run.run("{}"), R"({"a":1})");
}

TEST(AddStep, AddsTheTimeOfTheBatch) {
  StepRunner run(add_step({{"a", now("unix_milliseconds")},
                           {"b", now("rfc3339")},
                           {"c", now("%Y-%m-%dT%H:%M:%S")},
                           {"d", now("rfc3339")}}));
  run.context().now = base::WallTime{std::chrono::microseconds{1'720'655'268'123'456}};

  const std::string first =
      R"({"a":1720655268123,"b":"2024-07-10T23:47:48Z","c":"2024-07-10T23:47:48","d":"2024-07-10T23:47:48Z"})";
  EXPECT_EQ(run.run("{}"), first);
  EXPECT_EQ(run.run("{}"), first);
  run.context().now += std::chrono::milliseconds{900};
  EXPECT_EQ(
      run.run("{}"),
      R"({"a":1720655269023,"b":"2024-07-10T23:47:49Z","c":"2024-07-10T23:47:49","d":"2024-07-10T23:47:49Z"})");
  run.context().now = base::WallTime{std::chrono::hours{24 * 365 * 9'000}};
  EXPECT_EQ(run.run("{}"), R"({"a":null,"b":null,"c":null,"d":null})");
}

TEST(AddStep, AddsWhatTheInputSays) {
  StepRunner run(add_step({{"topic", input(What::kTopic)},
                           {"partition", input(What::kPartition)},
                           {"offset", input(What::kOffset)},
                           {"timestamp", input(What::kTimestamp)},
                           {"key", input(What::kKey)},
                           {"header", input(What::kHeader)}}));
  const std::vector<record::Header> headers{
      {"trace", bytes("one")}, {"other", bytes("x")}, {"trace", bytes("two\n")}};
  record::InputRecord record;
  record.offset = base::Offset{9'223'372'036'854'775'807};
  record.timestamp_ms = 1'720'655'268'123;
  record.key = bytes("k\"1\"");
  record.headers = headers;
  run.context().input = &record;
  run.context().topic = "user-login";
  run.context().partition = 7;

  EXPECT_EQ(run.run("{}"),
            R"({"topic":"user-login","partition":7,"offset":9223372036854775807,)"
            R"("timestamp":"2024-07-10T23:47:48.123Z","key":"k\"1\"","header":"two\n"})");
  EXPECT_THAT(run.rules(), IsEmpty());
}

TEST(AddStep, AddsNullWhereTheInputSaysNothing) {
  StepRunner run(add_step({{"timestamp", input(What::kTimestamp)},
                           {"key", input(What::kKey)},
                           {"header", input(What::kHeader)}}));
  record::InputRecord record;
  run.context().input = &record;
  const std::vector<record::Header> null_header{{"trace", {}}};

  constexpr std::string_view kNulls = R"({"timestamp":null,"key":null,"header":null})";
  EXPECT_EQ(run.run("{}"), kNulls);
  record.headers = null_header;
  for (const int64_t timestamp :
       {std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min(),
        int64_t{253'402'300'800'000}}) {
    record.timestamp_ms = timestamp;
    EXPECT_EQ(run.run("{}"), kNulls) << timestamp;
  }
}

TEST(AddStep, RepairsBytesThatAreNoText) {
  StepRunner run(add_step({{"key", input(What::kKey)}}));
  record::InputRecord record;
  run.context().input = &record;

  record.key = bytes("é\xff\xc3");
  EXPECT_EQ(run.run("{}"), "{\"key\":\"é\uFFFD\uFFFD\"}");
  record.key = bytes(std::string_view("\0\x01", 2));
  EXPECT_EQ(run.run("{}"), R"({"key":"\u0000\u0001"})");
  record.key = bytes("");
  EXPECT_EQ(run.run("{}"), R"({"key":""})");
}

TEST(AddStep, ReportsWhatCannotBeCompiled) {
  std::string deep(512, '[');
  deep.append(512, ']');

  EXPECT_THAT(StepRunner(add_step({{"a", constant("{")}, {"b", now("%Q")}, {"c", constant(deep)}}))
                  .problems(),
              ElementsAre(testing::StartsWith("the value for 'a' cannot be used: "),
                          testing::StartsWith("the pattern has '%Q'"),
                          "the value for 'c' would be 513 levels deep; 512 are allowed"));
}

TEST(AddStep, AddsTheDeepestValueThatARecordCanHold) {
  std::string deep(511, '[');
  deep.append(511, ']');
  StepRunner run(add_step({{"a", constant(deep)}}));

  EXPECT_EQ(run.run("{}"), "{\"a\":" + deep + "}");
}

}  // namespace
}  // namespace millrace::steps
