// SPDX-License-Identifier: Apache-2.0
// One copy gets partitions assigned and takes up their states: state::restore(), which is what a
// copy of `millrace run` calls in its assign callback.
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bench/scaling/check.h"
#include "bench/scaling/logins.h"
#include "bench/scaling/memory_log.h"
#include "bench/scaling/section.h"
#include "engine/state/restore.h"

namespace millrace::bench {
namespace {

constexpr uint64_t kRecords = 100'000;
constexpr uint64_t kUsers = 20'000;

struct States {
  std::vector<Written> written;
  std::vector<uint64_t> fingerprints;
};

std::shared_ptr<States> make_states(const plan::Plan& plan, const Options& options) {
  const size_t kinds = options.quick ? 4 : 16;
  auto states = std::make_shared<States>();
  for (size_t i = 0; i < kinds; ++i) {
    Logins logins(plan, options.seed + i, i * kUsers, kUsers);
    logins.count(kRecords + i);
    check_state(logins.state(), logins.account());
    states->written.push_back(write_down(logins.state()));
    states->fingerprints.push_back(fingerprint(logins.state()));
  }
  return states;
}

// `mine` of the partitions 0 to `all`: the first ones, as the range assignor gives them.
Numbers restore(const plan::Plan& plan, const States& states, int32_t mine, int32_t all) {
  MemoryLog log(state_topic(all));
  std::vector<base::TopicPartition> ids = input_partitions(all);
  uint64_t own_bytes = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    const Written& written = states.written[i % states.written.size()];
    log.put(ids[i], written);
    if (i < static_cast<size_t>(mine)) own_bytes += bytes_of(written);
  }
  ids.resize(static_cast<size_t>(mine));

  const PeakMemory peak;
  const Stopwatch watch;
  auto restored = state::restore(log, ids, plan.declaration(), {log.topic(), {}});
  const double seconds = watch.seconds();
  const double peak_bytes = peak.bytes();

  check(restored.ok(), "the states cannot be read");
  check(restored.value().size() == ids.size(), "partitions were not restored");
  double held = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    const state::Restored& one = restored.value().at(ids[i]);
    check(one.error.empty() && one.notes.empty() && one.state != nullptr,
          "a state was not restored");
    check(fingerprint(*one.state) == states.fingerprints[i % states.fingerprints.size()],
          "what was restored is not what was written");
    held += static_cast<double>(one.state->footprint());
  }
  return {seconds, static_cast<double>(log.bytes_read()), static_cast<double>(own_bytes), held,
          peak_bytes};
}

std::string label(int32_t mine, int32_t all) {
  return fmt::format("{} of {}", mine, all);
}

}  // namespace

Section restore_cases(const plan::Plan& plan, const Options& options) {
  const auto states = make_states(plan, options);
  Section section;
  section.name = "restore";
  section.title = fmt::format("Restore: one copy takes up partitions of {} records, {} users each",
                              kRecords, kUsers);
  section.columns = {{"cpu_seconds", "CPU s", 1, 4},
                     {"bytes_read", "MiB read", 1 << 20, 1},
                     {"bytes_own", "MiB its own", 1 << 20, 1},
                     {"bytes_held", "MiB held", 1 << 20, 1},
                     {"bytes_peak", "MiB peak", 1 << 20, 1}};
  std::vector<std::pair<int32_t, int32_t>> sizes{{1, 1}, {10, 10}, {100, 100}, {1, 100}};
  if (!options.quick) sizes.insert(sizes.end(), {{1'000, 1'000}, {1, 1'000}, {16, 1'000}});
  for (const auto& [mine, all] : sizes) {
    section.cases.push_back({label(mine, all), [&plan, states, mine = mine, all = all] {
                               return restore(plan, *states, mine, all);
                             }});
  }
  section.ratios = {{"restore_100_over_10_times_10", label(100, 100), label(10, 10), 10}};
  if (!options.quick) {
    section.ratios.push_back(
        {"restore_1000_over_10_times_100", label(1'000, 1'000), label(100, 100), 10});
    section.ratios.push_back({"restore_1_of_1000_over_1_of_1", label(1, 1'000), label(1, 1), 1});
  }
  return section;
}

}  // namespace millrace::bench
