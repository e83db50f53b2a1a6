// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/insights/output_counts.h"
#include "engine/report/alert.h"
#include "engine/report/health.h"

// What a running pipeline shows of itself at one moment: the one source of the terminal's panel,
// the metrics and the dashboard, so that they cannot contradict each other. Plain values;
// everything is of this process and this run. Never a record's content, but for what samples show
// of it, masked.
namespace millrace::report {

// How long something took: counts between fixed bounds, in seconds, from which rates and quantiles
// over any time follow.
struct Durations {
  static constexpr std::array kBounds{0.000'1, 0.000'25, 0.000'5, 0.001, 0.0025, 0.005,
                                      0.01,    0.025,    0.05,    0.1,   0.25,   0.5,
                                      1.0,     2.5,      5.0,     10.0,  30.0};

  // [i]: at most kBounds[i] and above the bound before; the last one: above them all.
  std::array<uint64_t, kBounds.size() + 1> counts{};
  double sum_seconds = 0;

  void add(std::chrono::duration<double> time);
  void add(const Durations& other);
  [[nodiscard]] uint64_t count() const;
  // From the bounds: the upper one of where the share `quantile` of them ends; 0 where there are
  // none, the last bound where it ends above them all.
  [[nodiscard]] double quantile(double quantile) const;
};

// Where a batch spends its life, one stage after the other. Their times add up to the whole. Of
// batches that settled; of those that were given up, or are only counted again, nothing is counted.
enum class Stage : uint8_t {
  kWait,     // from its first record (so that the time it fills is in it), until a worker begins
  kProcess,  // in a worker
  kOrder,    // until its turn comes, and the deliver thread
  kDeliver,  // until the last output is with the producer
  kSettle,   // until it is settled: acknowledged, or with exactly once committed
};
inline constexpr size_t kStages = 5;

// "wait", "process", "order", "deliver", "settle".
[[nodiscard]] std::string_view name_of(Stage stage);

enum class Phase : uint8_t { kRunning, kDraining, kFinished };

// "running", "draining", "finished".
[[nodiscard]] std::string_view name_of(Phase phase);

struct PartitionVitals {
  base::TopicPartition id;
  bool ours = true;       // else the numbers are of when it was
  base::Offset position;  // the next offset to settle
  // Of the log as the last fetch told it, or where the run ends before it. Nothing: it is not ours,
  // or was not fetched from yet.
  std::optional<base::Offset> end;
  // Offsets from `position` to there; those that hold no record, of transactions' ends for example,
  // count too.
  std::optional<uint64_t> lag;
  uint64_t consumed = 0;
  uint64_t emitted = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
  Status status = Status::kHealthy;
  std::string reason;       // empty where healthy
  bool recounting = false;  // delivery is off: its insights are counted up to the commit
};

// A dead letter that was sent not long ago. At most four a second are taken, one of each rule, and
// the last three of a rule are kept. Of letters that are discarded there are none.
struct DeadLetterSample {
  base::TopicPartition from;
  base::Offset offset;
  int64_t time_ms = 0;  // Unix
  std::string rule;
  // Its value as JSON, cut to some 200 bytes, then "…": each string is "•••", each digit of a
  // number 0, each name that the pipeline does not mention "•••" too; true, false and null stay. Of
  // what is no JSON, or above 16 KiB, its size in words. Not JSON any more: it is to be shown.
  std::string masked;
};

// What librdkafka says of one client, every second where somebody looks, or as often as the user's
// statistics.interval.ms says. Counts are since the client was made: they begin anew where one is
// replaced, after a fatal error.
struct ClientVitals {
  // "consumer"; "producer", of outputs; "offsets", the small transactions of at least once.
  std::string name;
  uint64_t brokers_up = 0;       // connected to now: to one that is asked for nothing it is not
  uint64_t brokers = 0;          // of the cluster that are known by their number
  uint64_t queued_messages = 0;  // produced and not acknowledged, or fetched and not read
  uint64_t queued_bytes = 0;
  uint64_t sent_bytes = 0;
  uint64_t received_bytes = 0;
  uint64_t requests = 0;
  uint64_t request_timeouts = 0;
  uint64_t request_errors = 0;    // sending one or reading its answer failed
  double round_trip_seconds = 0;  // the slowest broker's mean, over the last second
  double throttle_seconds = 0;    // the same of what brokers imposed
};

struct Vitals {
  std::string pipeline;
  std::string instance;  // empty: it has no name
  std::string version;
  std::string guarantee;  // as it is configured
  // Draining: nothing more is read, and what was read is delivered and committed. With --until-end
  // a run may go back to running, where something has to be read again.
  Phase phase = Phase::kRunning;
  int64_t time_ms = 0;     // Unix: now
  int64_t started_ms = 0;  // Unix: when the run began
  std::chrono::duration<double> elapsed{};

  // Records of this run, over its partitions: read; settled; and of the settled ones what became of
  // them, as in the report.
  uint64_t polled = 0;
  uint64_t consumed = 0;
  uint64_t emitted = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
  insights::OutputCounts outputs;
  uint64_t input_bytes = 0;                      // keys, values and headers of `consumed`
  uint64_t output_bytes = 0;                     // keys and values of what was sent for them
  uint64_t uncommitted = 0;                      // offsets settled, and not known to be committed
  std::map<std::string, uint64_t> dead_letters;  // by the rule's id

  std::vector<PartitionVitals> partitions;  // by topic and partition
  std::optional<uint64_t> lag;              // of those that are ours, where all are known
  Health health;
  std::vector<Alert> alerts;
  std::vector<std::string> identity_broken;  // as of now; normally empty
  std::vector<DeadLetterSample> samples;     // the newest last, a few for each rule

  std::array<Durations, kStages> stages;
  uint64_t batches = 0;             // settled
  uint64_t batches_processing = 0;  // read, and not yet in order
  uint64_t batches_processed = 0;   // out of the workers, settled or not; not in the JSON
  uint64_t batches_queued = 0;      // in order, before the deliver thread
  uint64_t batches_unsettled = 0;   // handed over
  uint64_t memory_bytes = 0;        // as configured
  uint64_t batch_memory_bytes = 0;  // its share for batches
  uint64_t batch_memory_used = 0;   // may be above the share, by what one poll read
  uint64_t state_bytes = 0;         // insights, as of at most five seconds ago
  bool budget_spent = false;        // nothing is read until batches settle

  // Of commits that succeeded, each from its begin to the answer; with exactly once behind the
  // acknowledgements that it needs, which are in Stage::kSettle.
  Durations commits;
  uint64_t commits_failed = 0;  // refused: done, or said, again
  // Since the last one that succeeded; none yet: nothing. While nothing is `uncommitted` there is
  // nothing to commit, and this grows.
  std::optional<std::chrono::duration<double>> since_commit;
  std::chrono::duration<double> commit_every{};
  uint64_t rebalances = 0;  // assignments, the first one included
  uint64_t rewinds = 0;     // partitions read again from what was settled

  std::vector<ClientVitals> clients;
  std::chrono::duration<double> cpu{};
  uint64_t rss_bytes = 0;
  uint64_t peak_rss_bytes = 0;
};

// What /vitals.json and the events of the dashboard carry: one line of JSON, members as
// docs/serving.md has them. Ends in no newline.
[[nodiscard]] std::string to_json(const Vitals& vitals);

}  // namespace millrace::report
