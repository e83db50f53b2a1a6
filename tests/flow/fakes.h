// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/io/committer.h"
#include "engine/io/sink.h"
#include "engine/io/source.h"
#include "engine/io/state_log.h"

// Kafka as the flow sees it, in memory, with knobs. Every wait is on a condition, never on time.
namespace millrace::tests {

struct FakeRecord {
  int64_t offset = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
};

// What a group has committed; shared by the source (where to begin) and the committer.
class FakeGroup {
 public:
  // Of the assignment that holds now: a commit for another one is refused.
  std::atomic<uint64_t> assignment{0};
  // Held while a commit takes effect, outputs and offsets, and while an assignment finds out where
  // to begin: as with stable offsets, that waits for the outcome of what is under way.
  std::mutex deciding;

  void commit(const base::TopicPartition& id, base::Offset next, const std::string& metadata = {});
  [[nodiscard]] base::Offset committed(const base::TopicPartition& id) const;
  [[nodiscard]] std::string metadata(const base::TopicPartition& id) const;

  // Becomes a copy of what that one has.
  void take_over(const FakeGroup& other);

 private:
  mutable std::mutex mutex_;
  std::map<base::TopicPartition, base::Offset> offsets_;
  std::map<base::TopicPartition, std::string> metadata_;
};

// What commits carried: a compacted topic of state, and records of other topics. Any thread.
class FakeStateLog final : public io::StateLog {
 public:
  // Reading it fails with this, if it is not empty. Set before the flow starts.
  std::string broken;

  void append(const io::CarriedRecord& record);

  // Those without a partition, in order.
  [[nodiscard]] std::vector<io::CarriedRecord> published() const;

  // Waits until so many were published on a topic, with `text` in their value.
  void wait_for_published(const std::string& topic, size_t count, const std::string& text = {});

  // Becomes a copy of what that one has.
  void take_over(const FakeStateLog& other);

  // So many records were appended, and so many are left.
  [[nodiscard]] size_t appended() const;
  [[nodiscard]] size_t left() const;

  [[nodiscard]] int32_t partition_count() const override { return 3; }

  base::Status read(std::span<const int32_t> partitions, const OnRecord& on_record) override;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::pair<int32_t, std::string>, std::string> records_;
  std::vector<io::CarriedRecord> published_;
  size_t appended_ = 0;
};

// A topic's partitions, read in turns of `burst` records. Knobs: rebalance(), fail_partition(),
// and the order of interleaving by `burst`.
class FakeSource final : public io::Source {
 public:
  explicit FakeSource(FakeGroup& group) : group_(group) {}

  // Before subscribe(). Records in offset order; `end` is the partition's end offset (past the last
  // record where control records follow it).
  void add_partition(const std::string& topic, int32_t partition, std::vector<FakeRecord> records,
                     int64_t end = -1);

  size_t burst = 7;

  // Called on the poll thread before an assignment begins. Set before the flow starts.
  std::function<void()> on_assign;

  // Any thread: the next poll revokes everything and assigns it again, at the committed offsets.
  void rebalance(bool lost = false);

  // The same, but with some polls between the two, as a real group takes its time.
  void rebalance_slowly();

  // Any thread: the next poll says that reading of that partition goes on at `start`.
  void move_partition(int32_t partition, int64_t start);

  // Any thread: the next poll shows a record below those that it has shown already.
  void show_late(int32_t partition, int64_t offset);

  // Any thread: the next poll reports an error of that partition.
  void fail_partition(int32_t partition, const std::string& message);

  // Any thread: the next poll is fatal.
  void fail_fatally(const std::string& message);

  [[nodiscard]] uint64_t records_given() const;

  // How often it was asked for an event. Any thread.
  std::atomic<uint64_t> times_polled{0};

  base::Status subscribe(io::AssignmentListener& listener) override;
  void poll(std::chrono::milliseconds timeout, io::SourceEvent& event) override;
  base::Status rewind(uint32_t slot, base::Offset offset) override;
  void stop_partition(uint32_t slot) override;
  void close() override;

 private:
  struct Partition {
    base::TopicPartition id;
    std::vector<FakeRecord> records;
    int64_t end = 0;
    size_t next = 0;  // index into records
    bool end_told = false;
    bool stopped = false;
  };

  void assign();
  bool give(Partition& partition, uint32_t slot, io::SourceEvent& event);

  FakeGroup& group_;
  io::AssignmentListener* listener_ = nullptr;
  std::vector<Partition> partitions_;
  bool assigned_ = false;
  size_t turn_ = 0;
  size_t in_turn_ = 0;
  std::vector<record::Header> headers_;

  mutable std::mutex mutex_;  // guards what other threads post
  std::condition_variable news_;
  std::deque<std::function<void(io::SourceEvent&)>> posted_;
  uint64_t given_ = 0;
};

// What was sent and acknowledged, per output topic and partition, in order. With a transactional
// one, delivered is what was committed. Knobs: capacity of the queue, corking the acknowledgements,
// failing chosen records, dying.
class FakeSink final : public io::Sink {
 public:
  struct Sent {
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<std::pair<std::string, std::string>> headers;

    bool operator==(const Sent&) const = default;
  };

  using Place = std::pair<int, int32_t>;  // OutputTopic, partition

  size_t capacity = 1000;
  // Set before the flow starts.
  bool transactional = false;
  // A transaction of more records is refused, as by a broker that is too slow for it.
  size_t transaction_max = size_t{1} << 40;

  // Holds acknowledgements back until uncork(). Any thread.
  void cork();
  void uncork();

  // The next `times` deliveries of a record whose value contains `text` fail for good.
  void fail_value(const std::string& text, int times);

  // The deliveries for which it is true fail for good, too. On the settle thread, in the order of
  // acknowledgement. Set before the flow starts.
  std::function<bool(const Sent&)> refuses;

  // Nothing can be sent any more, also after a reset.
  void die(const std::string& why);

  // Nothing can be sent any more until it is reset.
  void break_down(const std::string& why);

  // A reset takes until heal().
  void hold_resets();
  void heal();

  [[nodiscard]] int resets() const;
  void wait_for_resets(int count);

  // Of the committer: what was sent since the last time becomes visible; false where the
  // transaction is not fit for it.
  [[nodiscard]] bool commit();

  // Waits until so many records were taken over, acknowledged or not.
  void wait_for_sent(size_t count);

  // Waits until a record whose value contains `text` was delivered.
  void wait_for_delivered(const std::string& text);

  [[nodiscard]] std::map<Place, std::vector<Sent>> delivered() const;

  // Hears of every record in the order of acknowledgement. Set before the flow starts.
  std::function<void(const Sent&)> on_delivered;

  size_t send(std::span<const record::OutputRecord> records, void* token) override;
  void serve(std::chrono::milliseconds timeout, io::AckListener& listener) override;
  [[nodiscard]] std::string fatal_error() const override;
  void begin_reset() override;
  std::optional<base::Status> poll_reset(std::chrono::milliseconds timeout) override;

 private:
  struct Queued {
    Place place;
    Sent sent;
    const char* value;
    void* token;
  };

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Queued> queue_;
  std::map<Place, std::vector<Sent>> delivered_;
  std::vector<std::pair<Place, Sent>> uncommitted_;
  std::map<std::string, int> failing_;
  std::string fatal_;
  bool fatal_for_good_ = false;
  bool failed_ = false;  // something of the transaction
  bool resetting_ = false;
  bool resets_held_ = false;
  int resets_ = 0;
  size_t sent_ = 0;
  bool corked_ = false;
};

// Commits into a FakeGroup, and with a transactional sink what that sent. Knobs: failing the next
// commits, never answering.
class FakeCommitter final : public io::Committer {
 public:
  FakeCommitter(FakeGroup& group, FakeSink& sink, FakeStateLog& state)
      : group_(group), sink_(sink), state_(state) {}

  std::atomic<int> fail_next{0};
  std::atomic<bool> fatal{false};
  // Hears of every poll of a commit, on the deliver thread. Set before the flow starts.
  std::function<void()> on_poll;
  // The next poll of a commit changes the assignment before the commit is decided.
  std::function<void()> before_answer;
  std::atomic<bool> mute{false};
  // Hears of every commit that succeeded, on the deliver thread. Set before the flow starts.
  std::function<void(std::span<const io::PartitionCommit>)> on_commit;

  void begin_commit(std::span<const io::PartitionCommit> offsets, uint64_t assignment,
                    std::span<const io::CarriedRecord> carried) override;
  std::optional<io::CommitResult> poll_commit(std::chrono::milliseconds timeout) override;
  base::Result<std::vector<io::PartitionOffset>> read_back(
      std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) override;

 private:
  FakeGroup& group_;
  FakeSink& sink_;
  FakeStateLog& state_;
  std::vector<io::PartitionCommit> under_way_;
  std::vector<io::CarriedRecord> carried_;
  uint64_t assignment_ = 0;
};

}  // namespace millrace::tests
