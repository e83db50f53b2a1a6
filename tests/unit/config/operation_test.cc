// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

TEST(Operation, EveryKeyIsRead) {
  const PipelineConfig config = config_of(
      smallest_with("workers: 1024\nmemory: 64MiB\nstop_deadline: 1h\nlog: {level: debug}\n"
                    "instance: a.B_2-c\nsession_timeout: 30m\nstalled_after: 1h\nlatency: low\n"));

  EXPECT_EQ(config.workers, 1024U);
  EXPECT_EQ(config.memory_bytes, size_t{64} << 20);
  EXPECT_EQ(config.stop_deadline, std::chrono::hours(1));
  EXPECT_EQ(config.log.level, LogLevel::kDebug);
  EXPECT_EQ(config.instance.value().value, "a.B_2-c");
  EXPECT_EQ(config.instance.value().place.line, 11);
  EXPECT_EQ(config.session_timeout, std::chrono::minutes(30));
  EXPECT_EQ(config.stalled_after, std::chrono::hours(1));
  EXPECT_EQ(config.latency, Latency::kLow);
}

TEST(Instance, MayComeFromTheEnvironment) {
  EXPECT_EQ(config_of(smallest_with("instance: ${HOSTNAME}\n"), {{"HOSTNAME", "pod-7"}})
                .instance.value()
                .value,
            "pod-7");
  EXPECT_THAT(problems_in(smallest_with("instance: ${HOSTNAME}\n")),
              ElementsAre(HasSubstr("p.yaml:7:11: ")));
}

// An empty name must not mean a random one by accident.
TEST(Instance, OfOtherCharactersIsRefused) {
  const std::string sentence = "must be 1 to 100 letters, digits, '.', '_' and '-'";
  for (const std::string name : {"a b", "a/b", "ä", "a:b"}) {
    EXPECT_THAT(problems_in(smallest_with("instance: '" + name + "'\n")),
                ElementsAre("p.yaml:7:11: 'instance' " + sentence + ", not '" + name + "'"));
  }
  EXPECT_THAT(problems_in(smallest_with("instance: " + std::string(101, 'x') + "\n")),
              ElementsAre(HasSubstr(sentence)));
  EXPECT_THAT(problems_in(smallest_with("instance: " + std::string(100, 'x') + "\n")), IsEmpty());
  EXPECT_THAT(problems_in(smallest_with("instance: '${NAME:-}'\n")),
              ElementsAre(HasSubstr("'instance' is empty; it " + sentence)));
  EXPECT_THAT(problems_in(smallest_with("instance: [a]\n")),
              ElementsAre(HasSubstr("'instance' " + sentence + ", not a list")));
}

class WrongQuantity : public ::testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(WrongQuantity, IsAnErrorThatNamesTheRange) {
  const auto& [line, message] = GetParam();

  EXPECT_THAT(problems_in(smallest_with(line + "\n")), ElementsAre(HasSubstr(message)));
}

INSTANTIATE_TEST_SUITE_P(
    Lines, WrongQuantity,
    ::testing::Values(std::pair("workers: 1025",
                                "p.yaml:7:10: 'workers' must be a whole number from 1 to 1024"),
                      std::pair("workers: -1", "not '-1'"), std::pair("workers: 1.0", "not '1.0'"),
                      std::pair("workers: many", "not 'many'"),
                      std::pair("memory: 63MiB", "from 64MiB to 1TiB"),
                      std::pair("memory: 512", "p.yaml:7:9: 'memory' must be a size"),
                      std::pair("memory: 99999999999GiB", "not '99999999999GiB'"),
                      std::pair("stop_deadline: 999ms",
                                "p.yaml:7:16: 'stop_deadline' must be a duration from "
                                "1s to 1h"),
                      std::pair("stop_deadline: 61m", "from 1s to 1h"),
                      std::pair("session_timeout: 999ms",
                                "p.yaml:7:18: 'session_timeout' must be a duration from "
                                "1s to 30m"),
                      std::pair("session_timeout: 31m", "not '31m'"),
                      std::pair("stalled_after: 0",
                                "p.yaml:7:16: 'stalled_after' must be a duration from "
                                "1s to 1h"),
                      std::pair("stalled_after: 61m", "not '61m'"),
                      std::pair("report: {every: 99ms}",
                                "p.yaml:7:17: 'report.every' must be a duration from "
                                "100ms to 24h or a number of records ('1000 records'), "
                                "not '99ms'"),
                      std::pair("report: {every: 0 records}", "not '0 records'"),
                      std::pair("report: {every: 25h}", "not '25h'")));

TEST(Latency, IsLowBalancedOrRelaxed) {
  const auto latency = [](const std::string& name) {
    return config_of(smallest_with("latency: " + name + "\n")).latency;
  };

  EXPECT_EQ(latency("low"), Latency::kLow);
  EXPECT_EQ(latency("balanced"), Latency::kBalanced);
  EXPECT_EQ(latency("relaxed"), Latency::kRelaxed);
  EXPECT_EQ(config_of(smallest_with("latency: ${L}\n"), {{"L", "relaxed"}}).latency,
            Latency::kRelaxed);
  EXPECT_THAT(problems_in(smallest_with("latency: lowest\n")),
              ElementsAre("p.yaml:7:10: 'latency' must be low, balanced or relaxed, not 'lowest'"));
  EXPECT_THAT(problems_in(smallest_with("latency: 5ms\n")), ElementsAre(HasSubstr("not '5ms'")));
  EXPECT_THAT(problems_in(smallest_with("latency: {}\n")), ElementsAre(HasSubstr("not a map")));
}

TEST(Report, IsEveryDurationOrEverySoManyRecords) {
  const ReportConfig timed = config_of(smallest_with("report: {every: 5s}\n")).report;
  EXPECT_EQ(timed.every, std::chrono::seconds(5));
  EXPECT_FALSE(timed.every_records.has_value());

  const ReportConfig counted = config_of(smallest_with("report: {every: 1 record}\n")).report;
  EXPECT_FALSE(counted.every.has_value());
  EXPECT_EQ(counted.every_records, 1U);

  EXPECT_EQ(config_of(smallest_with("report: {every: '1000 records'}\n")).report.every_records,
            1000U);
}

TEST(Log, TakesPythonsLevelsToo) {
  const auto level = [](const std::string& name) {
    return config_of(smallest_with("log: {level: " + name + "}\n")).log.level;
  };

  EXPECT_EQ(level("warn"), LogLevel::kWarn);
  EXPECT_EQ(level("error"), LogLevel::kError);
  EXPECT_EQ(level("DEBUG"), LogLevel::kDebug);
  EXPECT_EQ(level("INFO"), LogLevel::kInfo);
  EXPECT_EQ(level("WARNING"), LogLevel::kWarn);
  EXPECT_EQ(level("ERROR"), LogLevel::kError);
  EXPECT_EQ(level("CRITICAL"), LogLevel::kError);
}

TEST(Log, IsTextUnlessItIsToBeJson) {
  EXPECT_EQ(config_of(kSmallest).log.format, LogFormat::kText);
  EXPECT_EQ(config_of(smallest_with("log: {format: text}\n")).log.format, LogFormat::kText);
  EXPECT_EQ(config_of(smallest_with("log: {format: json}\n")).log.format, LogFormat::kJson);
}

TEST(Log, OtherLevelsAndKeysAreErrors) {
  EXPECT_THAT(problems_in(smallest_with("log: {level: loud, format: xml, file: a}\n")),
              ElementsAre("p.yaml:7:14: 'log.level' must be debug, info, warn, error, DEBUG, INFO, "
                          "WARNING, ERROR or CRITICAL, not 'loud'",
                          "p.yaml:7:28: 'log.format' must be text or json, not 'xml'",
                          "p.yaml:7:33: the key 'file' in 'log' is not supported yet"));
}

}  // namespace
}  // namespace millrace::config
