// SPDX-License-Identifier: Apache-2.0
#include "engine/app/connect_check.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/app/alert_rules.h"
#include "engine/app/dead_letter_limit.h"
#include "engine/kafka/access.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/state_topic_setup.h"

namespace millrace::app {
namespace {

using Weight = Finding::Weight;

constexpr int64_t kMinute = 60'000;
constexpr int64_t kHour = 60 * kMinute;
// An input that keeps its records for less than this loses some whenever a stop is a little long.
constexpr int64_t kShortRetention = kHour;

std::optional<int64_t> number(const kafka::TopicSettings& settings, const std::string& name) {
  const auto found = settings.find(name);
  if (found == settings.end()) return std::nullopt;
  int64_t value = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool has_policy(const kafka::TopicSettings& settings, std::string_view policy) {
  const auto found = settings.find("cleanup.policy");
  return found != settings.end() && found->second.find(policy) != std::string::npos;
}

bool is_compacted(const kafka::TopicSettings& settings) {
  return has_policy(settings, "compact");
}

// How long time is, in the largest unit that needs no fraction of it to be understood.
std::string duration_words(int64_t milliseconds) {
  constexpr int64_t kSecond = 1000;
  constexpr int64_t kDay = 24 * kHour;
  if (milliseconds >= 2 * kDay) return fmt::format("{} days", milliseconds / kDay);
  if (milliseconds >= 2 * kHour) return fmt::format("{} hours", milliseconds / kHour);
  if (milliseconds >= 2 * kMinute) return fmt::format("{} minutes", milliseconds / kMinute);
  return fmt::format("{} seconds", milliseconds / kSecond);
}

std::string retention_words(const kafka::TopicSettings& settings) {
  if (settings.empty()) return "kept for an unknown time";
  std::string compacted = is_compacted(settings) ? "compacted" : "";
  if (!has_policy(settings, "delete")) return compacted;
  const std::optional<int64_t> milliseconds = number(settings, "retention.ms");
  std::string words = compacted.empty() ? "kept " : "compacted, kept ";
  if (!milliseconds) return words + "for an unknown time";
  words += *milliseconds < 0 ? "for ever" : "for " + duration_words(*milliseconds);
  const std::optional<int64_t> bytes = number(settings, "retention.bytes");
  if (bytes && *bytes >= 0) words += fmt::format(" and up to {} bytes a partition", *bytes);
  return words;
}

std::string partition_words(int32_t partitions) {
  return fmt::format("{} partition{}", partitions, partitions == 1 ? "" : "s");
}

// What is known of one topic.
struct TopicState {
  int32_t partitions = 0;  // 0: it does not exist
  kafka::TopicSettings settings;
};

class ConnectCheck {
 public:
  ConnectCheck(const Pipeline& pipeline, std::chrono::milliseconds wait)
      : config_(pipeline.config), plan_(*pipeline.plan), wait_(wait) {}

  std::vector<Finding> run() {
    input_ = open(kafka::Side::kInput, input_client_);
    if (input_ != nullptr) check_inputs();
    if (input_ != nullptr && !given_up_) check_group();
    if (input_ != nullptr && !given_up_ && config_.state.durable) check_state();
    if (!given_up_) output_ = open_output();
    if (output_ != nullptr && !given_up_) check_outputs();
    if (input_ != nullptr && !given_up_) check_insight_topics();
    if (output_ != nullptr && !given_up_) {
      say(Weight::kUnknown,
          "whether the topics may be written to: Kafka tells only when a record is written");
    }
    return std::move(findings_);
  }

 private:
  using Client = std::unique_ptr<kafka::Admin>;

  void say(Weight weight, std::string text) { findings_.push_back({weight, std::move(text)}); }

  // Where a question ran out of time, the next ones would too.
  void say_failed(std::chrono::steady_clock::time_point asked, std::string text) {
    given_up_ = std::chrono::steady_clock::now() - asked >= wait_;
    say(given_up_ ? Weight::kUnanswered : Weight::kError, std::move(text));
  }

  [[nodiscard]] kafka::Patience patience() const { return kafka::Patience::at_most(wait_); }

  // Null where nothing can be asked; then that is said.
  kafka::Admin* open(kafka::Side side, Client& client) {
    auto made = kafka::Admin::create(config_.kafka, side);
    const auto asked = std::chrono::steady_clock::now();
    const base::Status status =
        made.ok() ? made.value()->wait_for_broker(patience()) : base::Status(made.error());
    if (!status.ok()) {
      say_failed(asked, fmt::format("connecting {}: {}", role(side), status.message()));
      return nullptr;
    }
    client = std::move(made.value());
    say(Weight::kGood, fmt::format("connecting {}: a broker answers", role(side)));
    return client.get();
  }

  // Null where there is none; then that is said.
  kafka::Access* access() {
    if (access_ != nullptr) return access_.get();
    auto made = kafka::Access::create(config_.kafka);
    if (!made.ok()) {
      say(Weight::kError, made.message());
      return nullptr;
    }
    access_ = std::move(made.value());
    return access_.get();
  }

  // Whether it may be read; said where not.
  bool may_read(const std::string& topic) {
    kafka::Access* const asked = access();
    if (asked == nullptr) return false;
    const auto began = std::chrono::steady_clock::now();
    const base::Status status = asked->may_read(topic, wait_);
    if (!status.ok()) say_failed(began, status.message());
    return status.ok();
  }

  // Consumer and producer may have users of their own.
  kafka::Admin* open_output() {
    if (same_client()) return input_;
    return open(kafka::Side::kOutput, output_client_);
  }

  [[nodiscard]] bool same_client() const {
    return config_.kafka.consumer.empty() && config_.kafka.producer.empty();
  }

  [[nodiscard]] const char* role(kafka::Side side) const {
    if (same_client()) return "to Kafka";
    return side == kafka::Side::kInput ? "as consumer" : "as producer";
  }

  // Nothing where the brokers do not tell; then that is said.
  std::optional<TopicState> ask(kafka::Admin& admin, const std::string& topic) {
    const auto asked = std::chrono::steady_clock::now();
    const auto partitions = admin.partition_count(topic, patience());
    if (!partitions.ok()) {
      say_failed(asked, partitions.message());
      return std::nullopt;
    }
    TopicState state{partitions.value(), {}};
    if (state.partitions == 0) return state;
    auto settings = admin.topic_settings(topic, wait_);
    if (settings.ok()) {
      state.settings = std::move(settings.value());
    } else {
      say(Weight::kWarning,
          fmt::format("topic {}: its settings cannot be read: {}", topic, settings.message()));
    }
    return state;
  }

  void check_inputs() {
    std::vector<std::string> topics;
    if (config_.input.pattern) {
      const std::vector<std::string> pattern{config_.input.pattern->value};
      const auto asked = std::chrono::steady_clock::now();
      auto matching = input_->matching(pattern, patience());
      if (!matching.ok()) return say_failed(asked, matching.message());
      topics = std::move(matching.value());
      if (topics.empty())
        say(Weight::kWarning, fmt::format("no topic matches {} so far", pattern[0]));
    }
    for (const config::Text& topic : config_.input.topics) topics.push_back(topic.value);
    for (const std::string& topic : topics) {
      check_input(topic);
      if (given_up_) return;
    }
  }

  void check_input(const std::string& topic) {
    const std::optional<TopicState> state = ask(*input_, topic);
    if (!state) return;
    if (state->partitions == 0) {
      return say(Weight::kError,
                 fmt::format("input topic {} does not exist; run would wait for it", topic));
    }
    input_partitions_ = std::max(input_partitions_, state->partitions);
    input_bytes_ = std::max(input_bytes_, number(state->settings, "max.message.bytes").value_or(0));
    if (!may_read(topic)) return;
    say(Weight::kGood,
        fmt::format("input topic {}: {}, {}", topic, partition_words(state->partitions),
                    retention_words(state->settings)));
    const std::optional<int64_t> retention = number(state->settings, "retention.ms");
    if (has_policy(state->settings, "delete") && retention && *retention >= 0 &&
        *retention < kShortRetention) {
      say(Weight::kWarning,
          fmt::format("input topic {} keeps its records for {} only: what is not read in that time "
                      "is lost",
                      topic, duration_words(*retention)));
    }
    if (is_compacted(state->settings) &&
        config_.input.tombstones == config::Tombstones::kDeadLetter)
      say(Weight::kWarning, fmt::format("input topic {} is compacted: its tombstones become dead "
                                        "letters, unless 'input.tombstones' says otherwise",
                                        topic));
  }

  void check_group() {
    kafka::Access* const access_to = access();
    if (access_to == nullptr) return;
    const std::string& group = config_.input.group.value;
    const auto asked = std::chrono::steady_clock::now();
    const base::Status status = access_to->may_read_group(group, wait_);
    if (status.ok()) {
      say(Weight::kGood, fmt::format("group {}: its offsets may be read", group));
    } else {
      say_failed(asked, fmt::format("group {}: its offsets: {}", group, status.message()));
    }
  }

  // Where the insights' state is kept: as run makes it, or as somebody made it.
  void check_state() {
    const std::string& topic = config_.state.topic.value;
    const auto asked = std::chrono::steady_clock::now();
    const auto partitions = input_->partition_count(topic, patience());
    if (!partitions.ok()) {
      const bool denied = kafka::needs_person(input_->last_error());
      return say_failed(asked, denied ? kafka::state_topic_denied(topic, "look at").message
                                      : partitions.message());
    }
    if (partitions.value() == 0) return check_new_state();
    auto settings = input_->topic_settings(topic, wait_);
    if (!settings.ok()) {
      say(Weight::kWarning, fmt::format("state topic {}: its settings cannot be read, so that it "
                                        "is taken for compacted: {}",
                                        topic, settings.message()));
      settings = kafka::TopicSettings();
    }
    const auto bytes = kafka::check_state_settings(topic, settings.value());
    if (!bytes.ok()) return say(Weight::kError, bytes.message());
    if (!may_read(topic)) return;
    say(Weight::kGood,
        fmt::format("state topic {}: {}, {}", topic, partition_words(partitions.value()),
                    retention_words(settings.value())));
  }

  void check_new_state() {
    kafka::Access* const access_to = access();
    if (access_to == nullptr) return;
    const kafka::NewTopic topic =
        kafka::new_state_topic(config_.state.topic.value, input_partitions_);
    const auto asked = std::chrono::steady_clock::now();
    const base::Status status = access_to->may_create(topic, wait_);
    if (status.ok()) {
      return say(Weight::kGood, fmt::format("state topic {} does not exist; run makes it: {}, "
                                            "compacted",
                                            topic.name, partition_words(topic.partitions)));
    }
    const bool denied = kafka::needs_person(access_to->last_error());
    say_failed(asked,
               denied ? kafka::state_topic_denied(topic.name, "create").message : status.message());
  }

  // What insights and alerts are written to goes with the commits, by the consumer's cluster.
  void check_insight_topics() {
    for (const std::string& topic : plan_.insight_topics()) {
      check_insight_topic("insight", topic);
      if (given_up_) return;
    }
    for (const std::string& topic : alert_topics(config_)) {
      check_insight_topic("alert", topic);
      if (given_up_) return;
    }
  }

  void check_insight_topic(const char* what, const std::string& topic) {
    const std::optional<TopicState> state = ask(*input_, topic);
    if (!state) return;
    if (state->partitions == 0) return say_absent(what, topic);
    const std::optional<int64_t> bytes = number(state->settings, "max.message.bytes");
    say(Weight::kGood,
        fmt::format("{} topic {}: {}, {}{}", what, topic, partition_words(state->partitions),
                    retention_words(state->settings),
                    bytes ? fmt::format(", records of up to {} bytes", *bytes) : ""));
  }

  void say_absent(const char* what, const std::string& topic) {
    say(Weight::kWarning, fmt::format("{} topic {} does not exist; run would ask the brokers to "
                                      "make it, and wait for it where they do not",
                                      what, topic));
  }

  void check_outputs() {
    for (const plan::OutputTopicUse& use : plan_.output_topics()) {
      check_output(use);
      if (given_up_) return;
    }
  }

  void check_output(const plan::OutputTopicUse& use) {
    const std::optional<TopicState> state = ask(*output_, use.name);
    if (!state) return;
    const char* const what = use.records ? "output" : "dead-letter";
    if (state->partitions == 0) return say_absent(what, use.name);
    say(Weight::kGood,
        fmt::format("{} topic {}: {}, {}", what, use.name, partition_words(state->partitions),
                    retention_words(state->settings)));
    check_sizes(use, *state);
    if (is_compacted(state->settings)) check_compacted(use);
    if (use.records && config_.output.partition == config::OutputPartition::kSameAsInput &&
        state->partitions < input_partitions_) {
      say(Weight::kWarning,
          fmt::format("output topic {} has {} and the input {}: "
                      "'same_as_input' puts several input partitions into one",
                      use.name, partition_words(state->partitions), input_partitions_));
    }
  }

  // A compacted topic refuses records without a key: they could not be delivered.
  void check_compacted(const plan::OutputTopicUse& use) {
    if (!use.records) {
      say(Weight::kWarning,
          fmt::format("dead-letter topic {} is compacted: it refuses dead letters "
                      "without a key, and keeps only the last of each key",
                      use.name));
    } else if (config_.output.key == config::OutputKey::kNone) {
      say(Weight::kError, fmt::format("output topic {} is compacted and takes no record without a "
                                      "key, but 'output.key' is none",
                                      use.name));
    } else if (config_.output.key == config::OutputKey::kKeep) {
      say(Weight::kWarning, fmt::format("output topic {} is compacted and takes no record without "
                                        "a key: every input record needs one",
                                        use.name));
    }
  }

  void check_sizes(const plan::OutputTopicUse& use, const TopicState& state) {
    const std::optional<int64_t> bytes = number(state.settings, "max.message.bytes");
    if (!bytes) return;
    if (use.dead_letters && *bytes < static_cast<int64_t>(kDeadLetterBytesMin)) {
      say(Weight::kError, fmt::format("dead-letter topic {}: max.message.bytes is {}; a dead "
                                      "letter's own headers need {}",
                                      use.name, *bytes, kDeadLetterBytesMin));
    } else if (*bytes < input_bytes_) {
      say(Weight::kWarning,
          fmt::format("{} topic {} takes records of up to {} bytes and the input of up to {}: "
                      "what does not fit {}",
                      use.records ? "output" : "dead-letter", use.name, *bytes, input_bytes_,
                      use.records ? "becomes a dead letter" : "is cut"));
    }
  }

  const config::PipelineConfig& config_;
  const plan::Plan& plan_;
  const std::chrono::milliseconds wait_;
  Client input_client_;
  Client output_client_;
  std::unique_ptr<kafka::Access> access_;  // of the input's side; made when first needed
  kafka::Admin* input_ = nullptr;          // null: not connected
  kafka::Admin* output_ = nullptr;
  bool given_up_ = false;
  int32_t input_partitions_ = 0;
  int64_t input_bytes_ = 0;
  std::vector<Finding> findings_;
};

}  // namespace

const char* name_of(Finding::Weight weight) {
  switch (weight) {
    case Weight::kGood:
      return "good   ";
    case Weight::kUnknown:
      return "unknown";
    case Weight::kWarning:
      return "warning";
    case Weight::kError:
    case Weight::kUnanswered:
      return "error  ";
  }
  return "";
}

std::vector<Finding> check_connected(const Pipeline& pipeline, std::chrono::milliseconds wait) {
  return ConnectCheck(pipeline, wait).run();
}

}  // namespace millrace::app
