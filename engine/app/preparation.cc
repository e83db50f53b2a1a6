// SPDX-License-Identifier: Apache-2.0
#include "engine/app/preparation.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/app/alert_rules.h"
#include "engine/app/dead_letter_limit.h"
#include "engine/app/memory_shares.h"
#include "engine/app/transactional_id.h"
#include "engine/base/limits.h"
#include "engine/base/startup_error.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/state_topic_setup.h"

namespace millrace::app {
namespace {

using base::value_or_fail;
using std::chrono::milliseconds;

// The embedded broker has no limits to tell.
constexpr milliseconds kEmbeddedLimitsWait{0};
constexpr milliseconds kLimitsWait{5000};
// What a record costs beside its key and value, at most.
constexpr size_t kRecordOverhead = 512;
// What vitals() shows of librdkafka is at most so old.
constexpr milliseconds kStatisticsEvery{1000};

int64_t unix_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

std::vector<std::string> input_topics(const config::InputConfig& input) {
  if (input.pattern) return {input.pattern->value};
  std::vector<std::string> topics;
  for (const config::Text& topic : input.topics) topics.push_back(topic.value);
  return topics;
}

class Preparer {
 public:
  Preparer(const Pipeline& pipeline, const Engine::Options& options, const std::stop_token& stop)
      : pipeline_(pipeline), config_(pipeline.config), options_(options) {
    if (options_.wait) patience_.until = std::chrono::steady_clock::now() + *options_.wait;
    patience_.stop = stop;
  }

  Preparation prepare() {
    Preparation made;
    made.input = value_or_fail(kafka::Admin::create(config_.kafka, kafka::Side::kInput));
    input_ = made.input.get();
    say_waiting("a broker at " + kafka::bootstrap_servers(config_.kafka));
    base::fail_unless_ok(input_->wait_for_broker(patience_));
    const std::vector<std::string> topics = input_topics(config_.input);
    say_waiting("the topics that it reads and writes");
    if (!config_.input.pattern) base::fail_unless_ok(input_->wait_for_topics(topics, patience_));
    if (options_.until_end) made.until = ends(topics);

    const auto output = value_or_fail(kafka::Admin::create(config_.kafka, kafka::Side::kOutput));
    base::fail_unless_ok(output->wait_for_broker(patience_));
    demand_one_cluster_where_needed(*output);
    const MemoryShares shares = MemoryShares::of(config_.memory_bytes);
    made.clients.topics = topics;
    made.clients.output = producer_settings(*output, shares);
    made.clients.prefetch_bytes = shares.prefetch;
    made.clients.embedded = options_.embedded;
    if (options_.client_statistics) made.clients.statistics_every = kStatisticsEvery;
    for (const kafka::ProducerOptions::Topic& topic : made.clients.output.topics)
      made.limits.push_back(topic.limits);
    if (config_.state.durable && !options_.embedded) open_state(topics, made);
    say_waiting("the brokers to take its clients");
    return made;
  }

 private:
  void say_waiting(const std::string& what) const {
    if (options_.on_waiting) options_.on_waiting(what);
  }

  [[nodiscard]] std::map<base::TopicPartition, base::Offset> ends(
      const std::vector<std::string>& topics) const {
    std::map<base::TopicPartition, base::Offset> ends;
    for (const io::PartitionOffset& end : value_or_fail(input_->end_offsets(topics, patience_)))
      ends[end.id] = end.next;
    return ends;
  }

  void demand_one_cluster_where_needed(kafka::Admin& output) const {
    if (config_.delivery.guarantee == config::Guarantee::kExactlyOnce) {
      demand_one_cluster(output, "exactly once needs",
                         "or write 'delivery: {guarantee: at_least_once}'");
    } else if (!pipeline_.plan->insight_topics().empty()) {
      demand_one_cluster(output, "insights with a 'topic' need", "or leave their topics out");
    } else if (!alert_topics(config_).empty()) {
      demand_one_cluster(output, "alerts with a 'topic' need", "or leave their topics out");
    }
  }

  // A transaction spans no two clusters.
  void demand_one_cluster(kafka::Admin& output, const char* what, const char* otherwise) const {
    const std::string there = value_or_fail(output.cluster_id(patience_));
    const std::string here = value_or_fail(input_->cluster_id(patience_));
    if (here == there) return;
    base::fail_start(
        fmt::format("{} the output on the cluster of the input, and they are on different ones: "
                    "'bootstrap.servers' leads the consumer to cluster {} and the producer to "
                    "cluster {}; name the brokers of one, {}",
                    what, here, there, otherwise));
  }

  [[nodiscard]] kafka::ProducerOptions producer_settings(kafka::Admin& output,
                                                         const MemoryShares& shares) const {
    kafka::ProducerOptions options;
    options.queue_bytes = shares.producer_queue;
    for (const plan::OutputTopicUse& use : pipeline_.plan->output_topics()) {
      const record::TopicLimits limits = value_or_fail(output.output_limits(
          use.name, patience_, options_.embedded ? kEmbeddedLimitsWait : kLimitsWait));
      if (use.dead_letters && limits.message_bytes_max < kDeadLetterBytesMin) {
        base::fail_start(
            fmt::format("the max.message.bytes of dead-letter topic {} is {}; a dead letter's own "
                        "headers need {}",
                        use.name, limits.message_bytes_max, kDeadLetterBytesMin));
      }
      options.topics.push_back({use.name, limits});
    }
    return options;
  }

  // Where the insights are restored from, created where it does not exist.
  void open_state(const std::vector<std::string>& topics, Preparation& made) const {
    int32_t partitions = 1;
    for (const std::string& topic : value_or_fail(input_->matching(topics, patience_)))
      partitions = std::max(partitions, value_or_fail(input_->partition_count(topic, patience_)));
    const std::string& name = config_.state.topic.value;
    value_or_fail(kafka::ensure_state_topic(config_.kafka, name, partitions, patience_));
    made.state_topic = value_or_fail(kafka::StateTopic::create(config_.kafka, name, patience_));
    flow::Durable& durable = made.durable.emplace();
    durable.log = made.state_topic.get();
    durable.restore.topic = {name, config_.input.group.value, made.state_topic->partition_count()};
    durable.restore.reset = options_.reset_insights;
    durable.pipeline = config_.pipeline.value;
    durable.topic_record_bytes_max = insight_topic_limit();
    durable.every = config_.state.every;
    durable.on_moved = config_.state.on_moved_offsets;
    durable.commit_prefix = unique_name();
    durable.now_ms = unix_ms;
  }

  // The largest record that every topic takes that insights are written to; waits until they are
  // there, and those of alerts, whose records are small.
  [[nodiscard]] size_t insight_topic_limit() const {
    for (const std::string& topic : alert_topics(config_))
      static_cast<void>(value_or_fail(input_->output_limits(topic, patience_, kLimitsWait)));
    size_t least = base::limits::kMessageBytesDefault;
    for (const std::string& topic : pipeline_.plan->insight_topics()) {
      const record::TopicLimits limits =
          value_or_fail(input_->output_limits(topic, patience_, kLimitsWait));
      least = std::min(least, limits.message_bytes_max);
    }
    return least - std::min(least / 2, kRecordOverhead);
  }

  const Pipeline& pipeline_;
  const config::PipelineConfig& config_;
  const Engine::Options& options_;
  kafka::Patience patience_;
  kafka::Admin* input_ = nullptr;
};

}  // namespace

Preparation prepare(const Pipeline& pipeline, const Engine::Options& options,
                    const std::stop_token& stop) {
  return Preparer(pipeline, options, stop).prepare();
}

}  // namespace millrace::app
