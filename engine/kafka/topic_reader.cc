// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/topic_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/message.h"

namespace millrace::kafka {
namespace {

constexpr std::chrono::milliseconds kPoll{200};
constexpr int kAttemptMs = 1000;

std::vector<Setting> fixed(const ReadOptions& options) {
  return {
      // The library wants a name before it lets a consumer assign itself partitions. Nobody joins.
      {"group.id", "millrace-read"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "error"},
      {"isolation.level", options.committed_only ? "read_committed" : "read_uncommitted"},
      {"check.crcs", "true"},
      {"enable.partition.eof", "true"},
      {"allow.auto.create.topics", "false"},
      {"fetch.wait.max.ms", std::to_string(options.fetch_wait.count())},
      {"queued.max.messages.kbytes", "32768"},
      {"fetch.queue.backoff.ms", "5", true},
  };
}

}  // namespace

class TopicReader::Impl : public ClientEvents {
 public:
  Impl(const config::KafkaConfig& kafka, ReadOptions options)
      : ClientEvents("The reader", bootstrap_servers(kafka), uses_sasl(kafka, Role::kConsumer)),
        kafka_(kafka),
        options_(std::move(options)) {}

  ~Impl() override = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  base::Status open();
  base::Result<uint64_t> read(const OnRecord& on_record, const Patience& patience);

 private:
  struct Range {
    int64_t next = 0;
    int64_t end = 0;  // as it was when reading began
    bool done = false;
  };

  base::Status begin(const Patience& patience);
  base::Result<Range> range_of(int32_t partition, const Patience& patience);
  [[nodiscard]] bool all_done() const;
  // False: `on_record` wants no more.
  base::Result<bool> take(const rd_kafka_message_t& message, const OnRecord& on_record);

  const config::KafkaConfig kafka_;
  const ReadOptions options_;
  std::vector<Range> ranges_;  // by partition
  std::vector<record::Header> headers_;
  record::InputRecord record_;
  uint64_t count_ = 0;
  rd::Handle handle_;
};

base::Status TopicReader::Impl::open() {
  auto conf = make_conf(kafka_, Role::kConsumer, {}, fixed(options_));
  if (!conf.ok()) return conf.error();
  auto client = make_client(std::move(conf.value()), Role::kConsumer, *this);
  if (!client.ok()) return client.error();
  handle_ = std::move(client.value());
  rd_kafka_poll_set_consumer(handle_.get());
  return {};
}

base::Result<TopicReader::Impl::Range> TopicReader::Impl::range_of(int32_t partition,
                                                                   const Patience& patience) {
  int64_t low = 0;
  int64_t high = 0;
  while (const rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
             handle_.get(), options_.topic.c_str(), partition, &low, &high, kAttemptMs)) {
    if (classify(error) == ErrorClass::kFatal || patience.over()) {
      return base::Error{
          sentence(error, fmt::format("the offsets of {}-{}", options_.topic, partition))};
    }
  }
  high = std::min(high, options_.offset_end);
  if (const auto end = options_.ends.find(partition); end != options_.ends.end())
    high = std::min(high, end->second);
  switch (options_.from) {
    case ReadOptions::From::kEarliest:
      return Range{low, high, false};
    case ReadOptions::From::kLatest:
      return Range{high, high, false};
    case ReadOptions::From::kOffset:
      return Range{std::clamp(options_.offset, low, std::max(low, high)), high, false};
  }
  return Range{};
}

base::Status TopicReader::Impl::begin(const Patience& patience) {
  auto admin = Admin::create(kafka_, Side::kInput);
  if (!admin.ok()) return admin.error();
  base::Status status = admin.value()->wait_for_topics({&options_.topic, 1}, patience);
  if (!status.ok()) return status;
  auto partitions = admin.value()->partition_count(options_.topic, patience);
  if (!partitions.ok()) return partitions.error();
  const rd::Partitions list = rd::make_partitions(static_cast<size_t>(partitions.value()));
  if (options_.partition && *options_.partition >= partitions.value()) {
    return base::Error{fmt::format("topic {} has no partition {}; it has {}", options_.topic,
                                   *options_.partition, partitions.value())};
  }
  for (int32_t partition = 0; partition < partitions.value(); ++partition) {
    if (options_.partition.value_or(partition) != partition) {
      ranges_.push_back(Range{0, 0, true});
      continue;
    }
    auto range = range_of(partition, patience);
    if (!range.ok()) return range.error();
    range.value().done = !options_.follow && range.value().next >= range.value().end;
    ranges_.push_back(range.value());
    if (range.value().done) continue;
    rd_kafka_topic_partition_list_add(list.get(), options_.topic.c_str(), partition)->offset =
        range.value().next;
  }
  const rd_kafka_resp_err_t error = rd_kafka_assign(handle_.get(), list.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return base::Error{sentence(error, "reading topic " + options_.topic)};
}

bool TopicReader::Impl::all_done() const {
  return !options_.follow &&
         std::all_of(ranges_.begin(), ranges_.end(), [](const Range& range) { return range.done; });
}

base::Result<bool> TopicReader::Impl::take(const rd_kafka_message_t& message,
                                           const OnRecord& on_record) {
  const auto partition = static_cast<size_t>(message.partition);
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    Range& ended = ranges_.at(partition);
    ended.done = !options_.follow && message.offset >= ended.end;
    return true;
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    switch (message.err) {
      case RD_KAFKA_RESP_ERR__BAD_MSG:
      case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
      case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
      case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        return base::Error{sentence(message.err, fmt::format("{}-{} at offset {}", options_.topic,
                                                             message.partition, message.offset))};
      default:  // passes, or is about the group that nobody joins
        return true;
    }
  }
  works();
  Range& range = ranges_.at(partition);
  if (range.done) return true;
  if (!options_.follow && message.offset >= range.end) {
    range.done = true;
    return true;
  }
  show(message, headers_, record_);
  ++count_;
  const bool more = on_record(message.partition, record_);
  range.next = message.offset + 1;
  if (!options_.follow && range.next >= range.end) range.done = true;
  return more && count_ < options_.count;
}

base::Result<uint64_t> TopicReader::Impl::read(const OnRecord& on_record,
                                               const Patience& patience) {
  count_ = 0;
  ranges_.clear();
  if (options_.count == 0) return uint64_t{0};
  base::Status status = begin(patience);
  if (!status.ok()) {
    if (patience.stop.stop_requested()) return uint64_t{0};
    return base::Error{status.message()};
  }
  bool more = true;
  while (more && !all_done() && !patience.stop.stop_requested()) {
    const rd::Message message(rd_kafka_consumer_poll(handle_.get(), rd::to_ms(kPoll)));
    if (message == nullptr) {
      if (std::string reason = fatal(); !reason.empty()) return base::Error{reason};
      on_idle(handle_.get());
      continue;
    }
    auto taken = take(*message, on_record);
    if (!taken.ok()) return taken.error();
    more = taken.value();
  }
  rd_kafka_assign(handle_.get(), nullptr);
  return count_;
}

TopicReader::TopicReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TopicReader::~TopicReader() = default;

base::Result<std::unique_ptr<TopicReader>> TopicReader::create(const config::KafkaConfig& kafka,
                                                               const ReadOptions& options) {
  auto impl = std::make_unique<Impl>(kafka, options);
  base::Status status = impl->open();
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<TopicReader>(new TopicReader(std::move(impl)));
}

base::Result<uint64_t> TopicReader::read(const OnRecord& on_record, const Patience& patience) {
  return impl_->read(on_record, patience);
}

}  // namespace millrace::kafka
