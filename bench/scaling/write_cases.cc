// SPDX-License-Identifier: Apache-2.0
// What a state write takes to the topic when so many keys of a partition's state have changed since
// the last one: state::StateWriter::write(), which a commit calls every `state.every`.
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bench/scaling/check.h"
#include "bench/scaling/logins.h"
#include "bench/scaling/memory_log.h"
#include "bench/scaling/section.h"
#include "engine/state/restore.h"
#include "engine/state/state_writer.h"

namespace millrace::bench {
namespace {

double bytes_of(const std::vector<io::CarriedRecord>& records) {
  size_t bytes = 0;
  for (const io::CarriedRecord& record : records)
    bytes += record.key.size() + (record.value ? record.value->size() : 0);
  return static_cast<double>(bytes);
}

Numbers write(const plan::Plan& plan, uint64_t seed, uint64_t users, uint64_t changed) {
  const base::TopicPartition id = input_partitions(1).front();
  MemoryLog log(state_topic(1));
  state::StateWriter writer(log.topic(), id);
  Logins logins(plan, seed, 0, users);
  logins.count(users * 2);
  const std::vector<io::CarriedRecord> first = writer.write(logins.state(), 1'000);
  writer.confirm();
  log.append(first);
  logins.count_each(changed);

  const Stopwatch watch;
  const std::vector<io::CarriedRecord> second = writer.write(logins.state(), 6'000);
  const double seconds = watch.seconds();

  writer.confirm();
  log.append(second);
  check_state(logins.state(), logins.account());
  const auto restored = state::restore(log, {&id, 1}, plan.declaration(), {log.topic(), {}});
  check(restored.ok() && restored.value().at(id).state != nullptr, "the state was not restored");
  check(fingerprint(*restored.value().at(id).state) == fingerprint(logins.state()),
        "what was restored is not what was written");
  return {seconds, static_cast<double>(second.size()), bytes_of(second),
          static_cast<double>(first.size()), bytes_of(first)};
}

std::string label(uint64_t users, uint64_t changed) {
  return fmt::format("{} of {}", changed, users);
}

}  // namespace

Section write_cases(const plan::Plan& plan, const Options& options) {
  Section section;
  section.name = "write";
  section.title = "Write: one partition's state, by keys that changed of all that it has";
  section.columns = {{"cpu_seconds", "CPU s", 1, 5},
                     {"records", "records", 1, 0},
                     {"bytes", "KiB", 1 << 10, 1},
                     {"records_of_all", "of all: records", 1, 0},
                     {"bytes_of_all", "KiB", 1 << 10, 1}};
  for (const auto& [users, changed] :
       std::vector<std::pair<uint64_t, uint64_t>>{{20'000, 1},
                                                  {20'000, 100},
                                                  {20'000, 1'000},
                                                  {20'000, 20'000},
                                                  {100'000, 1},
                                                  {100'000, 100},
                                                  {100'000, 1'000},
                                                  {100'000, 10'000},
                                                  {100'000, 100'000}}) {
    section.cases.push_back(
        {label(users, changed), [&plan, seed = options.seed, users = users, changed = changed] {
           return write(plan, seed, users, changed);
         }});
  }
  return section;
}

}  // namespace millrace::bench
