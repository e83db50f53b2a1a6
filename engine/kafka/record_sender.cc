// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/record_sender.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/message.h"

namespace millrace::kafka {
namespace {

// Reports are served once in so many records, and while the queue is full.
constexpr uint64_t kServeEvery = 256;
constexpr int kWaitMs = 200;

const std::vector<Setting>& fixed() {
  static const std::vector<Setting> settings = {
      {"enable.idempotence", "true"},
      {"acks", "all"},
      // The first requests of a new producer must not overtake each other (docs/decisions/0005).
      {"max.in.flight", "1"},
      {"message.max.bytes", "8388608"},
      {"queue.buffering.max.messages", "100000"},
      {"queue.buffering.max.kbytes", "65536"},
  };
  return settings;
}

}  // namespace

class RecordSender::Impl : public ClientEvents {
 public:
  Impl(const config::KafkaConfig& kafka, std::string topic)
      : ClientEvents("The sender", bootstrap_servers(kafka), uses_sasl(kafka, Role::kProducer)),
        name_(std::move(topic)) {}

  ~Impl() override {
    if (handle_ == nullptr) return;
    rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                      RD_KAFKA_PURGE_F_NON_BLOCKING);
    topic_.reset();
    handle_.reset();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  base::Status open(const config::KafkaConfig& kafka);
  base::Status send(int32_t partition, record::Bytes key, record::Bytes value,
                    std::span<const record::Header> headers, const Patience& patience);
  base::Status flush(const Patience& patience);

  [[nodiscard]] uint64_t acknowledged() const { return acknowledged_; }

 private:
  static void on_report(rd_kafka_t* client, const rd_kafka_message_t* message,
                        void* opaque) noexcept;
  base::Status serve(int wait_ms);

  const std::string name_;
  uint64_t sent_ = 0;
  uint64_t acknowledged_ = 0;
  std::string failure_;
  rd::Handle handle_;
  rd::Topic topic_;
};

base::Status RecordSender::Impl::open(const config::KafkaConfig& kafka) {
  const std::vector<Setting> defaults = {{"linger.ms", "5"}, {"message.timeout.ms", "0"}};
  auto conf = make_conf(kafka, Role::kProducer, defaults, fixed());
  if (!conf.ok()) return conf.error();
  rd_kafka_conf_set_dr_msg_cb(conf.value().get(), on_report);
  auto client = make_client(std::move(conf.value()), Role::kProducer, *this);
  if (!client.ok()) return client.error();
  handle_ = std::move(client.value());
  topic_.reset(rd_kafka_topic_new(handle_.get(), name_.c_str(), nullptr));
  if (topic_ != nullptr) return {};
  return base::Error{sentence(rd_kafka_last_error(), "topic " + name_)};
}

void RecordSender::Impl::on_report(rd_kafka_t* /*client*/, const rd_kafka_message_t* message,
                                   void* opaque) noexcept {
  auto& self = static_cast<Impl&>(*static_cast<ClientEvents*>(opaque));
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++self.acknowledged_;
    self.works();
  } else if (self.failure_.empty()) {
    self.failure_ = sentence(message->err, fmt::format("{}-{}", self.name_, message->partition));
  }
}

base::Status RecordSender::Impl::serve(int wait_ms) {
  rd_kafka_poll(handle_.get(), wait_ms);
  if (!failure_.empty()) return base::Error{failure_};
  if (std::string reason = fatal(); !reason.empty()) return base::Error{reason};
  return {};
}

base::Status RecordSender::Impl::send(int32_t partition, record::Bytes key, record::Bytes value,
                                      std::span<const record::Header> headers,
                                      const Patience& patience) {
  if (++sent_ % kServeEvery == 0) {
    base::Status status = serve(0);
    if (!status.ok()) return status;
  }
  while (true) {
    const rd_kafka_resp_err_t error = produce(handle_.get(), {.topic = topic_.get(),
                                                              .partition = partition,
                                                              .key = key,
                                                              .value = value,
                                                              .headers = headers,
                                                              .flags = RD_KAFKA_MSG_F_COPY});
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL || patience.over()) {
      return base::Error{sentence(error, fmt::format("{}-{}", name_, partition))};
    }
    base::Status status = serve(kWaitMs);
    if (!status.ok()) return status;
  }
}

base::Status RecordSender::Impl::flush(const Patience& patience) {
  // Flushing sends what lingers at once, and serves the reports.
  while (rd_kafka_flush(handle_.get(), kWaitMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    base::Status status = serve(0);
    if (!status.ok()) return status;
    on_idle(handle_.get());
    if (patience.over()) {
      return base::Error{fmt::format("{} records for topic {} were not acknowledged in time",
                                     rd_kafka_outq_len(handle_.get()), name_)};
    }
  }
  return serve(0);
}

RecordSender::RecordSender(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RecordSender::~RecordSender() = default;

base::Result<std::unique_ptr<RecordSender>> RecordSender::create(const config::KafkaConfig& kafka,
                                                                 const std::string& topic) {
  auto impl = std::make_unique<Impl>(kafka, topic);
  base::Status status = impl->open(kafka);
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<RecordSender>(new RecordSender(std::move(impl)));
}

base::Status RecordSender::send(int32_t partition, record::Bytes key, record::Bytes value,
                                std::span<const record::Header> headers, const Patience& patience) {
  return impl_->send(partition, key, value, headers, patience);
}

base::Status RecordSender::flush(const Patience& patience) {
  return impl_->flush(patience);
}

uint64_t RecordSender::acknowledged() const {
  return impl_->acknowledged();
}

}  // namespace millrace::kafka
