// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/access.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/error_class.h"

namespace millrace::kafka {
namespace {

using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, rd::Deleter<rd_kafka_AdminOptions_destroy>>;
using NewTopicRequest =
    std::unique_ptr<rd_kafka_NewTopic_t, rd::Deleter<rd_kafka_NewTopic_destroy>>;

constexpr std::chrono::milliseconds kPoll{100};

std::vector<Setting> fixed() {
  return {
      // The library wants a name before it lets a consumer assign itself partitions. Nobody joins.
      {"group.id", "millrace-read"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "error"},
      {"enable.partition.eof", "true"},
      {"allow.auto.create.topics", "false"},
      // The answer that says "nothing there" waits for so long.
      {"fetch.wait.max.ms", "10"},
  };
}

}  // namespace

class Access::Impl : public ClientEvents {
 public:
  Impl(const config::KafkaConfig& kafka, Side side)
      : ClientEvents("The engine", bootstrap_servers(kafka), uses_sasl(kafka, role(side))),
        kafka_(kafka),
        side_(side) {}

  ~Impl() override = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  static Role role(Side side) { return side == Side::kInput ? Role::kConsumer : Role::kProducer; }

  base::Status open();
  base::Status may_read(const std::string& topic, std::chrono::milliseconds wait);
  base::Status may_create(const NewTopic& topic, std::chrono::milliseconds wait);

  [[nodiscard]] int last_error() const { return last_error_; }

 private:
  base::Status failed(rd_kafka_resp_err_t error, const std::string& subject) {
    last_error_ = error;
    return base::Error{sentence(error, subject)};
  }

  [[nodiscard]] rd_kafka_resp_err_t first_answer(std::chrono::milliseconds wait);

  const config::KafkaConfig kafka_;
  const Side side_;
  int last_error_ = 0;
  rd::Handle handle_;
};

base::Status Access::Impl::open() {
  auto conf = make_conf(kafka_, role(side_), {}, fixed());
  if (!conf.ok()) return conf.error();
  auto client = make_client(std::move(conf.value()), Role::kConsumer, *this);
  if (!client.ok()) return client.error();
  handle_ = std::move(client.value());
  rd_kafka_poll_set_consumer(handle_.get());
  return {};
}

// The end of the partition, a record, or an error that does not pass.
rd_kafka_resp_err_t Access::Impl::first_answer(std::chrono::milliseconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  while (std::chrono::steady_clock::now() < until) {
    const rd::Message message(rd_kafka_consumer_poll(handle_.get(), rd::to_ms(kPoll)));
    if (message == nullptr) continue;
    error = message->err;
    if (error == RD_KAFKA_RESP_ERR__PARTITION_EOF) return RD_KAFKA_RESP_ERR_NO_ERROR;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || classify(error) == ErrorClass::kFatal) return error;
  }
  return error;
}

base::Status Access::Impl::may_read(const std::string& topic, std::chrono::milliseconds wait) {
  const rd::Partitions list = rd::make_partitions(1);
  // Rights are those of the topic: one partition of it is enough.
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_END;
  const std::string subject = "reading topic " + topic;
  rd_kafka_resp_err_t error = rd_kafka_assign(handle_.get(), list.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return failed(error, subject);
  error = first_answer(wait);
  rd_kafka_assign(handle_.get(), nullptr);
  last_error_ = error;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return failed(error, subject);
}

base::Status Access::Impl::may_create(const NewTopic& topic, std::chrono::milliseconds wait) {
  const std::string subject = "making topic " + topic.name;
  std::array<char, 256> text{};
  const NewTopicRequest request(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions,
                                                      topic.replication, text.data(), text.size()));
  if (request == nullptr) return base::Error{fmt::format("{}: {}", subject, text.data())};
  for (const auto& [name, value] : topic.settings)
    rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());
  const AdminOptions options(
      rd_kafka_AdminOptions_new(handle_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
  const int timeout = std::max(1, rd::to_ms(wait));
  rd_kafka_AdminOptions_set_validate_only(options.get(), 1, text.data(), text.size());
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout, text.data(), text.size());
  const rd::Queue queue(rd_kafka_queue_new(handle_.get()));
  rd_kafka_NewTopic_t* requests = request.get();
  rd_kafka_CreateTopics(handle_.get(), &requests, 1, options.get(), queue.get());
  // The request's own time-out ends the wait.
  const rd::Event event(rd_kafka_queue_poll(queue.get(), timeout + rd::to_ms(kPoll)));
  if (event == nullptr) return failed(RD_KAFKA_RESP_ERR__TIMED_OUT, subject);
  const rd_kafka_CreateTopics_result_t* result = rd_kafka_event_CreateTopics_result(event.get());
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      result == nullptr ? nullptr : rd_kafka_CreateTopics_result_topics(result, &count);
  if (count != 1) return failed(rd_kafka_event_error(event.get()), subject);
  const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[0]);
  last_error_ = error;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
    return {};
  const char* reason = rd_kafka_topic_result_error_string(results[0]);
  if (needs_person(error) || reason == nullptr) return failed(error, subject);
  return base::Error{fmt::format("{}: {}", subject, reason)};
}

Access::Access(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Access::~Access() = default;

base::Result<std::unique_ptr<Access>> Access::create(const config::KafkaConfig& kafka, Side side) {
  auto impl = std::make_unique<Impl>(kafka, side);
  base::Status status = impl->open();
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<Access>(new Access(std::move(impl)));
}

base::Status Access::may_read(const std::string& topic, std::chrono::milliseconds wait) {
  return impl_->may_read(topic, wait);
}

base::Status Access::may_create(const NewTopic& topic, std::chrono::milliseconds wait) {
  return impl_->may_create(topic, wait);
}

int Access::last_error() const {
  return impl_->last_error();
}

}  // namespace millrace::kafka
