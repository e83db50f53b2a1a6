// SPDX-License-Identifier: Apache-2.0
#include "tests/flow/fakes.h"

#include <algorithm>
#include <utility>

namespace millrace::tests {
namespace {

record::Bytes bytes(const std::optional<std::string>& text) {
  return text ? record::Bytes::of(*text) : record::Bytes();
}

std::optional<std::string> text(record::Bytes bytes) {
  if (bytes.null()) return std::nullopt;
  return std::string(bytes.view());
}

}  // namespace

void FakeGroup::commit(const base::TopicPartition& id, base::Offset next,
                       const std::string& metadata) {
  const std::scoped_lock lock(mutex_);
  offsets_[id] = next;
  metadata_[id] = metadata;
}

base::Offset FakeGroup::committed(const base::TopicPartition& id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = offsets_.find(id);
  return found == offsets_.end() ? base::Offset{} : found->second;
}

std::string FakeGroup::metadata(const base::TopicPartition& id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = metadata_.find(id);
  return found == metadata_.end() ? std::string() : found->second;
}

void FakeGroup::take_over(const FakeGroup& other) {
  const std::scoped_lock lock(mutex_, other.mutex_);
  offsets_ = other.offsets_;
  metadata_ = other.metadata_;
}

void FakeStateLog::take_over(const FakeStateLog& other) {
  const std::scoped_lock lock(mutex_, other.mutex_);
  records_ = other.records_;
  published_ = other.published_;
}

std::vector<io::CarriedRecord> FakeStateLog::published() const {
  const std::scoped_lock lock(mutex_);
  return published_;
}

void FakeStateLog::wait_for_published(const std::string& topic, size_t count,
                                      const std::string& text) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return std::count_if(published_.begin(), published_.end(),
                         [&](const io::CarriedRecord& record) {
                           return record.topic == topic &&
                                  record.value.value_or("").find(text) != std::string::npos;
                         }) >= static_cast<std::ptrdiff_t>(count);
  });
}

void FakeStateLog::append(const io::CarriedRecord& record) {
  const std::scoped_lock lock(mutex_);
  if (!record.partition) {
    published_.push_back(record);
    changed_.notify_all();
    return;
  }
  ++appended_;
  const std::pair key(record.partition.value(), record.key);
  if (record.value) {
    records_[key] = *record.value;
  } else {
    records_.erase(key);
  }
}

size_t FakeStateLog::appended() const {
  const std::scoped_lock lock(mutex_);
  return appended_;
}

size_t FakeStateLog::left() const {
  const std::scoped_lock lock(mutex_);
  return records_.size();
}

base::Status FakeStateLog::read(std::span<const int32_t> partitions, const OnRecord& on_record) {
  const std::scoped_lock lock(mutex_);
  if (!broken.empty()) return base::Error{broken};
  for (const auto& [key, value] : records_) {
    if (std::find(partitions.begin(), partitions.end(), key.first) != partitions.end())
      on_record(key.second, value);
  }
  return {};
}

void FakeSource::add_partition(const std::string& topic, int32_t partition,
                               std::vector<FakeRecord> records, int64_t end) {
  const int64_t last = records.empty() ? 0 : records.back().offset + 1;
  partitions_.push_back({{topic, partition}, std::move(records), std::max(end, last)});
}

void FakeSource::rebalance(bool lost) {
  const std::scoped_lock lock(mutex_);
  posted_.emplace_back([this, lost](io::SourceEvent& event) {
    event.kind = io::SourceEvent::Kind::kNone;
    listener_->on_revoked(lost);
    assign();
  });
  news_.notify_all();
}

void FakeSource::rebalance_slowly() {
  const std::scoped_lock lock(mutex_);
  posted_.emplace_back([this](io::SourceEvent&) {
    listener_->on_revoked(false);
    for (Partition& partition : partitions_) partition.stopped = true;
  });
  for (int polls = 0; polls < 3; ++polls) posted_.emplace_back([](io::SourceEvent&) {});
  posted_.emplace_back([this](io::SourceEvent&) { assign(); });
  news_.notify_all();
}

void FakeSource::fail_partition(int32_t partition, const std::string& message) {
  const std::scoped_lock lock(mutex_);
  posted_.emplace_back([partition, message](io::SourceEvent& event) {
    event.kind = io::SourceEvent::Kind::kPartitionError;
    event.slot = static_cast<uint32_t>(partition);
    event.message = message;
  });
  news_.notify_all();
}

void FakeSource::move_partition(int32_t partition, int64_t start) {
  const std::scoped_lock lock(mutex_);
  posted_.emplace_back([partition, start](io::SourceEvent& event) {
    event.kind = io::SourceEvent::Kind::kMoved;
    event.slot = static_cast<uint32_t>(partition);
    event.end = base::Offset{start};
  });
  news_.notify_all();
}

void FakeSource::show_late(int32_t partition, int64_t offset) {
  const std::scoped_lock lock(mutex_);
  posted_.emplace_back([partition, offset](io::SourceEvent& event) {
    event.kind = io::SourceEvent::Kind::kRecord;
    event.slot = static_cast<uint32_t>(partition);
    event.record = {base::Offset{offset}, 0, {}, record::Bytes::of("{}"), {}};
  });
  news_.notify_all();
}

void FakeSource::fail_fatally(const std::string& message) {
  const std::scoped_lock lock(mutex_);
  posted_.emplace_back([message](io::SourceEvent& event) {
    event.kind = io::SourceEvent::Kind::kFatal;
    event.message = message;
  });
  news_.notify_all();
}

uint64_t FakeSource::records_given() const {
  const std::scoped_lock lock(mutex_);
  return given_;
}

base::Status FakeSource::subscribe(io::AssignmentListener& listener) {
  listener_ = &listener;
  return {};
}

void FakeSource::assign() {
  if (on_assign) on_assign();
  std::vector<io::AssignedPartition> assigned;
  std::unique_lock deciding(group_.deciding);
  const uint64_t assignment = ++group_.assignment;
  for (uint32_t slot = 0; slot < partitions_.size(); ++slot) {
    Partition& partition = partitions_[slot];
    const base::Offset committed = group_.committed(partition.id);
    const base::Offset start = committed.valid() ? committed : base::Offset{0};
    assigned.push_back({partition.id, slot, assignment, start, committed.valid(), start,
                        group_.metadata(partition.id)});
    partition.stopped = false;
  }
  deciding.unlock();
  listener_->choose_starts(assigned);
  for (const io::AssignedPartition& partition : assigned)
    static_cast<void>(rewind(partition.slot, partition.start));
  assigned_ = true;
  listener_->on_assigned(assigned);
}

void FakeSource::poll(std::chrono::milliseconds timeout, io::SourceEvent& event) {
  event.kind = io::SourceEvent::Kind::kNone;
  ++times_polled;
  if (!assigned_) assign();
  std::function<void(io::SourceEvent&)> posted;
  {
    const std::scoped_lock lock(mutex_);
    if (!posted_.empty()) {
      posted = std::move(posted_.front());
      posted_.pop_front();
    }
  }
  if (posted) {
    posted(event);
    return;
  }
  for (size_t tries = 0; tries < partitions_.size(); ++tries) {
    if (in_turn_ >= burst) {
      in_turn_ = 0;
      turn_ = (turn_ + 1) % partitions_.size();
    }
    if (give(partitions_[turn_], static_cast<uint32_t>(turn_), event)) {
      ++in_turn_;
      return;
    }
    in_turn_ = burst;
  }
  std::unique_lock lock(mutex_);
  news_.wait_for(lock, timeout, [this] { return !posted_.empty(); });
}

bool FakeSource::give(Partition& partition, uint32_t slot, io::SourceEvent& event) {
  if (partition.stopped) return false;
  event.slot = slot;
  if (partition.next == partition.records.size()) {
    if (std::exchange(partition.end_told, true)) return false;
    event.kind = io::SourceEvent::Kind::kEnd;
    event.end = base::Offset{partition.end};
    return true;
  }
  const FakeRecord& from = partition.records[partition.next++];
  headers_.clear();
  for (const auto& [name, value] : from.headers)
    headers_.push_back({name, record::Bytes::of(value)});
  event.kind = io::SourceEvent::Kind::kRecord;
  event.record = {base::Offset{from.offset}, 1'700'000'000'000 + from.offset, bytes(from.key),
                  bytes(from.value), headers_};
  const std::scoped_lock lock(mutex_);
  ++given_;
  return true;
}

base::Status FakeSource::rewind(uint32_t slot, base::Offset offset) {
  Partition& partition = partitions_[slot];
  const auto at = std::lower_bound(
      partition.records.begin(), partition.records.end(), offset.value,
      [](const FakeRecord& record, int64_t value) { return record.offset < value; });
  partition.next = static_cast<size_t>(at - partition.records.begin());
  partition.end_told = false;
  return {};
}

void FakeSource::stop_partition(uint32_t slot) {
  partitions_[slot].stopped = true;
}

void FakeSource::close() {
  if (assigned_) listener_->on_revoked(false);
  assigned_ = false;
}

void FakeSink::cork() {
  const std::scoped_lock lock(mutex_);
  corked_ = true;
}

void FakeSink::uncork() {
  const std::scoped_lock lock(mutex_);
  corked_ = false;
  changed_.notify_all();
}

void FakeSink::fail_value(const std::string& value, int times) {
  const std::scoped_lock lock(mutex_);
  failing_[value] = times;
}

void FakeSink::die(const std::string& why) {
  const std::scoped_lock lock(mutex_);
  fatal_ = why;
  fatal_for_good_ = true;
  changed_.notify_all();
}

void FakeSink::break_down(const std::string& why) {
  const std::scoped_lock lock(mutex_);
  fatal_ = why;
  changed_.notify_all();
}

void FakeSink::hold_resets() {
  const std::scoped_lock lock(mutex_);
  resets_held_ = true;
}

void FakeSink::heal() {
  const std::scoped_lock lock(mutex_);
  resets_held_ = false;
}

int FakeSink::resets() const {
  const std::scoped_lock lock(mutex_);
  return resets_;
}

void FakeSink::wait_for_resets(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return resets_ >= count; });
}

bool FakeSink::commit() {
  const std::scoped_lock lock(mutex_);
  if (!queue_.empty() || failed_ || resetting_ || !fatal_.empty()) return false;
  if (uncommitted_.size() > transaction_max) return false;
  for (auto& [place, sent] : uncommitted_) delivered_[place].push_back(std::move(sent));
  uncommitted_.clear();
  changed_.notify_all();
  return true;
}

void FakeSink::begin_reset() {
  const std::scoped_lock lock(mutex_);
  resetting_ = true;
  ++resets_;
  uncommitted_.clear();
  changed_.notify_all();
}

std::optional<base::Status> FakeSink::poll_reset(std::chrono::milliseconds /*timeout*/) {
  const std::scoped_lock lock(mutex_);
  if (!queue_.empty() || resets_held_) return std::nullopt;
  resetting_ = false;
  if (fatal_for_good_) return base::Status(base::Error{fatal_});
  failed_ = false;
  fatal_.clear();
  uncommitted_.clear();
  return base::Status();
}

void FakeSink::wait_for_sent(size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return sent_ >= count; });
}

void FakeSink::wait_for_delivered(const std::string& value) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return std::any_of(delivered_.begin(), delivered_.end(), [&](const auto& place) {
      return std::any_of(place.second.begin(), place.second.end(), [&](const Sent& sent) {
        return sent.value && sent.value->find(value) != std::string::npos;
      });
    });
  });
}

std::map<FakeSink::Place, std::vector<FakeSink::Sent>> FakeSink::delivered() const {
  const std::scoped_lock lock(mutex_);
  return delivered_;
}

size_t FakeSink::send(std::span<const record::OutputRecord> records, void* token) {
  const std::scoped_lock lock(mutex_);
  const size_t room = capacity - std::min(capacity, queue_.size());
  const size_t taken = std::min(room, records.size());
  for (const record::OutputRecord& output : records.first(taken)) {
    Queued queued{{static_cast<int>(output.topic), output.partition},
                  {text(output.key), text(output.value), {}},
                  output.value.data(),
                  token};
    for (const record::Header& header : output.headers)
      queued.sent.headers.emplace_back(header.name, header.value.view());
    queue_.push_back(std::move(queued));
  }
  sent_ += taken;
  changed_.notify_all();
  return taken;
}

void FakeSink::serve(std::chrono::milliseconds timeout, io::AckListener& listener) {
  std::deque<Queued> served;
  std::vector<bool> failed;
  std::string fatal;
  {
    std::unique_lock lock(mutex_);
    const auto may_serve = [this] { return !corked_ || !fatal_.empty() || resetting_; };
    changed_.wait_for(lock, timeout, [&] { return !queue_.empty() && may_serve(); });
    if (!may_serve()) return;
    served = queue_;
    fatal = resetting_ ? "purged" : fatal_;
    for (const Queued& queued : served) {
      const auto fails = std::find_if(failing_.begin(), failing_.end(), [&](const auto& failing) {
        return failing.second > 0 && queued.sent.value &&
               queued.sent.value->find(failing.first) != std::string::npos;
      });
      const bool refused = refuses && refuses(queued.sent);
      failed.push_back(refused || fails != failing_.end() || !fatal.empty());
      failed_ = failed_ || failed.back();
      if (fails != failing_.end() && fatal.empty()) --fails->second;
      if (failed.back()) continue;
      if (transactional) {
        uncommitted_.emplace_back(queued.place, queued.sent);
      } else {
        delivered_[queued.place].push_back(queued.sent);
      }
    }
    changed_.notify_all();
  }
  for (size_t i = 0; i < served.size(); ++i) {
    if (failed[i]) {
      const auto kind = fatal.empty() ? io::FailureKind::kRefused : io::FailureKind::kGivenUp;
      listener.on_failed(served[i].token, served[i].value, kind, fatal.empty() ? "refused" : fatal);
    } else {
      if (on_delivered) on_delivered(served[i].sent);
      listener.on_acknowledged(served[i].token, 1);
    }
  }
  // As with a real producer, a record is in the queue until its report was served.
  const std::scoped_lock lock(mutex_);
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(served.size()));
  changed_.notify_all();
}

std::string FakeSink::fatal_error() const {
  const std::scoped_lock lock(mutex_);
  return fatal_;
}

void FakeCommitter::begin_commit(std::span<const io::PartitionCommit> offsets, uint64_t assignment,
                                 std::span<const io::CarriedRecord> carried) {
  under_way_.assign(offsets.begin(), offsets.end());
  carried_.assign(carried.begin(), carried.end());
  assignment_ = assignment;
}

std::optional<io::CommitResult> FakeCommitter::poll_commit(std::chrono::milliseconds /*timeout*/) {
  using Kind = io::CommitResult::Kind;
  if (on_poll) on_poll();
  if (mute) return std::nullopt;
  if (before_answer) before_answer();
  if (fatal) return io::CommitResult{Kind::kFatal, "fenced"};
  if (fail_next > 0) {
    --fail_next;
    return io::CommitResult{Kind::kRefused, "the coordinator is away"};
  }
  const std::scoped_lock deciding(group_.deciding);
  if (assignment_ != group_.assignment)
    return io::CommitResult{Kind::kRefused, "the assignment is over"};
  if (sink_.transactional && !sink_.commit())
    return io::CommitResult{Kind::kRefused, "the transaction is void"};
  for (const io::CarriedRecord& record : carried_) state_.append(record);
  for (const io::PartitionCommit& offset : under_way_)
    group_.commit(offset.id, offset.next, offset.metadata);
  if (on_commit) on_commit(under_way_);
  return io::CommitResult{};
}

base::Result<std::vector<io::PartitionOffset>> FakeCommitter::read_back(
    std::span<const base::TopicPartition> partitions, std::chrono::milliseconds /*timeout*/) {
  std::vector<io::PartitionOffset> offsets;
  for (const base::TopicPartition& id : partitions) offsets.push_back({id, group_.committed(id)});
  return offsets;
}

}  // namespace millrace::tests
