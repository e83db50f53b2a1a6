// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/books.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/check.h"

namespace millrace::flow {

Books::Books(const insights::Declaration& declaration, SettleAt settle_at, uint64_t report_every,
             OnMultiple on_multiple)
    : declaration_(declaration),
      settle_at_(settle_at),
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

void Books::open(std::shared_ptr<settlement::Lease> lease, bool moved) {
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
  if (!of.ours || moved) of.committed = lease->start();
  of.moved = of.moved || moved;
  of.ours = true;
  of.assignment = lease->assignment();
  of.lease = lease.get();
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

bool Books::hand_over(BatchInFlight& batch) {
  base::MutexLock lock(mutex_);
  LeaseBook* book = find(*batch.lease);
  if (book == nullptr || book->ended) return false;
  batch.handed_over = std::chrono::steady_clock::now();
  batch.ledger_number =
      book->ledger.add(batch.batch.range_begin(), batch.batch.range_end(), &batch);
  return true;
}

void Books::count(LeaseBook& book, BatchInFlight& batch) {
  Account& of = *book.account;
  const size_t records = batch.batch.records().size();
  // (Where a batch of gaps ends would depend on when they were found.)
  if (records > 0) of.state->add(batch.shard, batch.batch.records().front().offset);
  of.numbers.consumed += records;
  of.numbers.gaps += batch.batch.gaps();
  if (of.lease == book.lease.get()) {
    of.numbers.next = batch.batch.range_end();
  } else {
    // The answer came after the partition had been opened again behind it: what was taken for
    // somebody else's work was ours.
    of.numbers.elsewhere -= batch.batch.range_end().value - batch.batch.range_begin().value;
  }
  of.numbers.sent += batch.sent;
  of.numbers.acknowledged += batch.acknowledged;
  totals_.consumed += records;
  totals_.emitted += batch.shard.emitted();
  totals_.filtered += batch.shard.filtered();
  totals_.dead_lettered += batch.shard.dead_lettered();
}

// One batch joins the settled prefix.
void Books::settle(LeaseBook& book, BatchInFlight* batch, std::vector<BatchInFlight*>& done,
                   std::vector<Merged>& multiples) {
  const uint64_t before = totals_.consumed;
  count(book, *batch);
  if (report_every_ != 0 && before / report_every_ != totals_.consumed / report_every_)
    multiples.push_back(merge_locked());
  done.push_back(batch);
}

std::vector<BatchInFlight*> Books::acknowledge(BatchInFlight& batch) {
  std::vector<BatchInFlight*> done;
  std::vector<Merged> multiples;
  {
    base::MutexLock lock(mutex_);
    LeaseBook* book = find(*batch.lease);
    // Of a closed lease nothing settles any more: reading may already go on from there. (Unless it
    // is in a commit whose answer is still to come; that had every acknowledgement.)
    if (book == nullptr || batch.lease->closed() || batch.failed || batch.abandoned) {
      if (book != nullptr) {
        book->ledger.drop(batch.ledger_number);
        interval_void_ = true;
      }
      if (!batch.given_up)
        account(batch.lease->id()).numbers.discarded += batch.batch.records().size();
      done.push_back(&batch);
    } else {
      book->ledger.acknowledge(batch.ledger_number);
      if (settle_at_ == SettleAt::kAcknowledgement) {
        book->ledger.settle_acknowledged([&](BatchInFlight* in_order) {
          // clang's analysis does not look through a lambda: the lock is held.
          mutex_.assert_held();
          settle(*book, in_order, done, multiples);
        });
      }
    }
  }
  report_multiples(std::move(multiples));
  return done;
}

void Books::discard(const BatchInFlight& batch) {
  base::MutexLock lock(mutex_);
  account(batch.lease->id()).numbers.discarded += batch.batch.records().size();
}

void Books::give_up(LeaseBook& book, std::vector<BatchInFlight*>& done) {
  book.ledger.give_up([&](BatchInFlight* batch, bool acknowledged) {
    mutex_.assert_held();
    interval_void_ = true;
    if (batch == nullptr) return;  // failed, counted and recycled already
    book.account->numbers.discarded += batch->batch.records().size();
    if (acknowledged) {
      done.push_back(batch);
    } else {
      batch->given_up = true;
    }
  });
}

std::vector<BatchInFlight*> Books::end(const settlement::Lease& lease) {
  base::MutexLock lock(mutex_);
  std::vector<BatchInFlight*> done;
  LeaseBook* book = find(lease);
  if (book == nullptr) return done;
  if (settle_at_ == SettleAt::kCommit && committing_ && book->ledger.unsettled() > 0) {
    book->ended = true;
    return done;
  }
  give_up(*book, done);
  leases_.erase(&lease);
  return done;
}

// The commit is decided: what had to wait for that ends now.
void Books::finish_ended(std::vector<BatchInFlight*>& done) {
  for (auto entry = leases_.begin(); entry != leases_.end();) {
    if (entry->second.ended) {
      give_up(entry->second, done);
      entry = leases_.erase(entry);
    } else {
      ++entry;
    }
  }
}

base::Offset Books::settled(const settlement::Lease& lease) const {
  base::MutexLock lock(mutex_);
  const auto found = leases_.find(&lease);
  return found == leases_.end() ? base::Offset{} : found->second.ledger.settled();
}

size_t Books::unsettled() const {
  base::MutexLock lock(mutex_);
  size_t count = 0;
  for (const auto& [lease, book] : leases_)
    if (!book.ended) count += book.ledger.unsettled();
  return count;
}

size_t Books::unacknowledged() const {
  base::MutexLock lock(mutex_);
  size_t count = 0;
  for (const auto& [lease, book] : leases_)
    if (!book.ended) count += book.ledger.unacknowledged();
  return count;
}

std::vector<std::shared_ptr<settlement::Lease>> Books::unsettled_leases() const {
  base::MutexLock lock(mutex_);
  std::vector<std::shared_ptr<settlement::Lease>> leases;
  for (const auto& [lease, book] : leases_)
    if (!book.ended && book.ledger.unsettled() > 0) leases.push_back(book.lease);
  return leases;
}

std::vector<std::shared_ptr<settlement::Lease>> Books::leases() const {
  base::MutexLock lock(mutex_);
  std::vector<std::shared_ptr<settlement::Lease>> leases;
  for (const auto& [lease, book] : leases_)
    if (!book.ended) leases.push_back(book.lease);
  return leases;
}

bool Books::interval_void() const {
  base::MutexLock lock(mutex_);
  return settle_at_ == SettleAt::kCommit && interval_void_;
}

void Books::reset() {
  base::MutexLock lock(mutex_);
  interval_void_ = false;
}

Committable Books::committable_locked() const {
  Committable all;
  if (settle_at_ == SettleAt::kAcknowledgement) {
    for (const auto& [id, of] : accounts_) {
      if (!of.ours || of.numbers.next <= of.committed) continue;
      all.offsets.push_back({id, of.numbers.next, of.committed});
      all.assignment = of.assignment;
    }
    return all;
  }
  for (const auto& [lease, book] : leases_) {
    const Account& of = *book.account;
    if (book.ended || !of.ours || book.ledger.unsettled() == 0) continue;
    all.offsets.push_back({lease->id(), book.ledger.end(), of.committed});
    all.assignment = lease->assignment();
  }
  return all;
}

Committable Books::committable() const {
  base::MutexLock lock(mutex_);
  return committable_locked();
}

std::optional<Committable> Books::begin_commit() {
  base::MutexLock lock(mutex_);
  if (settle_at_ == SettleAt::kCommit) {
    if (interval_void_) return std::nullopt;
    for (const auto& [lease, book] : leases_) {
      if (book.ledger.unacknowledged() > 0) return std::nullopt;
      // Lost and about to be given up: its outputs must not be committed without its offsets.
      const bool over = lease->closed() || !book.account->ours;
      if (over && book.ledger.unsettled() > 0) return std::nullopt;
    }
  }
  Committable all = committable_locked();
  if (all.offsets.empty()) return all;
  committing_ = true;
  for (auto& [id, of] : accounts_) of.moved = false;
  return all;
}

std::vector<BatchInFlight*> Books::committed(std::span<const io::PartitionCommit> offsets) {
  std::vector<BatchInFlight*> done;
  std::vector<Merged> multiples;
  {
    base::MutexLock lock(mutex_);
    committing_ = false;
    for (const io::PartitionCommit& offset : offsets) {
      Account& of = account(offset.id);
      if (of.ours && !of.moved && offset.next > of.committed) of.committed = offset.next;
    }
    if (settle_at_ == SettleAt::kCommit) {
      for (auto& entry : leases_) {
        LeaseBook& book = entry.second;
        // Nothing was handed over since: all of it was in the commit.
        // (Of a lease that began meanwhile nothing was handed over.)
        book.ledger.settle_all([&](BatchInFlight* in_order) {
          mutex_.assert_held();
          settle(book, in_order, done, multiples);
        });
      }
      finish_ended(done);
    }
  }
  report_multiples(std::move(multiples));
  return done;
}

std::vector<BatchInFlight*> Books::refused() {
  base::MutexLock lock(mutex_);
  std::vector<BatchInFlight*> done;
  committing_ = false;
  if (settle_at_ == SettleAt::kCommit) interval_void_ = true;
  finish_ended(done);
  return done;
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

std::vector<PartitionProgress> Books::progress() const {
  const auto now = std::chrono::steady_clock::now();
  base::MutexLock lock(mutex_);
  std::map<base::TopicPartition, PartitionProgress> all;
  for (const auto& [id, of] : accounts_) {
    if (!of.ours && of.numbers.stopped.empty()) continue;
    PartitionProgress& progress = all[id];
    progress.id = id;
    progress.position = of.numbers.next;
    progress.stopped = of.numbers.stopped;
  }
  for (const auto& [lease, book] : leases_) {
    const auto found = all.find(lease->id());
    if (found == all.end() || book.ledger.unsettled() == 0) continue;
    found->second.unsettled += book.ledger.unsettled();
    if (const BatchInFlight* oldest = book.ledger.oldest()) {
      const auto age =
          std::chrono::duration_cast<std::chrono::milliseconds>(now - oldest->handed_over);
      found->second.oldest_unsettled = std::max(found->second.oldest_unsettled, age);
    }
  }
  std::vector<PartitionProgress> list;
  for (auto& [id, progress] : all) list.push_back(std::move(progress));
  return list;
}

Books::Merged Books::nothing_merged() const {
  return {{}, std::make_unique<insights::State>(declaration_)};
}

// The lock is let go between two partitions: merging the keys of all of them at once would hold up
// settlement. Each account is consistent in itself, which is all that the report compares.
Snapshot Books::snapshot() const {
  Merged merged = nothing_merged();
  std::optional<base::TopicPartition> last;
  for (;;) {
    base::MutexLock lock(mutex_);
    const auto next = last ? accounts_.upper_bound(*last) : accounts_.begin();
    if (next == accounts_.end()) break;
    add(next->second, merged);
    last = next->first;
  }
  return to_snapshot(std::move(merged));
}

Books::Merged Books::merge_locked() const {
  Merged merged = nothing_merged();
  for (const auto& [id, of] : accounts_) add(of, merged);
  return merged;
}

Snapshot Books::close() {
  Merged merged = nothing_merged();
  {
    base::MutexLock lock(mutex_);
    // A commit whose answer never came: what it held is done again, unless it had succeeded.
    std::vector<BatchInFlight*> left_to_the_pool;
    finish_ended(left_to_the_pool);
    for (auto& [id, of] : accounts_) {
      add(of, merged);
      of.state.reset();
    }
    accounts_.clear();
    leases_.clear();
  }
  return to_snapshot(std::move(merged));
}

void Books::add(const Account& of, Merged& merged) {
  report::PartitionAccount numbers = of.numbers;
  numbers.emitted = of.state->emitted();
  numbers.filtered = of.state->filtered();
  numbers.dead_lettered = of.state->dead_lettered();
  numbers.outputs = of.state->outputs();
  numbers.ours = of.ours;
  numbers.due = of.ours ? of.numbers.next : std::min(of.numbers.next, of.committed);
  merged.accounts.push_back(std::move(numbers));
  merged.state->merge(*of.state);
}

Snapshot Books::to_snapshot(Merged merged) {
  const insights::State& state = *merged.state;
  Snapshot snapshot;
  snapshot.accounts = std::move(merged.accounts);
  snapshot.given.emitted = state.emitted();
  snapshot.given.filtered = state.filtered();
  snapshot.given.dead_lettered = state.dead_lettered();
  for (size_t rule = 0; rule < state.dead_letters().size(); ++rule) {
    if (state.dead_letters()[rule] > 0)
      snapshot.given.dead_letters[state.declaration().rules[rule]] += state.dead_letters()[rule];
  }
  snapshot.insights = state.results();
  return snapshot;
}

void Books::report_multiples(std::vector<Merged> multiples) const {
  for (Merged& merged : multiples) on_multiple_(to_snapshot(std::move(merged)));
}

}  // namespace millrace::flow
