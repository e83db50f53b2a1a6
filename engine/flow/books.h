// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/mutex.h"
#include "engine/flow/batch_in_flight.h"
#include "engine/insights/shard.h"
#include "engine/io/committer.h"
#include "engine/report/report.h"
#include "engine/settlement/lease.h"
#include "engine/settlement/offset_ledger.h"

namespace millrace::flow {

// What was counted up to a moment; the accounts by topic and partition, the insights merged.
struct Snapshot {
  std::vector<report::PartitionAccount> accounts;
  std::unique_ptr<insights::Shard> insights;
};

struct Totals {
  uint64_t polled = 0;
  uint64_t consumed = 0;
  uint64_t emitted = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
  uint64_t uncommitted = 0;  // offsets that are settled but not known to be committed
};

// The books of a run: per lease what was handed over and how far it is settled, per partition what
// was counted. A batch's shard is merged at the moment when the batch joins its partition's settled
// prefix, in offset order: so the state of a partition always covers exactly the records that may
// be committed, each once, also after a rewind (docs/decisions/0001).
//
// Threading: any thread; one lock, taken per batch.
class Books {
 public:
  // Called with the books as they stand at each multiple of `report_every` records (0: never), on
  // the thread that settled, outside the lock.
  using OnMultiple = std::function<void(Snapshot)>;

  Books(const insights::Declaration& declaration, uint64_t report_every, OnMultiple on_multiple);

  // A lease begins.
  void open(std::shared_ptr<settlement::Lease> lease);

  // A batch was read (poll thread).
  void polled(const BatchInFlight& batch);

  // A batch will be sent (deliver thread): enters it into its lease's ledger.
  void hand_over(BatchInFlight& batch);

  // A batch whose ticket is used up. Returns the batches that are done with and may be recycled:
  // none (it waits behind a hole), this one, or this one and those that waited behind it.
  [[nodiscard]] std::vector<BatchInFlight*> settle(BatchInFlight& batch);

  // A batch is given up before its hand-over; the caller recycles it.
  void discard(const BatchInFlight& batch);

  // The lease is over: what is not in its settled prefix is given up. Returns the batches to
  // recycle; others come back through settle().
  [[nodiscard]] std::vector<BatchInFlight*> end(const settlement::Lease& lease);

  // One past the last settled offset of the lease.
  [[nodiscard]] base::Offset settled(const settlement::Lease& lease) const;

  // Batches handed over that are not in a settled prefix yet, over all leases that have not ended.
  [[nodiscard]] size_t unsettled() const;

  // The partition may be somebody else's from now on: nothing more is committed for it, until a
  // lease of it is opened again.
  void release(const base::TopicPartition& partition);

  // Settled offsets that were not committed yet, of partitions that are ours. A lease that ended
  // for a rewind or a stop does not matter: what had settled is still committed.
  [[nodiscard]] std::vector<io::PartitionOffset> committable() const;
  void committed(std::span<const io::PartitionOffset> offsets);

  // A partition was stopped for good.
  void stopped(const base::TopicPartition& partition, std::string reason);

  [[nodiscard]] Totals totals() const;
  [[nodiscard]] Snapshot snapshot() const;

  // The last snapshot: each partition's state is given back as soon as it is merged, so that the
  // final report does not need the memory of all insights twice. Nothing may settle any more.
  [[nodiscard]] Snapshot close();

 private:
  struct Account {
    report::PartitionAccount numbers;
    std::unique_ptr<insights::Shard> state;
    base::Offset committed;  // what the group is known to have
    bool ours = false;

    explicit Account(const insights::Declaration& declaration)
        : state(std::make_unique<insights::Shard>(declaration)) {}
  };

  struct LeaseBook {
    std::shared_ptr<settlement::Lease> lease;
    settlement::OffsetLedger<BatchInFlight*> ledger;
    Account* account;
  };

  void merge(Account& account, BatchInFlight& batch) REQUIRES(mutex_);
  [[nodiscard]] Snapshot snapshot_locked() const REQUIRES(mutex_);
  static void add(const Account& of, Snapshot& snapshot);
  Account& account(const base::TopicPartition& id) REQUIRES(mutex_);
  LeaseBook* find(const settlement::Lease& lease) REQUIRES(mutex_);

  const insights::Declaration& declaration_;
  const uint64_t report_every_;
  const OnMultiple on_multiple_;

  mutable base::Mutex mutex_;
  std::map<base::TopicPartition, Account> accounts_ GUARDED_BY(mutex_);
  std::unordered_map<const settlement::Lease*, LeaseBook> leases_ GUARDED_BY(mutex_);
  Totals totals_ GUARDED_BY(mutex_);
};

}  // namespace millrace::flow
