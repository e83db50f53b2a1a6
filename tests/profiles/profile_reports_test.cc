// SPDX-License-Identifier: Apache-2.0
// The reports of the pipelines in config/pipelines over 5,000 generated logins, as the files beside
// this one have them. MILLRACE_WRITE_REPORTS=1 writes the files anew, to be read before they are
// kept.
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/config/load.h"
#include "engine/embedded/record_maker.h"
#include "engine/report/report.h"
#include "tests/flow/flow_fixture.h"

namespace millrace::tests {
namespace {

constexpr int kPartitions = 2;
constexpr int64_t kRecords = 2500;  // of each partition
constexpr int64_t kFirstSecond = 1'695'260'400;

config::PipelineConfig profile(const std::string& name) {
  config::Loaded loaded =
      config::load_file(MILLRACE_SOURCE_DIR "/config/pipelines/" + name + ".yaml",
                        [](const std::string&) { return std::nullopt; });
  for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << to_string(problem);
  return std::move(loaded.config);
}

// A login every 23 s, so that they fill two thirds of a day; one in ten is unusual.
std::vector<FakeRecord> logins(int partition) {
  embedded::RecordMakerOptions options;
  options.seed = 11 + static_cast<uint64_t>(partition);
  options.defects = embedded::DefectShares::mixed(100'000);
  options.users = 400;
  embedded::RecordMaker maker(options);
  std::vector<FakeRecord> records;
  for (int64_t n = 0; n < kRecords; ++n) {
    const embedded::MadeRecord made = maker.next(kFirstSecond + n * 23);
    FakeRecord record;
    record.offset = n;
    record.key = std::string(made.key);
    if (made.value) record.value = std::string(*made.value);
    records.push_back(std::move(record));
  }
  return records;
}

std::string file_of(const std::string& name) {
  return MILLRACE_SOURCE_DIR "/tests/profiles/" + name + ".report.txt";
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Profiles : public ::testing::TestWithParam<const char*> {};

TEST_P(Profiles, ReportWhatTheirUsersKnow) {
  const std::string name = GetParam();
  const config::PipelineConfig config = profile(name);
  FlowFixture run(config);
  run.options.batch_records_max = 100;
  if (config.delivery.guarantee == config::Guarantee::kExactlyOnce) run.exactly_once();
  for (int partition = 0; partition < kPartitions; ++partition)
    run.add(partition, logins(partition));
  run.durable();
  EXPECT_EQ(run.run().code, base::ExitCode::kClean);
  EXPECT_EQ(run.broken(), "");

  report::Report report = run.report();
  report.pipeline = config.pipeline.value;
  report.durable = true;
  report.fleet = report.counted;
  const std::string text = report::to_text(report);
  if (std::getenv("MILLRACE_WRITE_REPORTS") != nullptr) std::ofstream(file_of(name)) << text;
  EXPECT_EQ(text, read(file_of(name)));
}

INSTANTIATE_TEST_SUITE_P(All, Profiles, ::testing::Values("p0", "p1", "p2", "p3", "p4"),
                         [](const auto& name) { return std::string(name.param); });

}  // namespace
}  // namespace millrace::tests
