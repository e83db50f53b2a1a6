// SPDX-License-Identifier: Apache-2.0
// process_run CASE BATCHES: does one part of the work as often as it is told, and nothing else as
// often, for a tool that counts instructions (guard.py). All that is to be counted happens inside
// counted_part(). What the program is made of goes to standard output, as JSON.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "bench/micro/workload.h"
#include "engine/insights/shard.h"
#include "engine/insights/state.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"
#include "engine/record/batch.h"

// Hash tables take a seed from it, so that nobody can choose colliding keys; here every run shall
// take the same steps. This definition comes before the one of the library.
unsigned int std::random_device::_M_getval() {
  return 1;
}

namespace millrace::bench {
namespace {

// Once for memory to be there, and once for what is learnt of the records.
constexpr size_t kWarmBatches = 2;

struct Case {
  std::unique_ptr<const plan::Plan> (*plan)();
  std::string (*record)(size_t);
  size_t records;       // of a batch
  size_t dead_letters;  // of these
  bool merged = false;  // what is counted is the adding to a state, not process
};

const std::map<std::string_view, Case>& cases() {
  static const std::map<std::string_view, Case> all = {
      {"p3", {p3, login, 1000, 0}},
      {"p3_with_insights", {p3_with_insights, login, 1000, 0}},
      {"merge", {p3_with_insights, login, 1000, 0, true}},
      {"order", {order_plan, order, 100, 0}},
      {"fifty_rules", {wide_plan, wide, 200, 0}},
      {"dead_letters", {p3, login_half_bad, 1000, 500}},
  };
  return all;
}

using Batches = std::vector<std::unique_ptr<record::Batch>>;
using Shards = std::vector<std::unique_ptr<insights::Shard>>;

}  // namespace

// A name of its own, so that a tool can find its beginning and its end.
extern "C" __attribute__((noinline, used)) void counted_part(plan::Processor* processor,
                                                             record::Batch* batch,
                                                             insights::Shard* shard,
                                                             insights::State* state,
                                                             int64_t offset) {
  if (processor != nullptr) processor->process(*batch, "in", *shard);
  if (state != nullptr) state->add(*shard, base::Offset{offset});
}

namespace {

// Every batch holds other users than those before it. Returns the records that were counted.
size_t run(const Case& of, size_t batches) {
  const std::unique_ptr<const plan::Plan> plan = of.plan();
  plan::Processor processor(*plan, no_limits(*plan));
  insights::State state(plan->declaration());
  insights::Shard shard(plan->declaration());
  record::Batch batch;
  for (size_t i = 0; i < batches + kWarmBatches; ++i) {
    const auto offset = static_cast<int64_t>(i * of.records);
    shard.clear();
    fill(batch, records(of.record, of.records, i * of.records), base::Offset{offset});
    const bool counted = i >= kWarmBatches;
    if (counted && !of.merged) {
      counted_part(&processor, &batch, &shard, nullptr, offset);
    } else {
      processor.process(batch, "in", shard);
    }
    check(batch.outputs().size() == of.records && shard.emitted() == of.records - of.dead_letters &&
              shard.dead_lettered() == of.dead_letters,
          "process");
    if (counted && of.merged) {
      counted_part(nullptr, nullptr, &shard, &state, offset);
    } else {
      state.add(shard, base::Offset{offset});
    }
  }
  check(state.emitted() == (batches + kWarmBatches) * (of.records - of.dead_letters),
        "the insights");
  return batches * of.records;
}

}  // namespace
}  // namespace millrace::bench

int main(int argc, char** argv) {
  using millrace::bench::cases;
  const auto found = argc == 3 ? cases().find(argv[1]) : cases().end();
  const size_t batches = argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 0;
  if (found == cases().end() || batches == 0) {
    fmt::print(stderr, "usage: {} CASE BATCHES\ncases:", argv[0]);
    for (const auto& [name, of] : cases()) fmt::print(stderr, " {}", name);
    fmt::print(stderr, "\n");
    return 2;
  }
  const size_t records = millrace::bench::run(found->second, batches);
  fmt::print(R"({{"records": {}, "compiler": "{}", "flags": "{}", "simdjson": "{}.{}.{}", )"
             R"("kernel": "{}"}})"
             "\n",
             records, MILLRACE_GUARD_COMPILER, MILLRACE_GUARD_FLAGS,
             static_cast<int>(simdjson::SIMDJSON_VERSION_MAJOR),
             static_cast<int>(simdjson::SIMDJSON_VERSION_MINOR),
             static_cast<int>(simdjson::SIMDJSON_VERSION_REVISION),
             simdjson::get_active_implementation()->name());
  return 0;
}
