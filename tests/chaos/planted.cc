// SPDX-License-Identifier: Apache-2.0
// What `./dev chaos --plant` runs: millrace itself, linked with faults between its flow and its
// clients (the linker's --wrap; the program has no such seam). The judge has to find them.
//
// MILLRACE_PLANT: skip (a record is never sent, and counts as acknowledged), repeat (one is sent
// twice), swap (two neighbours change places), commit_early (offsets run ahead of what is settled;
// it shows once a member dies), lose_window (the record of a closed window never goes out),
// repeat_window (one goes out twice), forget_window (the mark of a commit says that fewer windows
// went out than did; it shows once a member dies).
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/app/clients.h"
#include "engine/io/committer.h"
#include "engine/io/sink.h"
#include "engine/state/commit_mark.h"

namespace millrace::tests {
namespace {

// One fault in so many records: a few in a short run.
constexpr size_t kEvery = 5000;
constexpr int64_t kAhead = 300;
constexpr size_t kEveryWindow = 100;
constexpr std::string_view kWindows = "chaos-windows";

std::string_view plant() {
  const char* name = std::getenv("MILLRACE_PLANT");  // NOLINT(concurrency-mt-unsafe): never set
  return name == nullptr ? "" : name;
}

// Corrects the acknowledgements, so that the flow notices nothing.
class Corrected final : public io::AckListener {
 public:
  explicit Corrected(io::AckListener& listener, std::map<void*, size_t>& too_many,
                     std::mutex& mutex)
      : listener_(listener), too_many_(too_many), mutex_(mutex) {}

  void on_acknowledged(void* token, size_t count) override {
    {
      const std::scoped_lock lock(mutex_);
      const auto found = too_many_.find(token);
      if (found != too_many_.end()) {
        const size_t less = std::min(found->second, count);
        count -= less;
        found->second -= less;
        if (found->second == 0) too_many_.erase(found);
      }
    }
    if (count > 0) listener_.on_acknowledged(token, count);
  }

  void on_failed(void* token, const char* value, io::FailureKind kind,
                 const std::string& reason) override {
    {
      const std::scoped_lock lock(mutex_);
      const auto found = too_many_.find(token);
      if (found != too_many_.end()) {
        if (--found->second == 0) too_many_.erase(found);
        return;
      }
    }
    listener_.on_failed(token, value, kind, reason);
  }

 private:
  io::AckListener& listener_;
  std::map<void*, size_t>& too_many_;
  std::mutex& mutex_;
};

class PlantedSink final : public io::Sink {
 public:
  explicit PlantedSink(io::Sink& sink) : sink_(sink) {}

  size_t send(std::span<const record::OutputRecord> records, void* token) override {
    const size_t before = kEvery - sent_ % kEvery;
    const bool plants = plant() == "skip" || plant() == "repeat" || plant() == "swap";
    if (!plants || records.size() < before + 2) {
      const size_t taken = sink_.send(records, token);
      sent_ += taken;
      return taken;
    }
    const size_t taken = sink_.send(records.first(before), token);
    sent_ += taken;
    if (taken < before) return taken;
    return taken + send_faulty(records.subspan(before), token);
  }

  void serve(std::chrono::milliseconds timeout, io::AckListener& listener) override {
    Corrected corrected(listener, too_many_, mutex_);
    sink_.serve(timeout, corrected);
    std::vector<void*> skipped;
    {
      const std::scoped_lock lock(mutex_);
      skipped.swap(skipped_);
    }
    for (void* token : skipped) listener.on_acknowledged(token, 1);
  }

  [[nodiscard]] std::string fatal_error() const override { return sink_.fatal_error(); }

  void begin_reset() override { sink_.begin_reset(); }

  std::optional<base::Status> poll_reset(std::chrono::milliseconds timeout) override {
    return sink_.poll_reset(timeout);
  }

 private:
  // Sends the first records of these (there are two at least) wrongly; how many that were.
  size_t send_faulty(std::span<const record::OutputRecord> records, void* token) {
    if (plant() == "skip") {
      const std::scoped_lock lock(mutex_);
      skipped_.push_back(token);
      ++sent_;
      return 1;
    }
    if (plant() == "repeat") {
      {
        const std::scoped_lock lock(mutex_);
        ++too_many_[token];
      }
      send_one(records[0], token);
      send_one(records[0], token);
      ++sent_;
      return 1;
    }
    const bool neighbours =
        records[0].topic == records[1].topic && records[0].partition == records[1].partition;
    if (!neighbours) {  // the next two will do
      send_one(records[0], token);
      return 1;
    }
    send_one(records[1], token);
    send_one(records[0], token);
    sent_ += 2;
    return 2;
  }

  void send_one(const record::OutputRecord& record, void* token) {
    while (sink_.send({&record, 1}, token) == 0) {
      if (!sink_.fatal_error().empty()) return;
      std::this_thread::yield();
    }
  }

  io::Sink& sink_;
  size_t sent_ = 0;
  std::mutex mutex_;
  std::map<void*, size_t> too_many_;
  std::vector<void*> skipped_;
};

class PlantedCommitter final : public io::Committer {
 public:
  explicit PlantedCommitter(io::Committer& committer) : committer_(committer) {}

  void begin_commit(std::span<const io::PartitionCommit> offsets, uint64_t assignment,
                    std::span<const io::CarriedRecord> carried) override {
    std::vector<io::PartitionCommit> ahead(offsets.begin(), offsets.end());
    if (plant() == "commit_early")
      for (io::PartitionCommit& offset : ahead) offset.next.value += kAhead;
    if (plant() == "forget_window")
      for (io::PartitionCommit& offset : ahead) forget_windows(offset.metadata);
    if (plant() != "lose_window" && plant() != "repeat_window")
      return committer_.begin_commit(ahead, assignment, carried);
    std::vector<io::CarriedRecord> faulty;
    for (const io::CarriedRecord& record : carried) {
      const bool chosen = record.topic == kWindows && ++windows_ % kEveryWindow == 0;
      if (!chosen || plant() == "repeat_window") faulty.push_back(record);
      if (chosen && plant() == "repeat_window") faulty.push_back(record);
    }
    committer_.begin_commit(ahead, assignment, faulty);
  }

  std::optional<io::CommitResult> poll_commit(std::chrono::milliseconds timeout) override {
    return committer_.poll_commit(timeout);
  }

  base::Result<std::vector<io::PartitionOffset>> read_back(
      std::span<const base::TopicPartition> partitions,
      std::chrono::milliseconds timeout) override {
    return committer_.read_back(partitions, timeout);
  }

 private:
  // As if none had gone out since the state was written.
  static void forget_windows(std::string& metadata) {
    std::optional<state::CommitMark> mark = state::CommitMark::parse(metadata);
    if (!mark || !mark->state.valid()) return;
    mark->closed = mark->state;
    metadata = mark->to_text();
  }

  io::Committer& committer_;
  size_t windows_ = 0;
};

}  // namespace
}  // namespace millrace::tests

// The names are those of Clients::sink() and Clients::committer(), as the linker wraps them.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
millrace::io::Sink& __real__ZN8millrace3app7Clients4sinkEv(millrace::app::Clients*);
millrace::io::Committer& __real__ZN8millrace3app7Clients9committerEv(millrace::app::Clients*);

millrace::io::Sink& __wrap__ZN8millrace3app7Clients4sinkEv(millrace::app::Clients* clients) {
  static millrace::tests::PlantedSink planted(__real__ZN8millrace3app7Clients4sinkEv(clients));
  return planted;
}

millrace::io::Committer& __wrap__ZN8millrace3app7Clients9committerEv(
    millrace::app::Clients* clients) {
  static millrace::tests::PlantedCommitter planted(
      __real__ZN8millrace3app7Clients9committerEv(clients));
  return planted;
}
}
// NOLINTEND(bugprone-reserved-identifier)
