// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/books.h"

#include <optional>
#include <utility>

#include "engine/base/check.h"

namespace millrace::flow {

Books::Books(const insights::Declaration& declaration, uint64_t report_every,
             OnMultiple on_multiple)
    : declaration_(declaration),
      report_every_(report_every),
      on_multiple_(std::move(on_multiple)) {}

Books::Account& Books::account(const base::TopicPartition& id) {
  const auto [found, inserted] = accounts_.try_emplace(id, declaration_);
  if (inserted) found->second.numbers.id = id;
  return found->second;
}

Books::LeaseBook* Books::find(const settlement::Lease& lease) {
  const auto found = leases_.find(&lease);
  return found == leases_.end() ? nullptr : &found->second;
}

void Books::open(std::shared_ptr<settlement::Lease> lease) {
  base::MutexLock lock(mutex_);
  Account& of = account(lease->id());
  if (!of.numbers.first.valid()) {
    of.numbers.first = lease->start();
    of.numbers.next = lease->start();
  } else if (lease->start() != of.numbers.next) {
    // The partition was somebody else's meanwhile: what lies in between is theirs to account for.
    of.numbers.elsewhere += lease->start().value - of.numbers.next.value;
    of.numbers.next = lease->start();
  }
  // Read again after a rewind, the partition may have settled offsets that are still to be
  // committed.
  if (!of.ours) of.committed = lease->start();
  of.ours = true;
  const settlement::Lease* key = lease.get();
  const base::Offset start = lease->start();
  leases_.emplace(
      key, LeaseBook{std::move(lease), settlement::OffsetLedger<BatchInFlight*>(start), &of});
}

void Books::release(const base::TopicPartition& partition) {
  base::MutexLock lock(mutex_);
  account(partition).ours = false;
}

void Books::polled(const BatchInFlight& batch) {
  base::MutexLock lock(mutex_);
  const size_t records = batch.batch.records().size();
  account(batch.lease->id()).numbers.polled += records;
  totals_.polled += records;
}

void Books::hand_over(BatchInFlight& batch) {
  base::MutexLock lock(mutex_);
  LeaseBook* book = find(*batch.lease);
  MILLRACE_CHECK(book != nullptr);
  batch.ledger_number =
      book->ledger.add(batch.batch.range_begin(), batch.batch.range_end(), &batch);
}

void Books::merge(Account& of, BatchInFlight& batch) {
  const size_t records = batch.batch.records().size();
  of.state->merge(batch.shard);
  of.numbers.consumed += records;
  of.numbers.gaps += batch.batch.gaps();
  of.numbers.next = batch.batch.range_end();
  of.numbers.sent += batch.sent;
  of.numbers.acknowledged += batch.acknowledged;
  totals_.consumed += records;
  totals_.emitted += batch.shard.emitted();
  totals_.filtered += batch.shard.filtered();
  totals_.dead_lettered += batch.shard.dead_lettered();
}

std::vector<BatchInFlight*> Books::settle(BatchInFlight& batch) {
  std::vector<BatchInFlight*> done;
  std::vector<Snapshot> multiples;
  {
    base::MutexLock lock(mutex_);
    LeaseBook* book = find(*batch.lease);
    // Of a closed lease nothing joins the prefix any more: reading may already go on from there.
    if (book == nullptr || batch.lease->closed() || batch.failed || batch.abandoned) {
      if (book != nullptr) book->ledger.drop(batch.ledger_number);
      if (!batch.given_up)
        account(batch.lease->id()).numbers.discarded += batch.batch.records().size();
      done.push_back(&batch);
    } else {
      book->ledger.settle(batch.ledger_number, [&](BatchInFlight* in_order) {
        // clang's analysis does not look through a lambda: the lock is held.
        mutex_.assert_held();
        const uint64_t before = totals_.consumed;
        merge(*book->account, *in_order);
        if (report_every_ != 0 && before / report_every_ != totals_.consumed / report_every_)
          multiples.push_back(snapshot_locked());
        done.push_back(in_order);
      });
    }
  }
  for (Snapshot& snapshot : multiples) on_multiple_(std::move(snapshot));
  return done;
}

void Books::discard(const BatchInFlight& batch) {
  base::MutexLock lock(mutex_);
  account(batch.lease->id()).numbers.discarded += batch.batch.records().size();
}

std::vector<BatchInFlight*> Books::end(const settlement::Lease& lease) {
  base::MutexLock lock(mutex_);
  std::vector<BatchInFlight*> done;
  LeaseBook* book = find(lease);
  if (book == nullptr) return done;
  book->ledger.give_up([&](BatchInFlight* batch, bool settled) {
    if (batch == nullptr) return;  // failed, counted and recycled already
    book->account->numbers.discarded += batch->batch.records().size();
    if (settled) {
      done.push_back(batch);
    } else {
      batch->given_up = true;
    }
  });
  leases_.erase(&lease);
  return done;
}

base::Offset Books::settled(const settlement::Lease& lease) const {
  base::MutexLock lock(mutex_);
  const auto found = leases_.find(&lease);
  return found == leases_.end() ? base::Offset{} : found->second.ledger.settled();
}

size_t Books::unsettled() const {
  base::MutexLock lock(mutex_);
  size_t count = 0;
  for (const auto& [lease, book] : leases_) count += book.ledger.unsettled();
  return count;
}

std::vector<io::PartitionOffset> Books::committable() const {
  base::MutexLock lock(mutex_);
  std::vector<io::PartitionOffset> offsets;
  for (const auto& [id, of] : accounts_)
    if (of.ours && of.numbers.next > of.committed) offsets.push_back({id, of.numbers.next});
  return offsets;
}

void Books::committed(std::span<const io::PartitionOffset> offsets) {
  base::MutexLock lock(mutex_);
  for (const io::PartitionOffset& offset : offsets) {
    Account& of = account(offset.id);
    if (of.ours && offset.next > of.committed) of.committed = offset.next;
  }
}

void Books::stopped(const base::TopicPartition& partition, std::string reason) {
  base::MutexLock lock(mutex_);
  account(partition).numbers.stopped = std::move(reason);
}

Totals Books::totals() const {
  base::MutexLock lock(mutex_);
  Totals totals = totals_;
  for (const auto& [id, of] : accounts_)
    if (of.ours && of.numbers.next > of.committed)
      totals.uncommitted += static_cast<uint64_t>(of.numbers.next.value - of.committed.value);
  return totals;
}

// The lock is let go between two partitions: merging the keys of all of them at once would hold up
// settlement. Each account is consistent in itself, which is all that the report compares.
Snapshot Books::snapshot() const {
  Snapshot snapshot;
  snapshot.insights = std::make_unique<insights::Shard>(declaration_);
  std::optional<base::TopicPartition> last;
  for (;;) {
    base::MutexLock lock(mutex_);
    const auto next = last ? accounts_.upper_bound(*last) : accounts_.begin();
    if (next == accounts_.end()) return snapshot;
    add(next->second, snapshot);
    last = next->first;
  }
}

Snapshot Books::snapshot_locked() const {
  Snapshot snapshot;
  snapshot.insights = std::make_unique<insights::Shard>(declaration_);
  for (const auto& [id, of] : accounts_) add(of, snapshot);
  return snapshot;
}

Snapshot Books::close() {
  base::MutexLock lock(mutex_);
  Snapshot snapshot;
  snapshot.insights = std::make_unique<insights::Shard>(declaration_);
  for (auto& [id, of] : accounts_) {
    add(of, snapshot);
    of.state.reset();
  }
  accounts_.clear();
  leases_.clear();
  return snapshot;
}

void Books::add(const Account& of, Snapshot& snapshot) {
  report::PartitionAccount numbers = of.numbers;
  numbers.emitted = of.state->emitted();
  numbers.filtered = of.state->filtered();
  numbers.dead_lettered = of.state->dead_lettered();
  numbers.outputs = of.state->outputs();
  snapshot.accounts.push_back(std::move(numbers));
  snapshot.insights->merge(*of.state);
}

}  // namespace millrace::flow
