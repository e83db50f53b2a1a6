// SPDX-License-Identifier: Apache-2.0
#include "engine/config/load.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

TEST(Load, TheSmallestPipelineHasTheDocumentedDefaults) {
  const PipelineConfig config = config_of(kSmallest);

  EXPECT_EQ(config.file, "p.yaml");
  EXPECT_EQ(config.pipeline.value, "p");
  EXPECT_EQ(config.pipeline.place.line, 1);
  EXPECT_EQ(config.pipeline.place.column, 11);
  EXPECT_EQ(config.input.start, Start::kEarliest);
  EXPECT_EQ(config.input.batch_records_max, 1000U);
  EXPECT_FALSE(config.input.batch_wait.has_value());
  EXPECT_EQ(config.input.tombstones, Tombstones::kDeadLetter);
  EXPECT_EQ(config.input.duplicate_members, DuplicateMembers::kLastWins);
  EXPECT_FALSE(config.schema.has_value());
  EXPECT_TRUE(config.steps.empty());
  EXPECT_EQ(config.input.values, Values::kObjects);
  EXPECT_EQ(config.schema_draft, SchemaDraft::k202012);
  EXPECT_EQ(config.formats, Formats::kAnnotate);
  EXPECT_EQ(config.output.key, OutputKey::kKeep);
  EXPECT_EQ(config.dead_letters.format, DeadLetterFormat::kRaw);
  EXPECT_TRUE(config.dead_letters.discard);
  EXPECT_FALSE(config.dead_letters.stop_above.has_value());
  EXPECT_EQ(config.input.on_lost_offsets, OnLostOffsets::kStop);
  EXPECT_EQ(config.delivery.commit_every.count(), 100);
  EXPECT_FALSE(config.instance.has_value());
  EXPECT_EQ(config.session_timeout, std::chrono::seconds(10));
  EXPECT_EQ(config.stalled_after, std::chrono::seconds(30));
  EXPECT_EQ(config.report.every, std::chrono::seconds(60));
  EXPECT_FALSE(config.report.every_records.has_value());
  EXPECT_EQ(config.latency, Latency::kBalanced);
  EXPECT_EQ(config.workers, 0U);
  EXPECT_EQ(config.memory_bytes, size_t{512} << 20);
  EXPECT_EQ(config.stop_deadline, std::chrono::seconds(30));
  EXPECT_EQ(config.log.level, LogLevel::kInfo);
}

TEST(Load, EveryMissingKeyIsReportedWithWhatToWrite) {
  EXPECT_THAT(
      problems_in("steps: []\n"),
      ElementsAre(
          "p.yaml:1:1: the key 'pipeline' is missing in the top level; write 'pipeline: NAME'",
          "p.yaml:1:1: no brokers are given; write 'kafka: {bootstrap.servers: HOST:PORT}', or set "
          "the environment variable BOOTSTRAP_SERVERS",
          "p.yaml:1:1: the key 'input' is missing in the top level; write 'input: {topic: TOPIC, "
          "group: GROUP}'",
          "p.yaml:1:1: the key 'output' is missing in the top level; write 'output: {topic: "
          "TOPIC}'",
          "p.yaml:1:1: the key 'dead_letters' is missing in the top level; say where rejected "
          "records go: 'dead_letters: {topic: TOPIC}', or 'dead_letters: discard' to count them "
          "only"));
}

TEST(Load, AnUnknownKeyNamesTheNearestKnownOne) {
  EXPECT_THAT(problems_in(smallest_with("workerz: 4\n")),
              ElementsAre("p.yaml:7:1: unknown key 'workerz' in the top level; did you mean "
                          "'workers'?"));
  EXPECT_THAT(problems_in(smallest_but("input", "input: {topic: in, gruop: g, group: g}")),
              ElementsAre("p.yaml:3:20: unknown key 'gruop' in 'input'; did you mean 'group'?"));
}

TEST(Load, AnUnknownKeyThatIsNearNoneListsTheKnownOnes) {
  EXPECT_THAT(problems_in(smallest_with("report: {colour: red}\n")),
              ElementsAre("p.yaml:7:10: unknown key 'colour' in 'report'; known here: every"));
}

TEST(Load, AllProblemsComeAtOnceInTheOrderOfTheFile) {
  const std::string text =
      "workers: 0\n"
      "pipeline: a b\n"
      "output: {topic: '..'}\n"
      "kafka: {bootstrap.servers: h, acks: 0}\n"
      "bogus: 1\n"
      "input: {topic: in, group: g, start: now}\n"
      "dead_letters: discard\n"
      "delivery: {guarantee: at_least_once, commit_every: 5}\n";

  const std::vector<std::string> lines = problems_in(text);

  EXPECT_THAT(lines, ElementsAre(HasSubstr("p.yaml:1:10: 'workers' must be a whole number from 1 "
                                           "to 1024, not '0'"),
                                 HasSubstr("p.yaml:2:11: 'pipeline' must be 1 to 200 letters"),
                                 HasSubstr("p.yaml:3:17: 'output.topic' must be the name of a"),
                                 HasSubstr("p.yaml:4:31: 'kafka.acks' cannot be set: "),
                                 HasSubstr("p.yaml:5:1: unknown key 'bogus' in the top level"),
                                 HasSubstr("p.yaml:6:37: 'input.start' must be earliest or latest, "
                                           "not 'now'"),
                                 HasSubstr("p.yaml:8:52: 'delivery.commit_every' must be a "
                                           "duration from 10ms to 1h")));
}

TEST(Load, AKeyWithoutValueSaysWhatItMustBe) {
  EXPECT_THAT(problems_in(smallest_with("workers:\nmemory: 1GiB\n")),
              ElementsAre("p.yaml:7:1: 'workers' has no value; it must be a whole number from 1 "
                          "to 1024"));
}

TEST(Load, AWrongTypeIsNamed) {
  EXPECT_THAT(problems_in(smallest_with("workers: [1]\nmemory: {a: 1}\nreport: soon\n")),
              ElementsAre(HasSubstr("p.yaml:7:10: 'workers' must be a whole number from 1 to 1024, "
                                    "not a list"),
                          HasSubstr("p.yaml:8:9: 'memory' must be a size from 64MiB to 1TiB (a "
                                    "whole number and KiB, MiB, GiB, KB, MB or GB), not a map"),
                          "p.yaml:9:9: 'report' must be a map, not 'soon'"));
}

TEST(Load, ATextIsNotShownWhereItCameFromTheEnvironment) {
  const auto lines = problems_in(smallest_with("workers: ${PASSWORD}\n"), {{"PASSWORD", "s3cret"}});

  EXPECT_THAT(lines, ElementsAre("p.yaml:7:10: 'workers' must be a whole number from 1 to 1024, "
                                 "not what '${PASSWORD}' gives"));
}

TEST(Load, ARootThatIsNoMapIsAnError) {
  EXPECT_THAT(problems_in("- a\n- b\n"),
              ElementsAre("p.yaml:1:1: a pipeline must be a map of keys and values"));
  EXPECT_THAT(problems_in("\n  just a text\n"),
              ElementsAre("p.yaml:2:3: a pipeline must be a map of keys and values"));
}

class PipelineName : public ::testing::TestWithParam<std::string> {};

TEST_P(PipelineName, OfOtherCharactersIsRefused) {
  EXPECT_THAT(problems_in(smallest_but("pipeline", "pipeline: '" + GetParam() + "'")),
              ElementsAre(HasSubstr("p.yaml:1:11: 'pipeline' ")));
}

INSTANTIATE_TEST_SUITE_P(Wrong, PipelineName,
                         ::testing::Values("", "a b", "a/b", "ä", std::string(201, 'x')));

TEST(LoadFile, ReadsAFile) {
  const TemporaryFolder folder;
  const std::string path = folder.write("p.yaml", kSmallest);

  const Loaded loaded = load_file(path, environment({}));

  EXPECT_THAT(lines_of(loaded), IsEmpty());
  EXPECT_EQ(loaded.config.file, path);
}

TEST(LoadFile, AMissingFileIsNamedWithTheReason) {
  EXPECT_THAT(lines_of(load_file("/nowhere/p.yaml", environment({}))),
              ElementsAre("/nowhere/p.yaml: cannot open the file: No such file or directory"));
}

TEST(LoadFile, ADirectoryIsAnError) {
  EXPECT_THAT(lines_of(load_file("/tmp", environment({}))),
              ElementsAre("/tmp: this is a directory, not a file"));
}

TEST(LoadFile, AnUnreadableFileIsAnError) {
  static constexpr uid_t kNobody = 65534;
  const TemporaryFolder folder;
  const std::string path = folder.write("p.yaml", kSmallest);
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  const bool is_root = ::geteuid() == 0;  // Who reads every file, and containers test as root.
  if (is_root) {
    ASSERT_EQ(::seteuid(kNobody), 0);
  }

  const Loaded loaded = load_file(path, environment({}));

  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_THAT(lines_of(loaded), ElementsAre(path + ": cannot open the file: Permission denied"));
}

TEST(LoadFile, APipeThatNobodyWritesToDoesNotHang) {
  const TemporaryFolder folder;
  const std::string path = folder.path("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);

  EXPECT_THAT(lines_of(load_file(path, environment({}))),
              ElementsAre(path + ": this is not a regular file"));
}

TEST(LoadFile, AFileOverFourMebibytesIsAnError) {
  const TemporaryFolder folder;
  const std::string path = folder.write("p.yaml", std::string((4U << 20U) + 1, '#'));

  EXPECT_THAT(lines_of(load_file(path, environment({}))),
              ElementsAre(path + ": the file is larger than 4MiB"));
}

TEST(ProcessEnvironment, ReadsTheVariablesOfThisProcess) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread.
  ASSERT_EQ(::setenv("MILLRACE_CONFIG_TEST", "yes", 1), 0);

  EXPECT_EQ(process_environment()("MILLRACE_CONFIG_TEST"), "yes");
  EXPECT_EQ(process_environment()("MILLRACE_CONFIG_TEST_ABSENT"), std::nullopt);
}

}  // namespace
}  // namespace millrace::config
