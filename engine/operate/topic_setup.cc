// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/topic_setup.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include <fmt/format.h>

#include "engine/base/pause.h"
#include "engine/config/quantities.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/error_class.h"

namespace millrace::operate {
namespace {

using Kind = TopicFinding::Kind;
using Settings = std::vector<std::pair<std::string, std::string>>;

std::string value_of(const kafka::TopicSettings& settings, const std::string& name) {
  const auto found = settings.find(name);
  return found == settings.end() ? std::string() : found->second;
}

std::string joined(const Settings& settings) {
  std::string text;
  for (const auto& [name, value] : settings)
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", name, value);
  return text;
}

class TopicSetup {
 public:
  TopicSetup(const config::PipelineConfig& config, const TopicOptions& options,
             std::stop_token stop)
      : options_(options),
        brokers_(kafka::bootstrap_servers(config.kafka)),
        stop_(std::move(stop)) {}

  base::Status connect(const config::KafkaConfig& kafka) {
    for (const kafka::Side side : {kafka::Side::kInput, kafka::Side::kOutput}) {
      auto admin = kafka::Admin::create(kafka, side);
      if (!admin.ok()) return admin.error();
      if (base::Status status = admin.value()->wait_for_broker(patience()); !status.ok())
        return status;
      (side == kafka::Side::kInput ? input_ : output_) = std::move(admin.value());
    }
    return {};
  }

  // The topics of a pattern are looked up here, rather than being needs: they are nobody's to make.
  base::Status measure(const std::string& pattern) {
    const std::vector<std::string> patterns{pattern};
    const auto names = input_->matching(patterns, patience());
    if (!names.ok()) return names.error();
    for (const std::string& name : names.value()) {
      const auto partitions = input_->partition_count(name, patience());
      if (!partitions.ok()) return partitions.error();
      input_partitions_ = std::max(input_partitions_, partitions.value());
    }
    return {};
  }

  TopicFinding set_up(const TopicNeed& need) {
    TopicFinding finding = look_or_make(need);
    // Others are to have as many as the input, of which the widest topic may be this one.
    if (need.use == TopicNeed::Use::kInput && finding.kind == Kind::kFailed) input_known_ = false;
    return finding;
  }

 private:
  [[nodiscard]] TopicFinding look_or_make(const TopicNeed& need) {
    kafka::Admin& admin = need.side == kafka::Side::kInput ? *input_ : *output_;
    TopicFinding finding{.topic = need.name, .what = need.what};
    const auto partitions = admin.partition_count(need.name, patience());
    if (!partitions.ok()) return failed(std::move(finding), partitions.message());
    if (partitions.value() > 0) {
      if (need.use == TopicNeed::Use::kInput)
        input_partitions_ = std::max(input_partitions_, partitions.value());
      return look(admin, need, partitions.value(), std::move(finding));
    }
    if (need.use == TopicNeed::Use::kInput && !options_.input)
      return failed(std::move(finding), "does not exist (--input makes it, too)");
    if (follows_input(need) && !options_.partitions && !input_known()) {
      return failed(std::move(finding),
                    "was not made: it would have as many partitions as the input, and how many "
                    "those are is not known (make the input first, or give --partitions N)");
    }
    return make(admin, need, std::move(finding));
  }

  static bool follows_input(const TopicNeed& need) {
    return need.use != TopicNeed::Use::kInput && need.partitions == 0;
  }

  [[nodiscard]] bool input_known() const {
    return input_known_ && (input_partitions_ > 0 || input_would_be_made_);
  }

  [[nodiscard]] kafka::Patience patience() const {
    return kafka::Patience::at_most(options_.wait, stop_);
  }

  static TopicFinding failed(TopicFinding finding, std::string why) {
    finding.kind = Kind::kFailed;
    finding.text = std::move(why);
    return finding;
  }

  // -1, the broker's default, for the input itself where nobody says how many; for others only
  // where that input is not made yet, in a dry run.
  [[nodiscard]] int32_t partitions_of(const TopicNeed& need) const {
    if (need.partitions > 0) return need.partitions;
    const int32_t wanted = options_.partitions.value_or(input_partitions_);
    if (wanted <= 0) return -1;
    return need.partitions_max > 0 ? std::min(wanted, need.partitions_max) : wanted;
  }

  [[nodiscard]] Settings settings_of(const TopicNeed& need) const {
    Settings settings = need.settings;
    const auto& retention = need.use == TopicNeed::Use::kDeadLetters
                                ? options_.dead_letters_retention
                                : options_.retention;
    if (retention && need.use != TopicNeed::Use::kOwn)
      settings.emplace_back("retention.ms", std::to_string(retention->count()));
    return settings;
  }

  TopicFinding make(kafka::Admin& admin, const TopicNeed& need, TopicFinding finding) {
    const kafka::NewTopic topic{.name = need.name,
                                .partitions = partitions_of(need),
                                .replication = options_.replication,
                                .settings = settings_of(need)};
    const std::string count = partitions_text(need, topic.partitions);
    const std::string settings = joined(topic.settings);
    finding.text = settings.empty() ? count : count + ", " + settings;
    finding.kind = options_.dry_run ? Kind::kWouldMake : Kind::kMade;
    if (options_.dry_run) {
      if (need.use == TopicNeed::Use::kInput) {
        input_partitions_ = std::max(input_partitions_, topic.partitions);
        input_would_be_made_ = true;
      }
      return finding;
    }
    const auto made = admin.create_topic(topic, patience());
    if (!made.ok()) {
      std::string why = made.message();
      if (kafka::needs_person(admin.last_error()))
        why += "; grant Create on it to this user, or make it by hand: " + create_command(topic);
      return failed(std::move(finding), std::move(why));
    }
    if (!made.value()) finding.kind = Kind::kThere;
    if (need.use == TopicNeed::Use::kInput) {
      const int32_t partitions = await_partitions(admin, need.name);
      input_partitions_ = std::max(input_partitions_, partitions);
      input_known_ = input_known_ && partitions > 0;
    }
    return finding;
  }

  // Not every broker knows a new topic at once. 0: it did not appear in time.
  [[nodiscard]] int32_t await_partitions(kafka::Admin& admin, const std::string& topic) const {
    constexpr std::chrono::milliseconds kBetween{100};
    const kafka::Patience patience = this->patience();
    while (true) {
      const auto partitions = admin.partition_count(topic, patience);
      if (!partitions.ok()) return 0;
      if (partitions.value() > 0 || patience.over()) return partitions.value();
      base::pause_until(std::chrono::steady_clock::now() + kBetween, stop_);
    }
  }

  [[nodiscard]] static std::string partitions_text(const TopicNeed& need, int32_t partitions) {
    if (partitions > 0) return fmt::format("partitions={}", partitions);
    return follows_input(need) ? "partitions as the input will have"
                               : "partitions as the broker has it";
  }

  [[nodiscard]] std::string create_command(const kafka::NewTopic& topic) const {
    std::string command = fmt::format("kafka-topics.sh --bootstrap-server {} --create --topic {}",
                                      brokers_, topic.name);
    if (topic.partitions > 0) command += fmt::format(" --partitions {}", topic.partitions);
    if (topic.replication > 0)
      command += fmt::format(" --replication-factor {}", topic.replication);
    for (const auto& [name, value] : topic.settings)
      command += fmt::format(" --config {}={}", name, value);
    return command;
  }

  // What is there: whether it fits.
  TopicFinding look(kafka::Admin& admin, const TopicNeed& need, int32_t partitions,
                    TopicFinding finding) {
    finding.text = fmt::format("partitions={}", partitions);
    std::vector<std::string> differs;
    const bool counts = need.use == TopicNeed::Use::kInput
                            ? options_.input
                            : need.partitions == 0 && need.partitions_max == 0;
    if (counts && options_.partitions && *options_.partitions != partitions) {
      differs.push_back(fmt::format(
          "it has {} partitions and not {}{}", partitions, *options_.partitions,
          *options_.partitions < partitions ? ", and Kafka cannot take partitions away"
                                            : " (more of them move keys to other partitions)"));
      if (*options_.partitions > partitions) {
        finding.commands.push_back(
            fmt::format("kafka-topics.sh --bootstrap-server {} --alter --topic {} --partitions {}",
                        brokers_, need.name, *options_.partitions));
      }
    }
    const auto settings = admin.topic_settings(need.name, options_.wait, stop_);
    if (settings.ok()) {
      compare(need, settings.value(), differs, finding);
    } else {
      finding.text += fmt::format("; its settings cannot be read: {}", settings.message());
    }
    if (differs.empty()) return finding;
    finding.kind = Kind::kDifferent;
    finding.text = fmt::format("{}", fmt::join(differs, "; "));
    return finding;
  }

  void compare(const TopicNeed& need, const kafka::TopicSettings& settings,
               std::vector<std::string>& differs, TopicFinding& finding) const {
    Settings wanted = need.required;
    for (const auto& [name, value] : settings_of(need))
      if (name == "retention.ms") wanted.emplace_back(name, value);
    for (const auto& [name, value] : wanted) {
      const std::string has = value_of(settings, name);
      if (has.empty() || has == value) continue;
      differs.push_back(fmt::format("{}={} and not {}", name, has, value));
      finding.commands.push_back(alter(need.name, name, value));
    }
    int64_t bytes = 0;
    const std::string text = value_of(settings, "max.message.bytes");
    const auto read = std::from_chars(text.data(), text.data() + text.size(), bytes);
    if (read.ec != std::errc{} || bytes >= need.message_bytes_min) return;
    differs.push_back(fmt::format("max.message.bytes={}, and at least {} are needed", bytes,
                                  need.message_bytes_min));
    finding.commands.push_back(
        alter(need.name, "max.message.bytes", std::to_string(need.message_bytes_min)));
  }

  [[nodiscard]] std::string alter(const std::string& topic, const std::string& name,
                                  const std::string& value) const {
    return fmt::format(
        "kafka-configs.sh --bootstrap-server {} --alter --entity-type topics --entity-name {} "
        "--add-config {}={}",
        brokers_, topic, name, value);
  }

  const TopicOptions& options_;
  const std::string brokers_;
  const std::stop_token stop_;
  std::unique_ptr<kafka::Admin> input_;
  std::unique_ptr<kafka::Admin> output_;
  int32_t input_partitions_ = 0;      // of the widest topic that is there
  bool input_known_ = true;           // no topic of the input is missing
  bool input_would_be_made_ = false;  // of a dry run
};

}  // namespace

base::Result<std::vector<TopicFinding>> set_up_topics(const config::PipelineConfig& config,
                                                      const std::vector<TopicNeed>& needs,
                                                      const TopicOptions& options,
                                                      const std::stop_token& stop) {
  TopicSetup setup(config, options, stop);
  if (base::Status status = setup.connect(config.kafka); !status.ok())
    return base::Error{status.message()};
  if (config.input.pattern) {
    if (base::Status status = setup.measure(config.input.pattern->value); !status.ok())
      return base::Error{status.message()};
  }
  std::vector<TopicFinding> findings;
  for (const TopicNeed& need : needs) {
    if (stop.stop_requested()) return base::Error{"stopped"};
    findings.push_back(setup.set_up(need));
  }
  return findings;
}

const char* name_of(TopicFinding::Kind kind) {
  switch (kind) {
    case Kind::kMade:
      return "made";
    case Kind::kWouldMake:
      return "would be made";
    case Kind::kThere:
      return "there already";
    case Kind::kDifferent:
      return "there, but different";
    case Kind::kFailed:
      return "failed";
  }
  return "";
}

}  // namespace millrace::operate
