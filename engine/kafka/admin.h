// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/io/committer.h"
#include "engine/record/topic_limits.h"

namespace millrace::kafka {

// How long to wait for something that is not there yet, and how to be told to stop waiting.
struct Patience {
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
  std::stop_token stop;  // looked at once a second at least

  [[nodiscard]] static Patience at_most(std::chrono::milliseconds time, std::stop_token stop = {}) {
    return {std::chrono::steady_clock::now() + time, std::move(stop)};
  }

  [[nodiscard]] bool over() const {
    return stop.stop_requested() || std::chrono::steady_clock::now() >= until;
  }
};

struct NewTopic {
  std::string name;
  int32_t partitions = 1;
  int32_t replication = -1;  // -1: the broker's default
  // Settings of the topic, such as {"cleanup.policy", "compact"}.
  std::vector<std::pair<std::string, std::string>> settings = {};
};

// By name: "retention.ms" and the like.
using TopicSettings = std::map<std::string, std::string>;

// The ends of one partition's log, as its leader says now.
struct LogEnds {
  base::TopicPartition id;
  base::Offset end;     // behind the last record, those of open transactions included
  base::Offset stable;  // where a reader of committed records cannot read on: at or below `end`
  // Why there are none: a sentence without a full stop, such as that no broker leads the partition.
  std::string error;
};

// Input and output may be different clusters, or different users of one.
enum class Side { kInput, kOutput };

// Topics, their partitions, limits and ends: what start-up asks of a cluster. Every wait says once
// what it waits for, and ends by its Patience with an error.
//
// Threading: one thread at a time.
class Admin {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<Admin>> create(const config::KafkaConfig& kafka,
                                                                   Side side);

  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;
  ~Admin();

  // Waits for any broker to answer. A wrong password or certificate ends it at once.
  base::Status wait_for_broker(const Patience& patience);

  // The number of partitions; 0 where the topic does not exist. Never creates it.
  base::Result<int32_t> partition_count(const std::string& topic, const Patience& patience);

  // The topics of the cluster that match: `names` as they are, or one pattern that begins with '^'
  // (POSIX extended, as librdkafka matches subscriptions). Absent ones are left out.
  base::Result<std::vector<std::string>> matching(std::span<const std::string> names,
                                                  const Patience& patience);

  // Waits until every topic named exists; a pattern is not waited for.
  base::Status wait_for_topics(std::span<const std::string> topics, const Patience& patience);

  // Partition count and largest record of an output topic. Where it does not exist the broker is
  // asked to create it (auto.create.topics.enable); where it will not, this waits. A limit that
  // cannot be read (no permission, no answer within `limits_wait`) is Apache Kafka's default, which
  // is logged.
  base::Result<record::TopicLimits> output_limits(
      const std::string& topic, const Patience& patience,
      std::chrono::milliseconds limits_wait = std::chrono::milliseconds{5000});

  // The topic's settings as the brokers apply them, defaults included.
  base::Result<TopicSettings> topic_settings(const std::string& topic,
                                             std::chrono::milliseconds wait,
                                             const std::stop_token& stop = {});

  // Creates a topic; true if it was not there before. The embedded broker cannot do this
  // (EmbeddedBroker::create_topic does).
  base::Result<bool> create_topic(const NewTopic& topic, const Patience& patience);

  // The end of every partition of the topics (names, or one pattern) as a reader of committed
  // records sees it now: the offset at which `--until-end` stops. Sorted by topic and partition.
  base::Result<std::vector<io::PartitionOffset>> end_offsets(std::span<const std::string> topics,
                                                             const Patience& patience);

  // Both ends of each partition, in the order asked; asks each once, within `wait` in all. A
  // position that stands at `stable` below `end` waits for somebody's open transaction.
  std::vector<LogEnds> log_ends(std::span<const base::TopicPartition> partitions,
                                std::chrono::milliseconds wait);

  // What tells clusters apart. An error where no broker answers.
  base::Result<std::string> cluster_id(const Patience& patience);

  // The code (error_class.h) of the last question about a topic, or attempt to create one; 0: it
  // succeeded.
  [[nodiscard]] int last_error() const;

 private:
  class Impl;
  explicit Admin(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
