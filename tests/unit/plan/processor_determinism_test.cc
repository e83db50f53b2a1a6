// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/insights/state.h"
#include "tests/unit/plan/login_config.h"
#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

// Good, filtered, rejected and hostile records of changing shapes.
Given any_record(std::mt19937& random) {
  const auto number = static_cast<unsigned>(random() % 50);
  std::string login = login_record(number);
  switch (random() % 12) {
    case 0:
      return {std::nullopt, "tombstone"};
    case 1:
      return {"{\"foo\": " + std::to_string(number) + "}"};
    case 2:
      return {login.substr(0, random() % login.size()), std::nullopt, {{"trace", "x"}}};
    case 3:
      return {login.replace(login.find("2.3.0"), 5, "2.2.9")};
    case 4:
      return {login.insert(1, R"("created_at": 1, )")};
    case 5:
      return {login.insert(1, R"("\u0075ser_id": "early", "more": [1, {}], )")};
    case 6:
      return {login.replace(login.find("\"CT\""), 4, "null")};
    case 7:
      return {std::string(login.rbegin(), login.rend())};
    default:
      return {login};
  }
}

// Everything that came of the records, whatever the batches.
struct Made {
  std::vector<Sent> sent;
  std::string counts;
};

Made process_in_batches(const Plan& plan, const std::vector<Given>& records, std::mt19937& random,
                        size_t workers, size_t batch_max) {
  OutputLimits limits(2);
  limits[0].partitions = 5;
  limits[1].partitions = 3;
  std::vector<std::unique_ptr<Processor>> processors;
  for (size_t i = 0; i < workers; ++i)
    processors.push_back(std::make_unique<Processor>(plan, limits));
  insights::State state(plan.declaration());
  insights::Shard shard(plan.declaration());
  record::Batch batch;
  Made made;
  for (size_t next = 0; next < records.size();) {
    const size_t count = std::min(1 + random() % batch_max, records.size() - next);
    batch.reset();
    shard.clear();
    batch.open(base::Offset{static_cast<int64_t>(next)}, 3, kNow);
    for (size_t i = 0; i < count; ++i) append(batch, records[next + i]);
    processors[random() % workers]->process(batch, "in", shard);
    for (Sent& each : copy_outputs(plan, batch)) {
      each.input += static_cast<uint32_t>(next);
      made.sent.push_back(std::move(each));
    }
    state.add(shard, base::Offset{static_cast<int64_t>(next)}, insights::Time());
    next += count;
  }
  for (const insights::Result& result : state.results(insights::Time())) {
    record::JsonWriter writer;
    insights::write_json(result, writer);
    made.counts += writer.take() + " " + std::to_string(result.missing) + "\n";
  }
  for (const uint64_t count : state.dead_letters()) made.counts += std::to_string(count) + " ";
  made.counts += std::to_string(state.emitted()) + " " + std::to_string(state.filtered());
  return made;
}

TEST(ProcessorDeterminism, TheCutIntoBatchesAndTheWorkersChangeNothing) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<Given> records;
  for (int i = 0; i < 3000; ++i) records.push_back(any_record(random));
  const auto plan = compile(login_config());

  const Made whole = process_in_batches(*plan, records, random, 1, 1'000'000);
  EXPECT_GT(whole.sent.size(), 1000U);
  for (const size_t batch_max : {1U, 2U, 7U, 100U, 1000U}) {
    for (const size_t workers : {1U, 3U}) {
      const Made made = process_in_batches(*plan, records, random, workers, batch_max);
      ASSERT_EQ(made.sent.size(), whole.sent.size());
      for (size_t i = 0; i < made.sent.size(); ++i) ASSERT_EQ(made.sent[i], whole.sent[i]) << i;
      ASSERT_EQ(made.counts, whole.counts);
    }
  }
}

}  // namespace
}  // namespace millrace::plan::testing
