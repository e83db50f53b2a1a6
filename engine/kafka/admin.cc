// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/admin.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <regex.h>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/base/pause.h"
#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/metadata.h"
#include "engine/kafka/topic_request.h"

namespace millrace::kafka {
namespace {

constexpr int kAttemptMs = 1000;
constexpr std::chrono::milliseconds kPause{200};
constexpr std::chrono::seconds kCreateMax{15};
// Waits shorter than this are not worth a line.
constexpr std::chrono::seconds kSilent{5};
// A broker that creates a topic on demand says "unknown" at first.
constexpr std::chrono::seconds kAppearsWithin{3};

void pause(const Patience& patience) {
  base::pause_until(std::chrono::steady_clock::now() + kPause, patience.stop);
}

// POSIX extended, as librdkafka matches subscriptions.
class Pattern {
 public:
  explicit Pattern(const std::string& text)
      : valid_(regcomp(&regex_, text.c_str(), REG_EXTENDED | REG_NOSUB) == 0) {}

  ~Pattern() {
    if (valid_) regfree(&regex_);
  }

  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  [[nodiscard]] bool valid() const { return valid_; }

  [[nodiscard]] bool matches(const char* name) const {
    return regexec(&regex_, name, 0, nullptr, 0) == 0;
  }

 private:
  regex_t regex_{};
  bool valid_;
};

bool is_pattern(std::span<const std::string> names) {
  return !names.empty() && names[0].starts_with('^');
}

using ConfigResource =
    std::unique_ptr<rd_kafka_ConfigResource_t, rd::Deleter<rd_kafka_ConfigResource_destroy>>;

// The settings out of the answer, or why they are not there.
base::Result<TopicSettings> settings_of(rd_kafka_event_t* event) {
  const rd_kafka_DescribeConfigs_result_t* result = rd_kafka_event_DescribeConfigs_result(event);
  size_t count = 0;
  const rd_kafka_ConfigResource_t** resources =
      result == nullptr ? nullptr : rd_kafka_DescribeConfigs_result_resources(result, &count);
  if (count != 1) return base::Error{rd_kafka_err2str(rd_kafka_event_error(event))};
  if (const auto error = rd_kafka_ConfigResource_error(resources[0])) {
    return base::Error{sentence(error, "")};
  }
  size_t entries = 0;
  const rd_kafka_ConfigEntry_t** configs = rd_kafka_ConfigResource_configs(resources[0], &entries);
  TopicSettings settings;
  for (size_t i = 0; i < entries; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(configs[i]);
    if (value != nullptr) settings[rd_kafka_ConfigEntry_name(configs[i])] = value;
  }
  return settings;
}

base::Result<size_t> message_bytes_max(const TopicSettings& settings) {
  if (const auto found = settings.find("max.message.bytes"); found != settings.end()) {
    const std::string& text = found->second;
    size_t bytes = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
    if (error == std::errc{} && bytes > 0) return bytes;
  }
  return base::Error{"the broker does not say"};
}

}  // namespace

class Admin::Impl : public ClientEvents {
 public:
  Impl(const config::KafkaConfig& kafka, Side side)
      : ClientEvents("The engine", bootstrap_servers(kafka), uses_sasl(kafka, role_of(side))),
        kafka_(kafka),
        side_(side) {}

  ~Impl() override = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  base::Status open();

  // Calls `attempt` until it has no error, or none that passes by itself, or patience is over.
  base::Status insist(const Patience& patience, const std::string& what,
                      const std::function<rd_kafka_resp_err_t()>& attempt);
  base::Status await_broker(const Patience& patience);
  base::Result<TopicAnswer> ask(const std::string& topic, const Patience& patience);
  base::Status await_topic(const std::string& topic, const Patience& patience);
  base::Status make_topic_appear(const std::string& topic, const Patience& patience);
  base::Result<std::vector<std::string>> all_topics(const Patience& patience);
  base::Result<TopicSettings> describe(const std::string& topic, std::chrono::milliseconds time,
                                       const std::stop_token& stop);
  base::Result<bool> create(const NewTopic& topic, const Patience& patience);
  base::Result<rd::Event> answer(rd_kafka_queue_t* queue, std::chrono::milliseconds time,
                                 const std::stop_token& stop);
  base::Result<int64_t> end_offset(const std::string& topic, int32_t partition,
                                   const Patience& patience);
  std::vector<LogEnds> log_ends(std::span<const base::TopicPartition> partitions,
                                std::chrono::milliseconds time);
  base::Result<std::string> cluster_id(const Patience& patience);

  [[nodiscard]] int last_error() const { return last_error_; }

 private:
  base::Status open(const char* isolation, rd::Handle& handle);
  [[nodiscard]] std::string leader_problem(const base::TopicPartition& id, int timeout_ms) const;

  const config::KafkaConfig kafka_;
  const Side side_;
  std::set<std::string> said_;
  int last_error_ = 0;
  rd::Handle handle_;
  rd::Handle uncommitted_;  // sees the records of open transactions; made when first needed
};

base::Status Admin::Impl::open() {
  return open("read_committed", handle_);
}

base::Status Admin::Impl::open(const char* isolation, rd::Handle& handle) {
  // Properties of the side, but a consumer's client: only that can ask about a topic without making
  // it. It joins no group.
  const std::vector<Setting> fixed = {{"allow.auto.create.topics", "false"},
                                      {"isolation.level", isolation}};
  auto conf = make_conf(kafka_, role_of(side_), {}, fixed);
  if (!conf.ok()) return conf.error();
  auto client = make_client(std::move(conf.value()), Role::kConsumer, *this);
  if (!client.ok()) return client.error();
  handle = std::move(client.value());
  return {};
}

base::Status Admin::Impl::insist(const Patience& patience, const std::string& what,
                                 const std::function<rd_kafka_resp_err_t()>& attempt) {
  const auto began = std::chrono::steady_clock::now();
  while (true) {
    const rd_kafka_resp_err_t error = attempt();
    last_error_ = error;
    rd_kafka_poll(handle_.get(), 0);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      works();
      return {};
    }
    if (std::string reason = fatal(); !reason.empty()) return base::Error{reason};
    if (classify(error) == ErrorClass::kFatal) return base::Error{sentence(error, what)};
    if (patience.over()) {
      return base::Error{fmt::format("gave up waiting for {}: {} (brokers {})", what,
                                     rd_kafka_err2str(error), brokers())};
    }
    // An unreachable broker is said by ClientEvents already.
    if (std::chrono::steady_clock::now() - began > kSilent && away().empty()) {
      warn_limited("waiting " + what, fmt::format("Waiting for {} from the brokers at {}: {}.",
                                                  what, brokers(), rd_kafka_err2str(error)));
    }
    pause(patience);
  }
}

base::Status Admin::Impl::await_broker(const Patience& patience) {
  return insist(patience, "an answer", [&] {
    const struct rd_kafka_metadata* answer = nullptr;
    // About no topic: the list of all is long on a large cluster, and an attempt is short.
    const rd_kafka_resp_err_t error =
        rd_kafka_metadata(handle_.get(), 0, nullptr, &answer, kAttemptMs);
    const rd::Metadata owner(answer);
    return error;
  });
}

base::Result<TopicAnswer> Admin::Impl::ask(const std::string& topic, const Patience& patience) {
  const rd::Topic handle(rd_kafka_topic_new(handle_.get(), topic.c_str(), nullptr));
  if (handle == nullptr) return base::Error{sentence(rd_kafka_last_error(), "topic " + topic)};
  TopicAnswer answer;
  const base::Status status = insist(patience, "topic " + topic, [&] {
    answer = ask_for_topic(handle_.get(), handle.get(), kAttemptMs);
    return answer.absent() ? RD_KAFKA_RESP_ERR_NO_ERROR : answer.error;
  });
  if (!status.ok()) return base::Error{status.message()};
  return answer;
}

base::Status Admin::Impl::await_topic(const std::string& topic, const Patience& patience) {
  while (true) {
    auto answer = ask(topic, patience);
    if (!answer.ok()) return answer.error();
    if (!answer.value().absent()) return {};
    if (said_.insert(topic).second) {
      base::log::info("Topic {} does not exist yet; waiting for it.", topic);
    }
    if (patience.over()) return base::Error{fmt::format("topic {} does not exist", topic)};
    pause(patience);
  }
}

base::Status Admin::Impl::make_topic_appear(const std::string& topic, const Patience& patience) {
  auto answer = ask(topic, patience);
  if (!answer.ok()) return answer.error();
  if (!answer.value().absent()) return {};
  // A producer that asks for a topic makes the broker create it, where the broker does such.
  const std::vector<Setting> fixed = {{"allow.auto.create.topics", "true"}};
  auto conf = make_conf(kafka_, role_of(side_), {}, fixed);
  if (!conf.ok()) return conf.error();
  auto producer = make_client(std::move(conf.value()), Role::kProducer, *this);
  if (!producer.ok()) return producer.error();
  rd_kafka_t* client = producer.value().get();
  const rd::Topic handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
  const auto expected = std::chrono::steady_clock::now() + kAppearsWithin;
  while (true) {
    const TopicAnswer made = ask_for_topic(client, handle.get(), kAttemptMs);
    rd_kafka_poll(client, 0);
    if (made.error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    if (made.absent() && std::chrono::steady_clock::now() > expected &&
        said_.insert(topic).second) {
      base::log::info("Output topic {} does not exist and is not created by the broker; waiting.",
                      topic);
    }
    if (made.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || patience.over()) {
      return base::Error{sentence(made.error, "output topic " + topic)};
    }
    pause(patience);
  }
  return await_topic(topic, patience);
}

base::Result<std::vector<std::string>> Admin::Impl::all_topics(const Patience& patience) {
  std::vector<std::string> names;
  const base::Status status = insist(patience, "the list of topics", [&] {
    const struct rd_kafka_metadata* answer = nullptr;
    const rd_kafka_resp_err_t error =
        rd_kafka_metadata(handle_.get(), 1, nullptr, &answer, kAttemptMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
    const rd::Metadata metadata(answer);
    for (int i = 0; i < metadata->topic_cnt; ++i) names.emplace_back(metadata->topics[i].topic);
    return error;
  });
  if (!status.ok()) return base::Error{status.message()};
  return names;
}

base::Result<rd::Event> Admin::Impl::answer(rd_kafka_queue_t* queue, std::chrono::milliseconds time,
                                            const std::stop_token& stop) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (!stop.stop_requested() && std::chrono::steady_clock::now() < until) {
    rd::Event event(rd_kafka_queue_poll(queue, rd::to_ms(kPause)));
    if (event != nullptr) return event;
  }
  return base::Error{"no answer"};
}

base::Result<TopicSettings> Admin::Impl::describe(const std::string& topic,
                                                  std::chrono::milliseconds time,
                                                  const std::stop_token& stop) {
  const rd::Queue queue(rd_kafka_queue_new(handle_.get()));
  const ConfigResource resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  const rd::AdminOptions options =
      request_options(handle_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, time);
  rd_kafka_ConfigResource_t* resources = resource.get();
  rd_kafka_DescribeConfigs(handle_.get(), &resources, 1, options.get(), queue.get());
  auto event = answer(queue.get(), time, stop);
  if (!event.ok()) return event.error();
  return settings_of(event.value().get());
}

base::Result<bool> Admin::Impl::create(const NewTopic& topic, const Patience& patience) {
  const rd::Queue queue(rd_kafka_queue_new(handle_.get()));
  auto request = request_of(topic);
  if (!request.ok()) return base::Error{fmt::format("topic {}: {}", topic.name, request.message())};
  rd_kafka_NewTopic_t* requests = request.value().get();
  rd_kafka_CreateTopics(handle_.get(), &requests, 1, nullptr, queue.get());
  auto event = answer(queue.get(), kCreateMax, patience.stop);
  last_error_ = RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (!event.ok()) return base::Error{fmt::format("creating topic {}: no answer", topic.name)};
  last_error_ = rd_kafka_event_error(event.value().get());
  const rd_kafka_topic_result_t* const result = only_result(event.value().get());
  if (result == nullptr) {
    return base::Error{fmt::format("creating topic {}: {}", topic.name,
                                   rd_kafka_err2str(rd_kafka_event_error(event.value().get())))};
  }
  const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(result);
  last_error_ = error;
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      break;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return false;
    default: {
      const char* reason = rd_kafka_topic_result_error_string(result);
      return base::Error{
          fmt::format("creating topic {}: {}", topic.name, reason == nullptr ? "refused" : reason)};
    }
  }
  // Until every broker we may ask knows it; that is not worth a line.
  said_.insert(topic.name);
  base::Status status = await_topic(topic.name, patience);
  if (!status.ok()) return base::Error{status.message()};
  return true;
}

base::Result<int64_t> Admin::Impl::end_offset(const std::string& topic, int32_t partition,
                                              const Patience& patience) {
  int64_t end = 0;
  const base::Status status =
      insist(patience, fmt::format("the end of {}-{}", topic, partition), [&] {
        int64_t low = 0;
        return rd_kafka_query_watermark_offsets(handle_.get(), topic.c_str(), partition, &low, &end,
                                                kAttemptMs);
      });
  if (!status.ok()) return base::Error{status.message()};
  return end;
}

// Why a partition cannot be read at all; empty where nothing is found.
std::string Admin::Impl::leader_problem(const base::TopicPartition& id, int timeout_ms) const {
  const rd::Topic topic(rd_kafka_topic_new(handle_.get(), id.topic.c_str(), nullptr));
  if (topic == nullptr) return {};
  const struct rd_kafka_metadata* answer = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(handle_.get(), 0, topic.get(), &answer, timeout_ms);
  const rd::Metadata metadata(answer);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR || metadata->topic_cnt != 1) return {};
  const rd_kafka_metadata_topic& found = metadata->topics[0];
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return sentence(found.err, "topic " + id.topic);
  for (int i = 0; i < found.partition_cnt; ++i) {
    const rd_kafka_metadata_partition& partition = found.partitions[i];
    if (partition.id != id.partition) continue;
    if (partition.leader >= 0 && partition.err == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return fmt::format("{}-{}: no broker leads the partition", id.topic, id.partition);
  }
  return fmt::format("{}-{}: the partition does not exist", id.topic, id.partition);
}

std::vector<LogEnds> Admin::Impl::log_ends(std::span<const base::TopicPartition> partitions,
                                           std::chrono::milliseconds time) {
  std::vector<LogEnds> ends;
  const auto until = std::chrono::steady_clock::now() + time;
  const auto left = [&] {
    return std::min(kAttemptMs, rd::to_ms(std::chrono::duration_cast<std::chrono::milliseconds>(
                                    until - std::chrono::steady_clock::now())));
  };
  const base::Status opened =
      uncommitted_ == nullptr ? open("read_uncommitted", uncommitted_) : base::Status();
  for (const base::TopicPartition& id : partitions) {
    LogEnds& one = ends.emplace_back(LogEnds{id, {}, {}, {}});
    if (!opened.ok()) {
      one.error = opened.message();
      continue;
    }
    const auto query = [&](rd_kafka_t* client, base::Offset& end) {
      int64_t low = 0;
      int64_t high = 0;
      const rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
          client, id.topic.c_str(), id.partition, &low, &high, left());
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) end = base::Offset{high};
      return error;
    };
    // The stable end first: it never passes the end that is read after it.
    rd_kafka_resp_err_t error = query(handle_.get(), one.stable);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = query(uncommitted_.get(), one.end);
    rd_kafka_poll(handle_.get(), 0);
    rd_kafka_poll(uncommitted_.get(), 0);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    one.error = leader_problem(id, left());
    if (one.error.empty()) one.error = away();
    if (one.error.empty()) {
      one.error = sentence(error, fmt::format("the ends of {}-{}", id.topic, id.partition));
    }
  }
  return ends;
}

base::Result<std::string> Admin::Impl::cluster_id(const Patience& patience) {
  std::string id;
  const base::Status status = insist(patience, "the id of the cluster", [&] {
    char* const text = rd_kafka_clusterid(handle_.get(), kAttemptMs);
    if (text == nullptr) return RD_KAFKA_RESP_ERR__TIMED_OUT;
    id = text;
    rd_kafka_mem_free(handle_.get(), text);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  });
  if (!status.ok()) return base::Error{status.message()};
  return id;
}

Admin::Admin(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Admin::~Admin() = default;

base::Result<std::unique_ptr<Admin>> Admin::create(const config::KafkaConfig& kafka, Side side) {
  auto impl = std::make_unique<Impl>(kafka, side);
  base::Status status = impl->open();
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<Admin>(new Admin(std::move(impl)));
}

base::Status Admin::wait_for_broker(const Patience& patience) {
  return impl_->await_broker(patience);
}

base::Result<int32_t> Admin::partition_count(const std::string& topic, const Patience& patience) {
  auto answer = impl_->ask(topic, patience);
  if (!answer.ok()) return answer.error();
  return answer.value().partitions;
}

base::Result<std::vector<std::string>> Admin::matching(std::span<const std::string> names,
                                                       const Patience& patience) {
  auto all = impl_->all_topics(patience);
  if (!all.ok()) return all.error();
  std::vector<std::string> found = std::move(all.value());
  if (is_pattern(names)) {
    const Pattern pattern(names[0]);
    if (!pattern.valid()) return base::Error{fmt::format("{} is not a pattern", names[0])};
    std::erase_if(found, [&](const std::string& name) { return !pattern.matches(name.c_str()); });
  } else {
    std::erase_if(found, [&](const std::string& name) {
      return std::find(names.begin(), names.end(), name) == names.end();
    });
  }
  std::sort(found.begin(), found.end());
  return found;
}

base::Status Admin::wait_for_topics(std::span<const std::string> topics, const Patience& patience) {
  if (is_pattern(topics)) return {};
  for (const std::string& topic : topics) {
    base::Status status = impl_->await_topic(topic, patience);
    if (!status.ok()) return status;
  }
  return {};
}

base::Result<record::TopicLimits> Admin::output_limits(const std::string& topic,
                                                       const Patience& patience,
                                                       std::chrono::milliseconds limits_wait) {
  base::Status status = impl_->make_topic_appear(topic, patience);
  if (!status.ok()) return base::Error{status.message()};
  auto answer = impl_->ask(topic, patience);
  if (!answer.ok()) return answer.error();
  record::TopicLimits limits;
  limits.partitions = std::max(1, answer.value().partitions);
  const auto settings = impl_->describe(topic, limits_wait, patience.stop);
  const base::Result<size_t> bytes =
      settings.ok() ? message_bytes_max(settings.value()) : base::Result<size_t>(settings.error());
  if (bytes.ok()) {
    limits.message_bytes_max = bytes.value();
  } else {
    base::log::info("The max.message.bytes of topic {} cannot be read ({}); taking it for {}.",
                    topic, bytes.message(), limits.message_bytes_max);
  }
  return limits;
}

base::Result<TopicSettings> Admin::topic_settings(const std::string& topic,
                                                  std::chrono::milliseconds wait,
                                                  const std::stop_token& stop) {
  return impl_->describe(topic, wait, stop);
}

base::Result<bool> Admin::create_topic(const NewTopic& topic, const Patience& patience) {
  return impl_->create(topic, patience);
}

base::Result<std::vector<io::PartitionOffset>> Admin::end_offsets(
    std::span<const std::string> topics, const Patience& patience) {
  auto names = matching(topics, patience);
  if (!names.ok()) return names.error();
  std::vector<io::PartitionOffset> ends;
  for (const std::string& topic : names.value()) {
    auto partitions = partition_count(topic, patience);
    if (!partitions.ok()) return partitions.error();
    for (int32_t partition = 0; partition < partitions.value(); ++partition) {
      auto end = impl_->end_offset(topic, partition, patience);
      if (!end.ok()) return end.error();
      ends.push_back({{topic, partition}, base::Offset{end.value()}});
    }
  }
  return ends;
}

std::vector<LogEnds> Admin::log_ends(std::span<const base::TopicPartition> partitions,
                                     std::chrono::milliseconds wait) {
  return impl_->log_ends(partitions, wait);
}

base::Result<std::string> Admin::cluster_id(const Patience& patience) {
  return impl_->cluster_id(patience);
}

int Admin::last_error() const {
  return impl_->last_error();
}

}  // namespace millrace::kafka
