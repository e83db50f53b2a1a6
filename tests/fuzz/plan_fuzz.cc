// SPDX-License-Identifier: Apache-2.0
// Any text is read as a pipeline file; where it is one, records go through its plan, twice.
// Input: the file; behind each NUL, a record more.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/config/load.h"
#include "engine/config/problems.h"
#include "engine/insights/shard.h"
#include "engine/insights/state.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"
#include "engine/record/batch.h"
#include "tests/fuzz/fuzz_target.h"

namespace millrace::fuzz {
namespace {

using plan::Plan;
using record::Batch;
using record::Bytes;
using record::Outcome;
using record::OutputRecord;
using record::OutputRole;

constexpr base::WallTime kNow{std::chrono::milliseconds{1'720'655'268'123}};

std::unique_ptr<const Plan> make_plan(std::string_view text) {
  // A folder that does not exist: files that the text names are not found.
  const config::Loaded loaded = config::load_text(std::string(text), "nowhere/pipeline.yaml",
                                                  [](const std::string&) { return std::nullopt; });
  if (config::has_errors(loaded.problems)) return nullptr;
  Plan::Compiled compiled = Plan::compile(loaded.config);
  MILLRACE_CHECK(config::has_errors(compiled.problems) == (compiled.plan == nullptr));
  if (compiled.plan != nullptr) MILLRACE_CHECK(!compiled.plan->describe().empty());
  return std::move(compiled.plan);
}

// One batch: the records with different keys, a tombstone at the end.
void fill(Batch& batch, const std::vector<std::string_view>& parts) {
  batch.open(base::Offset{100}, 3, kNow);
  const record::Header header{"h", Bytes::of("v")};
  for (size_t i = 1; i < parts.size(); ++i) {
    batch.append({.offset = batch.range_end(),
                  .timestamp_ms = i % 2 == 0 ? -1 : 1'720'655'268'000,
                  .key = i % 3 == 0 ? Bytes() : Bytes::of("key"),
                  .value = Bytes::of(parts[i]),
                  .headers = {&header, i % 2}});
  }
  batch.append({.offset = batch.range_end()});
}

struct Counts {
  size_t records = 0;
  size_t pieces = 0;
  size_t dead_letters = 0;
};

// Every record has one outcome, and the outputs that go with it; they come in input order.
void check_outputs(const Plan& plan, const Batch& batch) {
  MILLRACE_CHECK(batch.outcomes().size() == batch.records().size());
  std::vector<Counts> counts(batch.records().size());
  uint32_t last = 0;
  for (const OutputRecord& output : batch.outputs()) {
    MILLRACE_CHECK(output.input >= last && output.input < counts.size());
    MILLRACE_CHECK(output.topic < plan.output_topics().size());
    last = output.input;
    Counts& count = counts[output.input];
    count.records += output.role == OutputRole::kRecord ? 1 : 0;
    count.pieces += output.role == OutputRole::kPiece ? 1 : 0;
    count.dead_letters += output.role == OutputRole::kDeadLetter ? 1 : 0;
  }
  for (size_t i = 0; i < counts.size(); ++i) {
    const Outcome outcome = batch.outcomes()[i];
    MILLRACE_CHECK(outcome != Outcome::kNone);
    MILLRACE_CHECK(counts[i].records <= 1);
    MILLRACE_CHECK(outcome == Outcome::kEmitted || counts[i].records + counts[i].pieces == 0);
    MILLRACE_CHECK(counts[i].dead_letters == (outcome == Outcome::kDeadLettered ? 1U : 0U));
  }
}

bool same(Bytes a, Bytes b) {
  return a.null() == b.null() && a.view() == b.view();
}

bool same(const OutputRecord& a, const OutputRecord& b) {
  if (a.headers.size() != b.headers.size()) return false;
  for (size_t i = 0; i < a.headers.size(); ++i) {
    if (a.headers[i].name != b.headers[i].name) return false;
    if (!same(a.headers[i].value, b.headers[i].value)) return false;
  }
  return same(a.key, b.key) && same(a.value, b.value) && a.timestamp_ms == b.timestamp_ms &&
         a.input == b.input && a.partition == b.partition && a.topic == b.topic && a.role == b.role;
}

void check_same(const Batch& a, const Batch& b) {
  MILLRACE_CHECK(a.outcomes() == b.outcomes());
  MILLRACE_CHECK(a.outputs().size() == b.outputs().size());
  for (size_t i = 0; i < a.outputs().size(); ++i) {
    MILLRACE_CHECK(same(a.outputs()[i], b.outputs()[i]));
  }
}

// What an insight is about is counted or missing.
void check_insights(const Plan& plan, const insights::Shard& shard, const Batch& batch) {
  if (batch.records().empty()) return;
  insights::State state(plan.declaration());
  state.add(shard, batch.range_begin());
  for (const insights::Result& result : state.results()) {
    MILLRACE_CHECK(result.selected == result.counted + result.missing);
  }
}

void run(const std::vector<std::string_view>& parts) {
  const std::unique_ptr<const Plan> plan = make_plan(parts[0]);
  if (plan == nullptr) return;
  const plan::OutputLimits limits(plan->output_topics().size(), {.partitions = 7});
  plan::Processor processor(*plan, limits);
  insights::Shard shard(plan->declaration());
  Batch first;
  Batch second;
  fill(first, parts);
  fill(second, parts);

  processor.process(first, "in", shard);
  check_outputs(*plan, first);
  MILLRACE_CHECK(shard.emitted() + shard.filtered() + shard.dead_lettered() ==
                 first.records().size());
  check_insights(*plan, shard, first);
  shard.clear();
  processor.process(second, "in", shard);

  check_same(first, second);
}

}  // namespace
}  // namespace millrace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  millrace::fuzz::run(millrace::fuzz::split_at_nul(data, size));
  return 0;
}
