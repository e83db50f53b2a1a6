// SPDX-License-Identifier: Apache-2.0
#include "engine/embedded/embedded_broker.h"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "engine/kafka/client_conf.h"
#include "engine/kafka/rd.h"

namespace millrace::embedded {
namespace {

constexpr int32_t kBrokerId = 1;

}  // namespace

struct EmbeddedBroker::Impl {
  kafka::rd::Handle owner;  // the mock cluster lives inside a client that connects to nothing
  std::unique_ptr<rd_kafka_mock_cluster_t, kafka::rd::Deleter<rd_kafka_mock_cluster_destroy>>
      cluster;
};

EmbeddedBroker::EmbeddedBroker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

EmbeddedBroker::~EmbeddedBroker() = default;

base::Result<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::start() {
  kafka::rd::Conf conf(rd_kafka_conf_new());
  // Its lines are about its clients' coming and going.
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  std::array<char, 512> text{};
  auto impl = std::make_unique<Impl>();
  impl->owner.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text.data(), text.size()));
  if (impl->owner == nullptr) {
    return base::Error{fmt::format("the embedded broker cannot start: {}", text.data())};
  }
  static_cast<void>(conf.release());  // rd_kafka_new took it over
  impl->cluster.reset(rd_kafka_mock_cluster_new(impl->owner.get(), kBrokerId));
  if (impl->cluster == nullptr) return base::Error{"the embedded broker cannot start"};
  return std::unique_ptr<EmbeddedBroker>(new EmbeddedBroker(std::move(impl)));
}

base::Status EmbeddedBroker::create_topic(const std::string& topic, int32_t partitions) {
  const rd_kafka_resp_err_t error =
      rd_kafka_mock_topic_create(cluster(), topic.c_str(), partitions, 1);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return base::Error{fmt::format("creating topic {}: {}", topic, rd_kafka_err2str(error))};
}

std::string EmbeddedBroker::bootstrap_servers() const {
  return rd_kafka_mock_cluster_bootstraps(cluster());
}

config::KafkaConfig EmbeddedBroker::config() const {
  return kafka::plain_config(bootstrap_servers());
}

void EmbeddedBroker::fail_requests(int16_t api_key, const std::vector<int>& codes) {
  std::vector<rd_kafka_resp_err_t> errors;
  errors.reserve(codes.size());
  for (const int code : codes) errors.push_back(static_cast<rd_kafka_resp_err_t>(code));
  rd_kafka_mock_push_request_errors_array(cluster(), api_key, errors.size(), errors.data());
}

void EmbeddedBroker::set_down(bool down) {
  if (down) {
    rd_kafka_mock_broker_set_down(cluster(), kBrokerId);
  } else {
    rd_kafka_mock_broker_set_up(cluster(), kBrokerId);
  }
}

void EmbeddedBroker::set_round_trip(std::chrono::milliseconds time) {
  rd_kafka_mock_broker_set_rtt(cluster(), kBrokerId, kafka::rd::to_ms(time));
}

rd_kafka_mock_cluster_s* EmbeddedBroker::cluster() const {
  return impl_->cluster.get();
}

}  // namespace millrace::embedded
