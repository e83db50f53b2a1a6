// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/books.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace millrace::flow {
namespace {

// What one commit carries of states; the rest goes with the next.
constexpr size_t kCarriedBytesMax = size_t{16} << 20;
constexpr size_t kPublishedMax = 1000;

}  // namespace

Books::Books(const insights::Declaration& declaration, SettleAt settle_at, const Durable* durable,
             uint64_t report_every, OnMultiple on_multiple)
    : declaration_(declaration),
      settle_at_(settle_at),
      durable_(durable),
      report_every_(report_every),
      on_multiple_(std::move(on_multiple)),
      dead_letters_(declaration.rules.size()) {
  if (durable_ != nullptr)
    running_totals_.emplace(declaration_, durable_->pipeline, durable_->topic_record_bytes_max,
                            PartitionState::TimePoint::clock::now());
}

Books::Account& Books::account(const base::TopicPartition& id) {
  const auto [found, inserted] = accounts_.try_emplace(id);
  if (inserted) found->second.numbers.id = id;
  return found->second;
}

Books::LeaseBook* Books::find(const settlement::Lease& lease) {
  const auto found = leases_.find(&lease);
  return found == leases_.end() ? nullptr : &found->second;
}

bool Books::has_state(const base::TopicPartition& partition, base::Offset end) const {
  base::MutexLock lock(mutex_);
  const auto found = accounts_.find(partition);
  // A commit that is under way may just have moved it.
  if (found == accounts_.end() || found->second.state == nullptr || committing_) return false;
  return found->second.state->end() == end;
}

void Books::open(std::shared_ptr<settlement::Lease> lease, Opening opening) {
  base::MutexLock lock(mutex_);
  Account& of = account(lease->id());
  const base::Offset resume = opening.resume;
  if (!of.numbers.first.valid()) {
    of.numbers.first = resume;
    of.numbers.next = resume;
  } else if (resume != of.numbers.next) {
    // The partition was somebody else's meanwhile: what lies in between is theirs to account for.
    of.numbers.elsewhere += resume.value - of.numbers.next.value;
    of.numbers.next = resume;
  }
  // Read again after a rewind, the partition may have settled offsets that are still to be
  // committed.
  if (!of.ours || opening.moved) of.committed = resume;
  of.moved = of.moved || opening.moved;
  of.ours = true;
  of.assignment = lease->assignment();
  of.lease = lease.get();
  of.resume = resume;
  if (opening.state != nullptr) {
    of.state = std::move(opening.state);
  } else if (of.state == nullptr) {
    of.state = std::make_shared<PartitionState>(declaration_, lease->id(), resume, durable_);
  } else if (opening.moved || (durable_ == nullptr && of.state->end() != resume)) {
    of.state->jump(resume);
  }
  const settlement::Lease* key = lease.get();
  const base::Offset start = lease->start();
  leases_.emplace(
      key, LeaseBook{std::move(lease), settlement::OffsetLedger<BatchInFlight*>(start), &of});
}

void Books::forget_states_of_others() {
  if (durable_ == nullptr) return;
  base::MutexLock lock(mutex_);
  for (auto& [id, of] : accounts_)
    if (!of.ours) of.state.reset();
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

bool Books::recount(const BatchInFlight& batch) {
  base::MutexLock lock(mutex_);
  LeaseBook* book = find(*batch.lease);
  if (book == nullptr || book->ended || book->account->lease != batch.lease.get()) return false;
  book->ledger.acknowledge(
      book->ledger.add(batch.batch.range_begin(), batch.batch.range_end(), nullptr));
  book->ledger.settle_all([](BatchInFlight* /*nothing*/) {});
  book->account->state->count(batch);
  return true;
}

void Books::count(LeaseBook& book, BatchInFlight& batch) {
  Account& of = *book.account;
  report::PartitionAccount& numbers = of.numbers;
  const std::vector<record::Outcome>& outcomes = batch.batch.outcomes();
  const auto outcomes_of = [&outcomes](record::Outcome outcome) {
    return static_cast<uint64_t>(std::count(outcomes.begin(), outcomes.end(), outcome));
  };
  const size_t records = batch.batch.records().size();
  numbers.consumed += records;
  numbers.gaps += batch.batch.gaps();
  numbers.emitted += outcomes_of(record::Outcome::kEmitted);
  numbers.filtered += outcomes_of(record::Outcome::kFiltered);
  numbers.dead_lettered += outcomes_of(record::Outcome::kDeadLettered);
  numbers.outputs += batch.shard.outputs();
  numbers.sent += batch.sent;
  numbers.acknowledged += batch.acknowledged;
  if (of.lease == book.lease.get()) {
    numbers.next = batch.batch.range_end();
    of.state->count(batch);
  } else {
    // The answer came after the partition had been opened again behind it: what was taken for
    // somebody else's work was ours. Durable insights were restored from behind it too.
    numbers.elsewhere -= batch.batch.range_end().value - batch.batch.range_begin().value;
    if (durable_ == nullptr) {
      of.state->count(batch);
      of.state->jump(numbers.next);
    }
  }
  totals_.consumed += records;
  totals_.emitted += batch.shard.emitted();
  totals_.filtered += batch.shard.filtered();
  totals_.dead_lettered += batch.shard.dead_lettered();
  for (size_t rule = 0; rule < dead_letters_.size(); ++rule)
    dead_letters_[rule] += batch.shard.dead_letters()[rule];
}

// One batch joins the settled prefix.
void Books::settle(LeaseBook& book, BatchInFlight* batch, std::chrono::steady_clock::time_point now,
                   std::vector<BatchInFlight*>& done, std::vector<Multiple>& multiples) {
  const uint64_t before = totals_.consumed;
  count(book, *batch);
  settled_batches_.add(*batch, now);
  if (report_every_ != 0 && before / report_every_ != totals_.consumed / report_every_) {
    Multiple multiple{SnapshotMaker(declaration_), given()};
    for (const auto& [id, of] : accounts_) multiple.maker.add(numbers_of(of));
    multiples.push_back(std::move(multiple));
  }
  done.push_back(batch);
}

std::vector<BatchInFlight*> Books::acknowledge(BatchInFlight& batch) {
  std::vector<BatchInFlight*> done;
  std::vector<Multiple> multiples;
  const auto now = std::chrono::steady_clock::now();
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
          settle(*book, in_order, now, done, multiples);
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
  return unsettled_batches();
}

size_t Books::unsettled_batches() const {
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

Committable Books::offsets_to_commit() const {
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
  return offsets_to_commit();
}

bool Books::wants_commit(Finish finish) {
  base::MutexLock lock(mutex_);
  if (!offsets_to_commit().offsets.empty()) return true;
  const auto now = PartitionState::TimePoint::clock::now();
  if (wants_totals(now, finish)) return true;
  return std::any_of(accounts_.begin(), accounts_.end(), [&](const auto& entry) {
    return entry.second.ours && entry.second.state->wants_commit(now, finish != Finish::kNothing);
  });
}

void Books::publish(io::CarriedRecord record) {
  base::MutexLock lock(mutex_);
  // While no partition is ours nothing is committed, and what waits must not be without bound.
  if (durable_ != nullptr && published_.size() < kPublishedMax)
    published_.push_back(std::move(record));
}

// Totals go with a partition's offsets, which fence them; where there is none they cannot. The last
// ones come when all else is settled.
bool Books::wants_totals(PartitionState::TimePoint now, Finish finish) const {
  const bool last = finish == Finish::kRun;
  const bool due = running_totals_ && running_totals_->due(now, last);
  if (!due && published_.empty()) return false;
  return std::any_of(accounts_.begin(), accounts_.end(), [](const auto& entry) {
    return entry.second.ours && entry.second.state->durable();
  });
}

std::optional<Committable> Books::begin_commit(Finish finish) {
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
  Committable all = offsets_to_commit();
  if (durable_ != nullptr) carry(all, finish);
  if (all.offsets.empty()) return all;
  committing_ = true;
  for (auto& [id, of] : accounts_) of.moved = false;
  return all;
}

// What the insights put on topics goes with the commit, and how far they are beside the offsets.
void Books::carry(Committable& commit, Finish finish) {
  const auto now = PartitionState::TimePoint::clock::now();
  const bool all = finish != Finish::kNothing;
  carry_totals(commit, finish);
  commit.carried.insert(commit.carried.end(), published_.begin(), published_.end());
  publishing_ = published_.size();
  std::set<base::TopicPartition> named;
  for (const io::PartitionCommit& offset : commit.offsets) named.insert(offset.id);
  for (const auto& [id, of] : accounts_) {
    if (!of.ours || !of.state->durable() || named.contains(id)) continue;
    // Of totals alone any partition's offsets will do.
    const bool anchor = commit.offsets.empty() && !commit.carried.empty();
    if (!of.state->wants_commit(now, all) && !anchor) continue;
    commit.offsets.push_back({id, of.numbers.next, of.committed});
    commit.assignment = of.assignment;
  }
  const std::string commit_id = fmt::format("{}-{}", durable_->commit_prefix, ++commits_);
  size_t bytes = 0;
  size_t counted = commit.carried.size();
  for (io::PartitionCommit& offset : commit.offsets) {
    Account& of = account(offset.id);
    of.state->carry(commit_id, now, all, bytes < kCarriedBytesMax, offset, commit.carried);
    carrying_.push_back(of.state);
    for (; counted < commit.carried.size(); ++counted)
      bytes += commit.carried[counted].value.value_or("").size();
  }
}

void Books::carry_totals(Committable& commit, Finish finish) {
  const auto now = PartitionState::TimePoint::clock::now();
  // The last one comes when there is nothing left that is not counted yet.
  const bool last = finish == Finish::kRun && commit.offsets.empty() && unsettled_batches() == 0;
  if (finish == Finish::kRun && !last) return;
  if (!wants_totals(now, last ? Finish::kRun : Finish::kNothing)) return;
  std::vector<const insights::State*> states;
  for (const auto& [id, of] : accounts_)
    if (of.ours && of.state->durable()) states.push_back(&of.state->state());
  commit.carried = running_totals_->records(now, last, states);
}

std::vector<BatchInFlight*> Books::committed(std::span<const io::PartitionCommit> offsets) {
  std::vector<BatchInFlight*> done;
  std::vector<Multiple> multiples;
  const auto now = std::chrono::steady_clock::now();
  {
    base::MutexLock lock(mutex_);
    committing_ = false;
    for (const std::shared_ptr<PartitionState>& state : carrying_) state->confirm();
    carrying_.clear();
    if (running_totals_) running_totals_->confirm();
    published_.erase(published_.begin(),
                     published_.begin() + static_cast<std::ptrdiff_t>(publishing_));
    publishing_ = 0;
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
          settle(book, in_order, now, done, multiples);
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
  for (const std::shared_ptr<PartitionState>& state : carrying_) state->refuse();
  carrying_.clear();
  if (running_totals_) running_totals_->refuse();
  publishing_ = 0;
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
    progress.position = of.state == nullptr
                            ? of.numbers.next
                            : std::min(of.numbers.next, std::max(of.state->end(), base::Offset{0}));
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

Snapshot Books::accounts() const {
  SnapshotMaker maker(declaration_);
  base::MutexLock lock(mutex_);
  for (const auto& [id, of] : accounts_) maker.add(numbers_of(of));
  return std::move(maker).finish(given());
}

// The lock is let go between two partitions: merging the keys of all of them at once would hold up
// settlement. Each account is consistent in itself, which is all that the report compares.
Snapshot Books::snapshot() const {
  SnapshotMaker maker(declaration_);
  report::Given given;
  std::optional<base::TopicPartition> last;
  for (;;) {
    base::MutexLock lock(mutex_);
    const auto next = last ? accounts_.upper_bound(*last) : accounts_.begin();
    if (next == accounts_.end()) {
      given = this->given();
      break;
    }
    const Account& of = next->second;
    maker.add(numbers_of(of));
    if (of.state != nullptr) maker.add(next->first, of.state->state());
    last = next->first;
  }
  return std::move(maker).finish(std::move(given));
}

SettledBatches Books::settled_batches() const {
  base::MutexLock lock(mutex_);
  return settled_batches_;
}

// The lock is let go between two partitions, as for snapshot().
size_t Books::state_bytes() const {
  size_t bytes = 0;
  std::optional<base::TopicPartition> last;
  for (;;) {
    base::MutexLock lock(mutex_);
    const auto next = last ? accounts_.upper_bound(*last) : accounts_.begin();
    if (next == accounts_.end()) return bytes;
    if (next->second.state != nullptr) bytes += next->second.state->state().footprint();
    last = next->first;
  }
}

Snapshot Books::close() {
  SnapshotMaker maker(declaration_);
  base::MutexLock lock(mutex_);
  // A commit whose answer never came: what it held is done again, unless it had succeeded.
  std::vector<BatchInFlight*> left_to_the_pool;
  finish_ended(left_to_the_pool);
  carrying_.clear();
  for (auto& [id, of] : accounts_) {
    maker.add(numbers_of(of));
    if (of.state != nullptr) maker.add(id, of.state->state());
    of.state.reset();
  }
  leases_.clear();
  return std::move(maker).finish(given());
}

report::PartitionAccount Books::numbers_of(const Account& of) {
  report::PartitionAccount numbers = of.numbers;
  numbers.ours = of.ours;
  numbers.due = of.ours ? of.numbers.next : std::min(of.numbers.next, of.committed);
  numbers.recounting = of.state != nullptr && of.state->end() < of.resume;
  return numbers;
}

report::Given Books::given() const {
  report::Given given{totals_.emitted, totals_.filtered, totals_.dead_lettered, {}};
  for (size_t rule = 0; rule < dead_letters_.size(); ++rule)
    if (dead_letters_[rule] > 0)
      given.dead_letters[declaration_.rules[rule]] += dead_letters_[rule];
  return given;
}

void Books::report_multiples(std::vector<Multiple> multiples) const {
  for (Multiple& multiple : multiples)
    on_multiple_(std::move(multiple.maker).finish(std::move(multiple.given)));
}

}  // namespace millrace::flow
