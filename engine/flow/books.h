// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/mutex.h"
#include "engine/flow/batch_in_flight.h"
#include "engine/flow/durable.h"
#include "engine/flow/partition_state.h"
#include "engine/flow/progress.h"
#include "engine/flow/running_totals.h"
#include "engine/flow/settled_batches.h"
#include "engine/flow/snapshot.h"
#include "engine/insights/insight.h"
#include "engine/insights/results.h"
#include "engine/io/committer.h"
#include "engine/report/report.h"
#include "engine/settlement/lease.h"
#include "engine/settlement/offset_ledger.h"

namespace millrace::flow {

struct Totals {
  uint64_t polled = 0;
  uint64_t consumed = 0;
  uint64_t emitted = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
  uint64_t uncommitted = 0;  // offsets that are settled but not known to be committed
};

// When what was handed over counts as settled.
enum class SettleAt : uint8_t {
  kAcknowledgement,  // at least once: acknowledged, and everything before it too
  kCommit,           // exactly once: the transaction that holds it is committed
};

// What a commit would say now.
struct Committable {
  std::vector<io::PartitionCommit> offsets;
  uint64_t assignment = 0;  // the source's, on whose behalf it is
  std::vector<io::CarriedRecord> carried;
};

// What is to go out with a commit, beyond what is due.
enum class Finish : uint8_t {
  kNothing,
  kPartitions,  // partitions are about to go: their insights are written down
  kRun,         // the run ends: so are totals
};

// How a lease begins.
struct Opening {
  // The first offset that is delivered; below it, the lease's start, records are only counted
  // again.
  base::Offset resume;
  // That is no continuation of what was committed, as those offsets are lost.
  bool moved = false;
  // The insights that the partition goes on with; null: those that it has.
  std::unique_ptr<PartitionState> state = nullptr;
};

// The books of a run: per lease what was handed over and how far it is settled, per partition what
// was counted. A batch's shard is added to its partition's state at the moment when the batch
// settles, in offset order: so the state of a partition always covers exactly the records that may
// be committed (at least once) or were (exactly once), each once, also after a rewind
// (docs/decisions/0001).
//
// Threading: any thread; one lock, taken per batch.
class Books {
 public:
  // Called with the accounts as they stand at each multiple of `report_every` records (0: never),
  // on the thread that settled, outside the lock.
  using OnMultiple = std::function<void(Snapshot)>;

  // `durable` may be null; it outlives the books.
  Books(const insights::Declaration& declaration, SettleAt settle_at, const Durable* durable,
        uint64_t report_every, OnMultiple on_multiple);

  // Whether the partition's insights are known up to just there, so that they need not be restored.
  [[nodiscard]] bool has_state(const base::TopicPartition& partition, base::Offset end) const;

  // A lease begins.
  void open(std::shared_ptr<settlement::Lease> lease, Opening opening);

  // An assignment has begun: of durable insights, those of other partitions are let go.
  void forget_states_of_others();

  // A batch was read (poll thread). Not for those that are only counted again.
  void polled(const BatchInFlight& batch);

  // A batch will be sent (deliver thread): enters it into its lease's ledger. False: that has ended
  // meanwhile; the batch may not be sent.
  bool hand_over(BatchInFlight& batch);

  // A batch that was read again, without being delivered, is counted (deliver thread). False: its
  // lease has ended meanwhile.
  bool recount(const BatchInFlight& batch);

  // A batch whose ticket is used up: its outputs are acknowledged, or it has failed. Returns the
  // batches that are done with and may be recycled: none (it waits behind a hole, or for the
  // commit), this one, or this one and those that waited behind it.
  [[nodiscard]] std::vector<BatchInFlight*> acknowledge(BatchInFlight& batch);

  // A batch is given up before its hand-over; the caller recycles it.
  void discard(const BatchInFlight& batch);

  // The lease is over: what is not settled is given up. Returns the batches to recycle; others come
  // back through acknowledge(). Where a transaction that may hold some of it is just being
  // committed, that waits for the answer: committed() or refused().
  [[nodiscard]] std::vector<BatchInFlight*> end(const settlement::Lease& lease);

  // One past the last settled offset of the lease.
  [[nodiscard]] base::Offset settled(const settlement::Lease& lease) const;

  // Batches handed over that are not settled yet, over all leases that have not ended.
  [[nodiscard]] size_t unsettled() const;

  // Of these, the ones that are not acknowledged.
  [[nodiscard]] size_t unacknowledged() const;

  // The leases that have unsettled batches and have not ended.
  [[nodiscard]] std::vector<std::shared_ptr<settlement::Lease>> unsettled_leases() const;

  // Every lease that has not ended.
  [[nodiscard]] std::vector<std::shared_ptr<settlement::Lease>> leases() const;

  // Exactly once: whether something handed over since the last commit was given up, so that the
  // transaction that holds it may not be committed. reset() is the answer.
  [[nodiscard]] bool interval_void() const;

  // The transaction that was under way is aborted, and what it held given up before. Requires:
  // nothing was handed over since the abort began.
  void reset();

  // The partition may be somebody else's from now on: nothing more is committed for it, until a
  // lease of it is opened again.
  void release(const base::TopicPartition& partition);

  // Offsets that can be committed and were not, of partitions that are ours. At least once: settled
  // ones (a lease that ended for a rewind or a stop does not matter: what had settled is still
  // committed). Exactly once: everything handed over.
  [[nodiscard]] Committable committable() const;

  // Whether a commit would say or carry anything: such offsets, or what insights put on topics.
  [[nodiscard]] bool wants_commit(Finish finish);

  // A record of no batch, which goes out with a commit soon; where none carries any, it is dropped.
  void publish(io::CarriedRecord record);

  // A commit of all that is committable begins; then one of the two below. Nothing where it may
  // not: exactly once, the interval is void (or about to be), or not all of it is acknowledged.
  // None begins where there are no offsets to commit (any more).
  [[nodiscard]] std::optional<Committable> begin_commit(Finish finish);

  // It succeeded. Returns the batches that are settled by it and may be recycled.
  [[nodiscard]] std::vector<BatchInFlight*> committed(std::span<const io::PartitionCommit> offsets);

  // It failed. Exactly once: its interval is void. Returns the batches to recycle, of leases that
  // ended meanwhile.
  [[nodiscard]] std::vector<BatchInFlight*> refused();

  // A partition was stopped for good.
  void stopped(const base::TopicPartition& partition, std::string reason);

  [[nodiscard]] Totals totals() const;

  // The accounts alone; and with the insights, which takes longer.
  [[nodiscard]] Snapshot accounts() const;
  [[nodiscard]] Snapshot snapshot() const;

  // How far each partition is that is ours or was stopped.
  [[nodiscard]] std::vector<PartitionProgress> progress() const;

  [[nodiscard]] SettledBatches settled_batches() const;

  // Bytes that the insights hold. Goes through all of their windows.
  [[nodiscard]] size_t state_bytes() const;

  // The last snapshot: each partition's state is given back as soon as it is merged, so that the
  // final report does not need the memory of all insights twice. Nothing may settle any more; the
  // accounts can still be asked for.
  [[nodiscard]] Snapshot close();

 private:
  struct Account {
    report::PartitionAccount numbers;
    // Shared with the commit under way, which may end after the partition began anew.
    std::shared_ptr<PartitionState> state;
    base::Offset resume;     // where delivery began; a state that is behind it is counting again
    base::Offset committed;  // what the group is known to have
    uint64_t assignment = 0;
    const settlement::Lease* lease = nullptr;  // the one opened last
    bool ours = false;
    bool moved = false;  // since the commit under way began: that says nothing of it
  };

  struct LeaseBook {
    std::shared_ptr<settlement::Lease> lease;
    settlement::OffsetLedger<BatchInFlight*> ledger;
    Account* account;
    bool ended = false;  // while the commit under way may still settle some of it
  };

  // A snapshot that is to be finished and shown when the lock is let go.
  struct Multiple {
    SnapshotMaker maker;
    report::Given given;
  };

  void count(LeaseBook& book, BatchInFlight& batch) REQUIRES(mutex_);
  void settle(LeaseBook& book, BatchInFlight* batch, std::chrono::steady_clock::time_point now,
              std::vector<BatchInFlight*>& done, std::vector<Multiple>& multiples) REQUIRES(mutex_);
  void give_up(LeaseBook& book, std::vector<BatchInFlight*>& done) REQUIRES(mutex_);
  void finish_ended(std::vector<BatchInFlight*>& done) REQUIRES(mutex_);
  [[nodiscard]] size_t unsettled_batches() const REQUIRES(mutex_);
  [[nodiscard]] Committable offsets_to_commit() const REQUIRES(mutex_);
  void carry(Committable& commit, Finish finish) REQUIRES(mutex_);
  void carry_totals(Committable& commit, Finish finish) REQUIRES(mutex_);
  [[nodiscard]] bool wants_totals(PartitionState::TimePoint now, Finish finish) const
      REQUIRES(mutex_);
  [[nodiscard]] static report::PartitionAccount numbers_of(const Account& of);
  [[nodiscard]] report::Given given() const REQUIRES(mutex_);
  void report_multiples(std::vector<Multiple> multiples) const;
  Account& account(const base::TopicPartition& id) REQUIRES(mutex_);
  LeaseBook* find(const settlement::Lease& lease) REQUIRES(mutex_);

  const insights::Declaration& declaration_;
  const SettleAt settle_at_;
  const Durable* const durable_;
  const uint64_t report_every_;
  const OnMultiple on_multiple_;

  mutable base::Mutex mutex_;
  std::map<base::TopicPartition, Account> accounts_ GUARDED_BY(mutex_);
  std::unordered_map<const settlement::Lease*, LeaseBook> leases_ GUARDED_BY(mutex_);
  Totals totals_ GUARDED_BY(mutex_);
  std::vector<uint64_t> dead_letters_ GUARDED_BY(mutex_);  // by rule
  SettledBatches settled_batches_ GUARDED_BY(mutex_);
  // What the commit under way carries insights of.
  std::vector<std::shared_ptr<PartitionState>> carrying_ GUARDED_BY(mutex_);
  std::optional<RunningTotals> running_totals_ GUARDED_BY(mutex_);
  std::vector<io::CarriedRecord> published_ GUARDED_BY(mutex_);
  size_t publishing_ GUARDED_BY(mutex_) = 0;  // of these, with the commit under way
  uint64_t commits_ GUARDED_BY(mutex_) = 0;
  bool committing_ GUARDED_BY(mutex_) = false;
  bool interval_void_ GUARDED_BY(mutex_) = false;
};

}  // namespace millrace::flow
