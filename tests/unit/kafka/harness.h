// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/embedded/embedded_broker.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/consumer.h"
#include "engine/kafka/record_sender.h"

// What the tests against the embedded broker share.
namespace millrace::kafka {

inline constexpr std::chrono::seconds kLong{30};

inline std::unique_ptr<embedded::EmbeddedBroker> start_broker(const std::string& topic,
                                                              int32_t partitions) {
  auto broker = embedded::EmbeddedBroker::start();
  EXPECT_TRUE(broker.ok());
  EXPECT_TRUE(broker.value()->create_topic(topic, partitions).ok());
  return std::move(broker.value());
}

// Key, value and headers as owned values; nullopt is null.
struct Owned {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;

  bool operator==(const Owned&) const = default;
};

inline std::optional<std::string> own(record::Bytes bytes) {
  if (bytes.null()) return std::nullopt;
  return std::string(bytes.view());
}

inline record::Bytes lend(const std::optional<std::string>& text) {
  return text ? record::Bytes::of(*text) : record::Bytes();
}

inline Owned own(const record::InputRecord& record) {
  Owned owned{own(record.key), own(record.value), {}};
  for (const record::Header& header : record.headers) {
    owned.headers.emplace_back(header.name, own(header.value));
  }
  return owned;
}

// Writes values "0", "1", … to one partition.
inline void write_numbers(const config::KafkaConfig& kafka, const std::string& topic,
                          int32_t partition, int first, int end) {
  auto sender = RecordSender::create(kafka, topic);
  ASSERT_TRUE(sender.ok());
  const Patience patience = Patience::at_most(kLong);
  for (int i = first; i < end; ++i) {
    const std::string value = std::to_string(i);
    const base::Status sent =
        sender.value()->send(partition, {}, record::Bytes::of(value), {}, patience);
    ASSERT_TRUE(sent.ok());
  }
  const base::Status flushed = sender.value()->flush(patience);
  ASSERT_TRUE(flushed.ok());
}

// Remembers what it was told.
class RememberingListener final : public io::AssignmentListener {
 public:
  void choose_starts(std::span<io::AssignedPartition> partitions) override {
    if (during_choice) during_choice(partitions);
  }

  void on_assigned(std::span<const io::AssignedPartition> partitions) override {
    assigned.assign(partitions.begin(), partitions.end());
    ++assignments;
  }

  void on_revoked(bool lost) override {
    ++revocations;
    last_lost = lost;
    if (during_revoke) during_revoke();
  }

  std::vector<io::AssignedPartition> assigned;
  int assignments = 0;
  int revocations = 0;
  bool last_lost = false;
  std::function<void()> during_revoke;
  std::function<void(std::span<io::AssignedPartition>)> during_choice;
};

// Options that the embedded broker's quirks ask for.
inline ConsumerOptions quick_options(const std::string& topic, const std::string& group) {
  ConsumerOptions options;
  options.topics = {topic};
  options.group = group;
  options.fetch_wait = std::chrono::milliseconds{10};
  options.session_timeout = std::chrono::milliseconds{6000};
  return options;
}

// Polls until `done`, or for kLong at most; every event goes to `on_event` first.
inline bool poll_until(Consumer& consumer,
                       const std::function<void(const io::SourceEvent&)>& on_event,
                       const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  io::SourceEvent event;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    consumer.poll(std::chrono::milliseconds{100}, event);
    on_event(event);
  }
  return true;
}

}  // namespace millrace::kafka
