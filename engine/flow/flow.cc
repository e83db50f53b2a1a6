// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/flow.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <span>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/base/mutex.h"
#include "engine/base/thread_name.h"
#include "engine/flow/batch_pool.h"
#include "engine/flow/commit_cycle.h"
#include "engine/flow/dead_letter_breaker.h"
#include "engine/flow/deliver_inbox.h"
#include "engine/flow/deliver_loop.h"
#include "engine/flow/letter_samples.h"
#include "engine/flow/memory_budget.h"
#include "engine/flow/poll_inbox.h"
#include "engine/flow/poll_loop.h"
#include "engine/flow/process_graph.h"
#include "engine/flow/restorer.h"
#include "engine/flow/settle_loop.h"

namespace millrace::flow {
namespace {

constexpr std::chrono::milliseconds kReadBackWait{5000};
constexpr std::chrono::milliseconds kReadBackWaitOfOthers{1000};
// Where the drain could not commit, the broker is hardly there to answer this.
constexpr std::chrono::milliseconds kReadBackWaitAfterFailure{1000};

PollLoop::Options poll_options(const Flow::Options& options) {
  PollLoop::Options poll;
  // A batch may not span two multiples, or one of them could not be reported.
  poll.batch_records_max = options.report_every == 0
                               ? options.batch_records_max
                               : std::min(options.batch_records_max, options.report_every);
  poll.batch_wait = options.batch_wait;
  poll.serve_every = options.serve_every;
  poll.cut_deadline = options.cut_deadline;
  poll.until = options.until;
  poll.refused_become_dead_letters = options.refused_become_dead_letters;
  poll.refusals_max = options.refusals_max;
  return poll;
}

std::unique_ptr<DeadLetterBreaker> make_breaker(const std::optional<config::StopAbove>& limit,
                                                const insights::Declaration& declaration) {
  return limit ? std::make_unique<DeadLetterBreaker>(*limit, declaration) : nullptr;
}

}  // namespace

class Flow::Impl {
 public:
  Impl(const Outside& outside, const plan::Plan& plan, const plan::OutputLimits& limits,
       Options options, const base::Clock& clock)
      : outside_(outside),
        options_(std::move(options)),
        budget_(options_.batch_memory),
        pool_(plan.declaration(), budget_),
        books_(plan.declaration(), options_.settle_at, durable(), options_.report_every,
               options_.on_multiple),
        restorer_(plan.declaration(), books_, durable()),
        breaker_(make_breaker(options_.stop_above, plan.declaration())),
        graph_(plan, limits, options_.workers, budget_,
               [this](BatchInFlight* batch) { deliver_inbox_.push(batch); }),
        poll_(
            {outside.source, books_, restorer_, pool_, budget_, deliver_inbox_, poll_inbox_, clock},
            poll_options(options_),
            [this](std::span<BatchInFlight* const> batches, Load load) {
              graph_.put(batches, load);
            },
            [this](base::ExitCode code, std::string why) { fail(code, std::move(why)); }),
        cycle_(
            {books_, pool_, budget_, outside.sink, outside.committer},
            {options_.settle_at, options_.commit_every, options_.transaction_timeout},
            [this](const DeliveryFailure& failure) { poll_inbox_.post_rewind(failure); },
            [this](base::ExitCode code, std::string why) { fail(code, std::move(why)); }),
        samples_(plan.names()),
        deliver_({deliver_inbox_, books_, pool_, outside.sink, cycle_, breaker_.get(), samples_},
                 [this](base::ExitCode code, std::string why) { fail(code, std::move(why)); }),
        settle_(outside.sink, books_, pool_, deliver_inbox_) {}

  ~Impl() {
    stop("the engine is being taken down");
    join();
  }

  void start(std::function<void()> on_finished) {
    on_finished_ = std::move(on_finished);
    settle_thread_ = std::thread([this] {
      base::name_this_thread("settle");
      settle_.run();
    });
    deliver_thread_ = std::thread([this] {
      base::name_this_thread("deliver");
      deliver_.run();
    });
    poll_thread_ = std::thread([this] {
      base::name_this_thread("poll");
      poll();
    });
  }

  void stop(const std::string& why) {
    note_end(base::ExitCode::kClean, why);
    poll_inbox_.stop();
  }

  Result finish() {
    join();
    Result result;
    result.snapshot = books_.close();
    for (report::PartitionAccount& account : result.snapshot.accounts) {
      const auto found = committed_.find(account.id);
      if (found != committed_.end()) account.committed = found->second;
      account.ours = ours_.contains(account.id);  // before the group was left
      if (!account.stopped.empty())
        note_end(base::ExitCode::kDataProtected, "a partition was stopped: " + account.stopped);
    }
    base::MutexLock lock(mutex_);
    result.code = code_;
    result.ended_by = ended_by_;
    return result;
  }

  [[nodiscard]] Totals totals() const { return books_.totals(); }

  [[nodiscard]] Snapshot accounts() const { return books_.accounts(); }

  [[nodiscard]] Snapshot snapshot() const { return books_.snapshot(); }

  void publish(io::CarriedRecord record) { books_.publish(std::move(record)); }

  [[nodiscard]] Progress progress() const {
    Progress progress;
    progress.partitions = books_.progress();
    if (options_.until) {
      for (PartitionProgress& partition : progress.partitions) {
        const auto found = options_.until->find(partition.id);
        partition.until = found == options_.until->end() ? partition.position : found->second;
      }
    }
    progress.budget_spent = !budget_.has_room();
    const CommitCycle::State state = cycle_.state();
    if (state == CommitCycle::State::kCommitting) progress.commit_since = cycle_.since();
    if (state == CommitCycle::State::kResetting) progress.reset_since = cycle_.since();
    return progress;
  }

  [[nodiscard]] FlowVitals vitals() const {
    FlowVitals vitals;
    vitals.phase = phase_.load(std::memory_order_relaxed);
    vitals.settled = books_.settled_batches();
    vitals.batches_processing = graph_.under_way();
    vitals.batches_processed = graph_.processed();
    vitals.batches_queued = deliver_inbox_.queued();
    vitals.batches_unsettled = books_.unsettled();
    vitals.memory_limit = budget_.limit();
    vitals.memory_charged = budget_.charged();
    vitals.commits = cycle_.numbers();
    vitals.rebalances = poll_.rebalances();
    vitals.rewinds = poll_.rewinds();
    vitals.samples = samples_.newest();
    return vitals;
  }

  [[nodiscard]] size_t state_bytes() const { return books_.state_bytes(); }

 private:
  [[nodiscard]] const Durable* durable() const {
    return options_.durable ? &*options_.durable : nullptr;
  }

  // The poll thread: read, drain, read the committed offsets back, leave the group.
  void poll() {
    bool drained = true;
    if (const base::Status joined = poll_.subscribe(); !joined.ok()) {
      fail(base::ExitCode::kFailed, joined.message());
    } else {
      drained = read_and_drain();
      read_back(drained ? kReadBackWait : kReadBackWaitAfterFailure);
    }
    // Without a broker, leaving would wait for the commit that nobody answers, up to a session
    // timeout: then the group finds out by that.
    if (drained) outside_.source.close();
    poll_.end_leases();
    phase_.store(report::Phase::kFinished, std::memory_order_relaxed);
    on_finished_();
  }

  // True if everything that was read was delivered and committed.
  bool read_and_drain() {
    for (;;) {
      phase_.store(report::Phase::kRunning, std::memory_order_relaxed);
      poll_.run();
      phase_.store(report::Phase::kDraining, std::memory_order_relaxed);
      Handover drain;
      drain.kind = Handover::Kind::kDrain;
      drain.sequence_end = poll_.dispatched();
      drain.deadline = std::chrono::steady_clock::now() + options_.stop_deadline;
      const bool drained = deliver_inbox_.request(drain);
      // A delivery that failed during the drain sets its partition back behind the end.
      if (poll_.reached_end() && !poll_inbox_.stopping() && poll_inbox_.has_rewind()) continue;
      if (poll_.reached_end()) note_end(base::ExitCode::kClean, "end of topics");
      if (poll_inbox_.has_refusal()) {
        note_end(base::ExitCode::kDataProtected, "some records could not be delivered");
      } else if (!drained) {
        note_end(base::ExitCode::kFailed,
                 fmt::format("not everything was delivered and committed within {} ms",
                             options_.stop_deadline.count()));
      }
      return drained;
    }
  }

  // Ours first, and apart: of others an offset may be pending for long.
  void read_back(std::chrono::milliseconds wait) {
    std::vector<base::TopicPartition> others;
    for (const report::PartitionAccount& account : books_.accounts().accounts) {
      if (account.ours) {
        ours_.insert(account.id);
      } else {
        others.push_back(account.id);
      }
    }
    read_back({ours_.begin(), ours_.end()}, wait);
    read_back(others, kReadBackWaitOfOthers);
  }

  void read_back(const std::vector<base::TopicPartition>& ids, std::chrono::milliseconds wait) {
    if (ids.empty()) return;
    const auto offsets = outside_.committer.read_back(ids, wait);
    if (!offsets.ok()) {
      base::log::warn("Could not read the committed offsets back: {}", offsets.message());
      return;
    }
    for (const io::PartitionOffset& offset : offsets.value()) committed_[offset.id] = offset.next;
  }

  void fail(base::ExitCode code, std::string why) {
    base::log::error("The run ends: {}", why);
    note_end(code, std::move(why));
    poll_inbox_.stop();
  }

  // The first reason counts, but a failure outranks an orderly end that it happened in.
  void note_end(base::ExitCode code, std::string why) {
    base::MutexLock lock(mutex_);
    if (!ended_by_.empty() && (code_ != base::ExitCode::kClean || code == base::ExitCode::kClean))
      return;
    code_ = code;
    ended_by_ = std::move(why);
  }

  void join() {
    if (!poll_thread_.joinable()) return;
    poll_thread_.join();
    graph_.finish();
    deliver_inbox_.close();
    deliver_thread_.join();
    settle_.stop();
    settle_thread_.join();
  }

  const Outside outside_;
  const Options options_;
  std::function<void()> on_finished_;

  MemoryBudget budget_;
  BatchPool pool_;
  Books books_;
  Restorer restorer_;
  const std::unique_ptr<DeadLetterBreaker> breaker_;
  DeliverInbox deliver_inbox_;
  PollInbox poll_inbox_;
  ProcessGraph graph_;
  PollLoop poll_;
  CommitCycle cycle_;
  LetterSamples samples_;
  DeliverLoop deliver_;
  SettleLoop settle_;
  // Of the end, before the group is left: poll thread, then finish().
  std::set<base::TopicPartition> ours_;
  std::map<base::TopicPartition, base::Offset> committed_;

  std::atomic<report::Phase> phase_{report::Phase::kRunning};  // for show

  std::thread poll_thread_;
  std::thread deliver_thread_;
  std::thread settle_thread_;

  base::Mutex mutex_;
  base::ExitCode code_ GUARDED_BY(mutex_) = base::ExitCode::kClean;
  std::string ended_by_ GUARDED_BY(mutex_);
};

Flow::Flow(const Outside& outside, const plan::Plan& plan, const plan::OutputLimits& limits,
           Options options, const base::Clock& clock)
    : impl_(std::make_unique<Impl>(outside, plan, limits, std::move(options), clock)) {}

Flow::~Flow() = default;

void Flow::start(std::function<void()> on_finished) {
  impl_->start(std::move(on_finished));
}

void Flow::stop(const std::string& why) {
  impl_->stop(why);
}

Flow::Result Flow::finish() {
  return impl_->finish();
}

Totals Flow::totals() const {
  return impl_->totals();
}

Snapshot Flow::accounts() const {
  return impl_->accounts();
}

Snapshot Flow::snapshot() const {
  return impl_->snapshot();
}

void Flow::publish(io::CarriedRecord record) {
  impl_->publish(std::move(record));
}

Progress Flow::progress() const {
  return impl_->progress();
}

FlowVitals Flow::vitals() const {
  return impl_->vitals();
}

size_t Flow::state_bytes() const {
  return impl_->state_bytes();
}

}  // namespace millrace::flow
