// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/io/sink.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/carried_records.h"
#include "engine/kafka/client.h"
#include "engine/kafka/client_events.h"
#include "engine/kafka/partition_gate.h"
#include "engine/kafka/producer.h"

// What both producers send by. Internal to kafka/.
namespace millrace::kafka {

// One life of a producer: librdkafka's handle, the queue of its delivery reports, the output topics
// and the gates of their partitions. A reset that needs more than an abort replaces it as a whole
// (current_producer.h).
//
// Records without headers go in bulk (rd_kafka_produce_batch), others one by one; neither copies
// the value. The first record of each partition goes alone (partition_gate.h).
//
// Threading: send(), stuck(), carried() and topic_names() one thread at a time; serve() one thread
// (serve_errors() stands in for it before the first record); the rest any thread.
// Lifetime: values live until their report was served or the client is gone.
class ProducerClient final : public ClientEvents {
 public:
  // `who` begins sentences: "The producer". `fixed` is added to what every producer of ours needs.
  // Waits until the metadata of the topics has come, and says what it waits for.
  [[nodiscard]] static base::Result<std::unique_ptr<ProducerClient>> create(
      const config::KafkaConfig& kafka, const std::string& who, const ProducerOptions& options,
      std::span<const Setting> fixed, const Patience& patience);

  ProducerClient(const ProducerClient&) = delete;
  ProducerClient& operator=(const ProducerClient&) = delete;

  // At once: whoever wants records delivered, or given up, does that before.
  ~ProducerClient() override;

  size_t send(std::span<const record::OutputRecord> records, void* token);

  // Whether the last send() ended because librdkafka takes nothing in its present state, rather
  // than for lack of room.
  [[nodiscard]] bool stuck() const { return stuck_; }

  // The records that commits carry; their reports come by serve() too, which does not tell the
  // listener of them.
  [[nodiscard]] CarriedRecords& carried() { return carried_; }

  void serve(std::chrono::milliseconds timeout, io::AckListener& listener);
  void serve_errors();

  void wake() { rd_kafka_queue_yield(events_.get()); }

  // Not empty once nothing will ever be sent: why.
  [[nodiscard]] std::string fatal_error() const;
  // librdkafka's code of that; 0 where there is none.
  [[nodiscard]] int fatal_code() const;

  // Gives up what is not acknowledged: the reports come by serve().
  void purge();
  // Records whose report was not served to its end. Counted here: librdkafka's own count never
  // comes down again once it miscounts().
  [[nodiscard]] size_t outstanding() const;

  // Whether librdkafka waits for records that it has refused, and so would never end a transaction:
  // its bulk call forgets to take them out of its count where the topic, or the partition, is gone.
  [[nodiscard]] bool miscounts() const { return miscounts_.load(std::memory_order_acquire); }

  // Waits for acknowledgements up to `flush`, then gives up the rest; the reports go to nobody.
  // Requires: nobody serves.
  void give_up(std::chrono::milliseconds flush);

  // How many requests to end a transaction went out so far, repeats included.
  [[nodiscard]] uint64_t end_requests() const {
    return end_requests_.load(std::memory_order_acquire);
  }

  // Whether any record was acknowledged.
  [[nodiscard]] bool delivered() const { return delivered_.load(std::memory_order_relaxed); }

  // Whether the delivery of any record failed, rather than being given up by a purge: from then on
  // the sequence numbers of a transactional producer and those of its broker may differ.
  [[nodiscard]] bool out_of_step() const { return out_of_step_.load(std::memory_order_acquire); }

  [[nodiscard]] rd_kafka_t* handle() const { return handle_.get(); }

  // For messages: "a, b".
  [[nodiscard]] std::string topic_names() const;

 private:
  // Records handed to librdkafka by one call.
  static constexpr size_t kRunMax = 512;

  struct Target {
    std::string name;
    rd::Topic topic;
    int32_t partitions = 0;
    PartitionGate gate;
  };

  struct Refused {
    void* token;
    const char* value;
    io::FailureKind kind;
    std::string reason;
  };

  ProducerClient(const config::KafkaConfig& kafka, const std::string& who);

  base::Status open(const config::KafkaConfig& kafka, const ProducerOptions& options,
                    std::span<const Setting> fixed, const Patience& patience);
  base::Status open_topic(const std::string& name, const Patience& patience);
  [[nodiscard]] bool valid(const record::OutputRecord& record) const;

  [[nodiscard]] Target& target_of(const record::OutputRecord& record) {
    return targets_[record.topic];
  }

  [[nodiscard]] size_t plain_run(std::span<const record::OutputRecord> records);
  size_t send_run(std::span<const record::OutputRecord> run, void* token);
  size_t send_one(const record::OutputRecord& record, void* token);
  bool taken(rd_kafka_resp_err_t error);
  void refuse(const record::OutputRecord& record, void* token, rd_kafka_resp_err_t error);
  void serve_event(rd_kafka_event_t* event, io::AckListener& listener);
  void serve_reports(rd_kafka_event_t* event, io::AckListener& listener);
  void note_first(const rd_kafka_message_t& message);
  void serve_refused(io::AckListener& listener);

  static rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t* conf, void* opaque,
                                    char* text, size_t text_size) noexcept;
  static rd_kafka_resp_err_t on_request(rd_kafka_t* client, int socket, const char* broker,
                                        int32_t broker_id, int16_t kind, int16_t version,
                                        int32_t correlation, size_t size, void* opaque) noexcept;

  // Constant once made.
  rd::Handle handle_;
  rd::Queue events_;
  std::vector<Target> targets_;

  // Of the sending thread.
  std::array<rd_kafka_message_t, kRunMax> run_{};
  bool stuck_ = false;

  std::atomic<uint64_t> end_requests_{0};
  std::atomic<bool> delivered_{false};
  std::atomic<bool> out_of_step_{false};
  std::atomic<bool> miscounts_{false};
  // Taken by librdkafka, and not reported yet; what is carried included.
  std::atomic<size_t> unreported_{0};
  CarriedRecords carried_{*this, unreported_};

  mutable base::Mutex refused_mutex_;
  std::vector<Refused> refused_ GUARDED_BY(refused_mutex_);
  size_t telling_ GUARDED_BY(refused_mutex_) = 0;  // taken out of refused_, and being told
};

}  // namespace millrace::kafka
