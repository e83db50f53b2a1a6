// SPDX-License-Identifier: Apache-2.0
// Random records through random pipelines come out as a slow, obvious interpreter of the same
// configuration says (reference_interpreter.h). MILLRACE_SEED and MILLRACE_PIPELINES change a run.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/plan/pipeline_run.h"
#include "tests/unit/plan/random_pipeline.h"
#include "tests/unit/plan/reference_interpreter.h"

namespace millrace::plan::testing {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kPipelines = 150;
#else
constexpr uint64_t kPipelines = 1'500;
#endif
constexpr size_t kRecords = 25;  // of a batch

uint64_t setting(const char* name, uint64_t otherwise) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): this program has one thread.
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string text_of(const Yaml& yaml) {
  return "input: " + yaml.input + "\noutput: " + yaml.output + "\n" + yaml.rest;
}

std::string text_of(const reference::Result& result) {
  constexpr std::array<const char*, 4> kOutcomes{"none", "emitted", "filtered", "dead-lettered"};
  std::string text = kOutcomes.at(static_cast<size_t>(result.outcome));
  for (const reference::Output& output : result.outputs) {
    text += "\n  " + output.topic + " " + output.rule + " key " + output.key.value_or("(none)") +
            " value " + output.value;
  }
  return text;
}

// What the engine made of each record of a batch.
std::vector<reference::Result> run_engine(Pipeline& pipeline, const std::vector<Given>& records) {
  std::vector<reference::Result> results(records.size());
  for (const Sent& sent : pipeline.run(records)) {
    results.at(sent.input)
        .outputs.push_back({sent.topic, sent.dead() ? sent.header("millrace.reason") : "", sent.key,
                            sent.value.value_or("(no value)")});
  }
  for (size_t i = 0; i < records.size(); ++i)
    results[i].outcome = pipeline.batch().outcomes().at(i);
  return results;
}

// How often each outcome was seen, so that the test cannot go idle unseen.
struct Seen {
  uint64_t refused = 0;  // pipelines
  std::array<uint64_t, 4> outcomes{};
};

void compare(const Yaml& yaml, const std::vector<Given>& records, Seen& seen) {
  const config::PipelineConfig config = config_of(yaml);
  Pipeline pipeline(config);
  const reference::Interpreter interpreter(config);
  const std::vector<reference::Result> results = run_engine(pipeline, records);
  for (size_t i = 0; i < records.size(); ++i) {
    const reference::Result expected = interpreter.run(records[i].key, *records[i].value);
    ++seen.outcomes.at(static_cast<size_t>(expected.outcome));
    ASSERT_EQ(text_of(expected), text_of(results[i]))
        << "record <" << *records[i].value << "> through\n"
        << text_of(yaml);
  }
}

// With both encodings. False where the pipeline is refused.
bool compare_both(Yaml yaml, const std::vector<Given>& records, Seen& seen) {
  try {
    compare(yaml, records, seen);
    yaml.output.insert(yaml.output.size() - 1, ", encoding: spaced");
    if (!::testing::Test::HasFailure()) compare(yaml, records, seen);
  } catch (const std::runtime_error&) {
    // A step that names something twice, say.
    return false;
  }
  return true;
}

TEST(PlanProperty, RandomPipelinesAgreeWithTheReference) {
  const uint64_t seed = setting("MILLRACE_SEED", 4'711);
  const uint64_t pipelines = setting("MILLRACE_PIPELINES", kPipelines);
  RandomPipeline random(seed);
  Seen seen;

  for (uint64_t i = 0; i < pipelines; ++i) {
    const Yaml yaml = random.pipeline();
    std::vector<Given> records;
    for (size_t k = 0; k < kRecords; ++k) records.push_back({random.record(), random.key()});
    if (!compare_both(yaml, records, seen)) ++seen.refused;
    ASSERT_FALSE(HasFailure()) << "seed " << seed << ", pipeline " << i;
  }

  std::puts(("seed " + std::to_string(seed) + ": " + std::to_string(pipelines) + " pipelines, " +
             std::to_string(seen.refused) + " refused; " + std::to_string(seen.outcomes[1]) +
             " records emitted, " + std::to_string(seen.outcomes[2]) + " filtered, " +
             std::to_string(seen.outcomes[3]) + " rejected")
                .c_str());
  EXPECT_LT(seen.refused * 4, pipelines);
  for (const size_t outcome : {1U, 2U, 3U}) EXPECT_GT(seen.outcomes.at(outcome), pipelines);
}

}  // namespace
}  // namespace millrace::plan::testing
