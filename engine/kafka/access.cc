// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/access.h"

#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/pause.h"
#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/topic_request.h"

namespace millrace::kafka {
namespace {

using GroupOffsets = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                     rd::Deleter<rd_kafka_ListConsumerGroupOffsets_destroy>>;

constexpr std::chrono::milliseconds kPoll{100};
// How much longer than the request itself its answer may take.
constexpr std::chrono::milliseconds kAnswerMargin{1000};
constexpr std::chrono::milliseconds kBetween{200};

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

// Whether the group's offsets are told; asks once.
rd_kafka_resp_err_t list_group_offsets(rd_kafka_t* client, const std::string& group,
                                       std::chrono::milliseconds wait) {
  const rd::Queue queue(rd_kafka_queue_new(client));
  const GroupOffsets request(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr));
  const rd::AdminOptions options =
      request_options(client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, wait);
  rd_kafka_ListConsumerGroupOffsets_t* requests = request.get();
  rd_kafka_ListConsumerGroupOffsets(client, &requests, 1, options.get(), queue.get());
  const rd::Event event(rd_kafka_queue_poll(queue.get(), rd::to_ms(wait + kAnswerMargin)));
  if (event == nullptr) return RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (const auto error = rd_kafka_event_error(event.get())) return error;
  const rd_kafka_ListConsumerGroupOffsets_result_t* result =
      rd_kafka_event_ListConsumerGroupOffsets_result(event.get());
  size_t count = 0;
  const rd_kafka_group_result_t** groups =
      result == nullptr ? nullptr : rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count);
  if (count != 1) return RD_KAFKA_RESP_ERR__FAIL;
  return rd_kafka_error_code(rd_kafka_group_result_error(groups[0]));
}

}  // namespace

class Access::Impl : public ClientEvents {
 public:
  explicit Impl(const config::KafkaConfig& kafka)
      : ClientEvents("The engine", bootstrap_servers(kafka), uses_sasl(kafka, Role::kConsumer)),
        kafka_(kafka) {}

  ~Impl() override = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  base::Status open();
  base::Status may_read(const std::string& topic, std::chrono::milliseconds wait);
  base::Status may_read_group(const std::string& group, std::chrono::milliseconds wait);
  base::Status may_create(const NewTopic& topic, std::chrono::milliseconds wait);

  [[nodiscard]] int last_error() const { return last_error_; }

 private:
  base::Status failed(rd_kafka_resp_err_t error, const std::string& subject) {
    last_error_ = error;
    return base::Error{sentence(error, subject)};
  }

  [[nodiscard]] rd_kafka_resp_err_t first_answer(std::chrono::milliseconds wait);

  const config::KafkaConfig kafka_;
  int last_error_ = 0;
  rd::Handle handle_;
};

base::Status Access::Impl::open() {
  auto conf = make_conf(kafka_, Role::kConsumer, {}, fixed());
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

base::Status Access::Impl::may_read_group(const std::string& group,
                                          std::chrono::milliseconds wait) {
  // A member's client, although it never joins: on one without a group librdkafka (2.0 to 2.11 at
  // least) crashes when the coordinator answers that it is still loading, or has moved.
  const std::vector<Setting> settings = {{"allow.auto.create.topics", "false"},
                                         {"group.id", group}};
  auto conf = make_conf(kafka_, Role::kConsumer, {}, settings);
  if (!conf.ok()) return conf.error();
  auto client = make_client(std::move(conf.value()), Role::kConsumer, *this);
  if (!client.ok()) return client.error();
  const auto until = std::chrono::steady_clock::now() + wait;
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    const rd_kafka_resp_err_t error = list_group_offsets(client.value().get(), group, left);
    last_error_ = error;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    if (left <= kBetween || classify(error) == ErrorClass::kFatal) return failed(error, "");
    base::pause_until(std::chrono::steady_clock::now() + kBetween, {});
  }
}

base::Status Access::Impl::may_create(const NewTopic& topic, std::chrono::milliseconds wait) {
  const std::string subject = "making topic " + topic.name;
  auto request = request_of(topic);
  if (!request.ok()) return base::Error{fmt::format("{}: {}", subject, request.message())};
  const rd::AdminOptions options =
      request_options(handle_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS, wait);
  std::array<char, 256> text{};
  rd_kafka_AdminOptions_set_validate_only(options.get(), 1, text.data(), text.size());
  const rd::Queue queue(rd_kafka_queue_new(handle_.get()));
  rd_kafka_NewTopic_t* requests = request.value().get();
  rd_kafka_CreateTopics(handle_.get(), &requests, 1, options.get(), queue.get());
  // The request's own time-out ends the wait.
  const rd::Event event(rd_kafka_queue_poll(queue.get(), rd::to_ms(wait + kPoll)));
  if (event == nullptr) return failed(RD_KAFKA_RESP_ERR__TIMED_OUT, subject);
  const rd_kafka_topic_result_t* const result = only_result(event.get());
  if (result == nullptr) return failed(rd_kafka_event_error(event.get()), subject);
  const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(result);
  last_error_ = error;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
    return {};
  const char* reason = rd_kafka_topic_result_error_string(result);
  if (needs_person(error) || reason == nullptr) return failed(error, subject);
  return base::Error{fmt::format("{}: {}", subject, reason)};
}

Access::Access(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Access::~Access() = default;

base::Result<std::unique_ptr<Access>> Access::create(const config::KafkaConfig& kafka) {
  auto impl = std::make_unique<Impl>(kafka);
  base::Status status = impl->open();
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<Access>(new Access(std::move(impl)));
}

base::Status Access::may_read(const std::string& topic, std::chrono::milliseconds wait) {
  return impl_->may_read(topic, wait);
}

base::Status Access::may_read_group(const std::string& group, std::chrono::milliseconds wait) {
  return impl_->may_read_group(group, wait);
}

base::Status Access::may_create(const NewTopic& topic, std::chrono::milliseconds wait) {
  return impl_->may_create(topic, wait);
}

int Access::last_error() const {
  return impl_->last_error();
}

}  // namespace millrace::kafka
