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

#include "engine/app/dead_letter_limit.h"
#include "engine/kafka/admin.h"

namespace millrace::app {
namespace {

using Weight = Finding::Weight;

constexpr int64_t kMillisecondsPerHour = 3'600'000;

std::optional<int64_t> number(const kafka::TopicSettings& settings, const std::string& name) {
  const auto found = settings.find(name);
  if (found == settings.end()) return std::nullopt;
  int64_t value = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string retention_words(const kafka::TopicSettings& settings) {
  const std::optional<int64_t> milliseconds = number(settings, "retention.ms");
  if (!milliseconds) return "an unknown time";
  if (*milliseconds < 0) return "for ever";
  return fmt::format(
      "{:.4g} h", static_cast<double>(*milliseconds) / static_cast<double>(kMillisecondsPerHour));
}

bool is_compacted(const kafka::TopicSettings& settings) {
  const auto policy = settings.find("cleanup.policy");
  return policy != settings.end() && policy->second.find("compact") != std::string::npos;
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
    if (open(kafka::Side::kInput, input_)) {
      check_inputs();
      check_group();
    }
    if (open(kafka::Side::kOutput, output_)) check_outputs();
    return std::move(findings_);
  }

 private:
  void say(Weight weight, std::string text) { findings_.push_back({weight, std::move(text)}); }

  [[nodiscard]] kafka::Patience patience() const { return kafka::Patience::at_most(wait_); }

  bool open(kafka::Side side, std::unique_ptr<kafka::Admin>& admin) {
    auto made = kafka::Admin::create(config_.kafka, side);
    const base::Status status =
        made.ok() ? made.value()->wait_for_broker(patience()) : base::Status(made.error());
    if (!status.ok()) {
      say(Weight::kError, status.message());
      return false;
    }
    admin = std::move(made.value());
    if (side == kafka::Side::kInput) say(Weight::kGood, "a broker answers");
    return true;
  }

  // Nothing where the brokers do not tell; then that is said.
  std::optional<TopicState> ask(kafka::Admin& admin, const std::string& topic) {
    const auto partitions = admin.partition_count(topic, patience());
    if (!partitions.ok()) {
      say(Weight::kError, fmt::format("topic {}: {}", topic, partitions.message()));
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
      auto matching = input_->matching(pattern, patience());
      if (!matching.ok()) return say(Weight::kError, matching.message());
      topics = std::move(matching.value());
      if (topics.empty())
        say(Weight::kWarning, fmt::format("no topic matches {}, so far", pattern[0]));
    }
    for (const config::Text& topic : config_.input.topics) topics.push_back(topic.value);
    for (const std::string& topic : topics) check_input(topic);
  }

  void check_input(const std::string& topic) {
    const std::optional<TopicState> state = ask(*input_, topic);
    if (!state) return;
    if (state->partitions == 0)
      return say(Weight::kError,
                 fmt::format("input topic {} does not exist; run waits for it", topic));
    input_partitions_ = std::max(input_partitions_, state->partitions);
    input_bytes_ = std::max(input_bytes_, number(state->settings, "max.message.bytes").value_or(0));
    say(Weight::kGood, fmt::format("input topic {}: {} partitions, kept {}", topic,
                                   state->partitions, retention_words(state->settings)));
    if (is_compacted(state->settings) &&
        config_.input.tombstones == config::Tombstones::kDeadLetter)
      say(Weight::kWarning, fmt::format("input topic {} is compacted: its tombstones become dead "
                                        "letters, unless 'input.tombstones' says otherwise",
                                        topic));
  }

  void check_group() {
    const std::string& group = config_.input.group.value;
    const base::Status status = input_->may_read_group(group, wait_);
    if (status.ok()) {
      say(Weight::kGood, fmt::format("group {}: its offsets may be read", group));
    } else {
      say(Weight::kError, fmt::format("group {}: {}", group, status.message()));
    }
  }

  void check_outputs() {
    for (const plan::OutputTopicUse& use : plan_.output_topics()) check_output(use);
    say(Weight::kWarning,
        "whether this user may write is not known: Kafka tells it to the first record only");
  }

  void check_output(const plan::OutputTopicUse& use) {
    const std::optional<TopicState> state = ask(*output_, use.name);
    if (!state) return;
    const char* const what = use.records ? "output" : "dead-letter";
    if (state->partitions == 0) {
      return say(Weight::kWarning,
                 fmt::format("{} topic {} does not exist: run asks the brokers to "
                             "make it, and waits for it where they do not",
                             what, use.name));
    }
    say(Weight::kGood, fmt::format("{} topic {}: {} partitions, kept {}", what, use.name,
                                   state->partitions, retention_words(state->settings)));
    check_sizes(use, *state);
    if (!use.records) return;
    if (is_compacted(state->settings) && config_.output.key == config::OutputKey::kNone)
      say(Weight::kError, fmt::format("output topic {} is compacted and takes no record without a "
                                      "key, but 'output.key' is none",
                                      use.name));
    if (config_.output.partition == config::OutputPartition::kSameAsInput &&
        state->partitions < input_partitions_)
      say(Weight::kWarning,
          fmt::format("output topic {} has {} partitions and the input {}: 'same_as_input' puts "
                      "several input partitions into one",
                      use.name, state->partitions, input_partitions_));
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
          fmt::format(
              "topic {} takes records of up to {} bytes, the input of up to {}: larger ones "
              "{}",
              use.name, *bytes, input_bytes_, use.records ? "become dead letters" : "are cut"));
    }
  }

  const config::PipelineConfig& config_;
  const plan::Plan& plan_;
  const std::chrono::milliseconds wait_;
  std::unique_ptr<kafka::Admin> input_;
  std::unique_ptr<kafka::Admin> output_;
  int32_t input_partitions_ = 0;
  int64_t input_bytes_ = 0;
  std::vector<Finding> findings_;
};

}  // namespace

const char* name_of(Finding::Weight weight) {
  switch (weight) {
    case Weight::kGood:
      return "good   ";
    case Weight::kWarning:
      return "warning";
    case Weight::kError:
      return "error  ";
  }
  return "";
}

std::vector<Finding> check_connected(const Pipeline& pipeline, std::chrono::milliseconds wait) {
  return ConnectCheck(pipeline, wait).run();
}

}  // namespace millrace::app
