// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/mutex.h"
#include "engine/io/committer.h"
#include "engine/io/sink.h"
#include "engine/kafka/consumer.h"
#include "tests/unit/kafka/harness.h"

// What the tests of producers and of transactions share.
namespace millrace::kafka {

// Counts what it was told.
class Ledger final : public io::AckListener {
 public:
  struct Failure {
    void* token;
    const char* value;
    io::FailureKind kind;
    std::string reason;
  };

  void on_acknowledged(void* token, size_t count) override {
    acknowledged[token] += count;
    ++calls;
    total += count;
  }

  void on_failed(void* token, const char* value, io::FailureKind kind,
                 const std::string& reason) override {
    failed.push_back({token, value, kind, reason});
    ++total;
  }

  std::map<void*, size_t> acknowledged;
  std::vector<Failure> failed;
  size_t calls = 0;
  size_t total = 0;
};

// A thread that serves a sink's reports, as the settle thread does.
class Settler final : public io::AckListener {
 public:
  explicit Settler(io::Sink& sink) : sink_(sink), thread_([this] { run(); }) {}

  Settler(const Settler&) = delete;
  Settler& operator=(const Settler&) = delete;

  ~Settler() override {
    end_ = true;
    thread_.join();
  }

  void on_acknowledged(void* token, size_t count) override {
    const base::MutexLock lock(mutex_);
    ledger_.on_acknowledged(token, count);
    changed_.notify_all();
  }

  void on_failed(void* token, const char* value, io::FailureKind kind,
                 const std::string& reason) override {
    const base::MutexLock lock(mutex_);
    ledger_.on_failed(token, value, kind, reason);
    changed_.notify_all();
  }

  // Whether so many records were reported in all.
  bool wait(size_t total) {
    const auto deadline = std::chrono::steady_clock::now() + kLong;
    const base::MutexLock lock(mutex_);
    while (ledger_.total < total && std::chrono::steady_clock::now() < deadline) {
      changed_.wait_until(mutex_, deadline);
    }
    return ledger_.total == total;
  }

  Ledger ledger() {
    const base::MutexLock lock(mutex_);
    return ledger_;
  }

 private:
  void run() {
    while (!end_) sink_.serve(std::chrono::milliseconds{20}, *this);
  }

  io::Sink& sink_;
  std::atomic<bool> end_{false};
  base::Mutex mutex_;
  base::CondVar changed_;
  Ledger ledger_ GUARDED_BY(mutex_);
  std::thread thread_;
};

// A member of a group with a poll thread of its own.
class Member final : public io::AssignmentListener {
 public:
  Member(const config::KafkaConfig& kafka, const ConsumerOptions& options)
      : consumer_(std::move(Consumer::create(kafka, options).value())) {
    EXPECT_TRUE(consumer_->subscribe(*this).ok());
    thread_ = std::thread([this] {
      io::SourceEvent event;
      while (!end_) consumer_->poll(std::chrono::milliseconds{50}, event);
      consumer_->close();
    });
  }

  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  ~Member() override {
    end_ = true;
    thread_.join();
  }

  void choose_starts(std::span<io::AssignedPartition> /*partitions*/) override {}

  void on_assigned(std::span<const io::AssignedPartition> partitions) override {
    const base::MutexLock lock(mutex_);
    assigned_.assign(partitions.begin(), partitions.end());
    changed_.notify_all();
  }

  void on_revoked(bool /*lost*/) override {}

  // The number of the assignment after `after` that has so many partitions; 0 if it does not come.
  uint64_t wait(size_t partitions, uint64_t after = 0) {
    const auto deadline = std::chrono::steady_clock::now() + kLong;
    const base::MutexLock lock(mutex_);
    while (std::chrono::steady_clock::now() < deadline) {
      if (assigned_.size() == partitions && assigned_[0].assignment > after) {
        return assigned_[0].assignment;
      }
      changed_.wait_until(mutex_, deadline);
    }
    return 0;
  }

  [[nodiscard]] Consumer& consumer() const { return *consumer_; }

 private:
  std::unique_ptr<Consumer> consumer_;
  std::atomic<bool> end_{false};
  base::Mutex mutex_;
  base::CondVar changed_;
  std::vector<io::AssignedPartition> assigned_ GUARDED_BY(mutex_);
  std::thread thread_;
};

inline io::PartitionCommit part(const std::string& topic, int64_t next, int64_t previous = 0,
                                const std::string& metadata = {}) {
  return {{topic, 0}, base::Offset{next}, base::Offset{previous}, metadata};
}

inline io::CommitResult commit(io::Committer& committer, const io::PartitionCommit& offset,
                               uint64_t assignment,
                               const std::vector<io::CarriedRecord>& carried = {}) {
  committer.begin_commit(std::span(&offset, 1), assignment, carried);
  auto result = committer.poll_commit(kLong);
  EXPECT_TRUE(result.has_value()) << "no answer";
  return result.value_or(io::CommitResult{io::CommitResult::Kind::kFatal, "no answer"});
}

inline base::Status reset(io::Sink& sink) {
  sink.begin_reset();
  auto status = sink.poll_reset(kLong);
  EXPECT_TRUE(status.has_value()) << "no answer";
  return status.value_or(base::Error{"no answer"});
}

// The committed offset of partition 0; -1 if there is none.
inline int64_t committed_offset(io::Committer& committer, const std::string& topic) {
  const base::TopicPartition id{topic, 0};
  auto offsets = committer.read_back(std::span(&id, 1), kLong);
  EXPECT_TRUE(offsets.ok()) << (offsets.ok() ? "" : offsets.message());
  if (!offsets.ok()) return -2;
  return offsets.value()[0].next.valid() ? offsets.value()[0].next.value : -1;
}

// Sends everything; a thread of its own serves the reports.
inline bool send_through(io::Sink& sink, std::span<const record::OutputRecord> records,
                         void* token) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  for (size_t sent = 0; sent < records.size();) {
    sent += sink.send(records.subspan(sent), token);
    if (std::chrono::steady_clock::now() > deadline || !sink.fatal_error().empty()) return false;
  }
  return true;
}

}  // namespace millrace::kafka
