// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/doctor.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/base/pause.h"
#include "engine/kafka/admin.h"
#include "engine/operate/offsets.h"

namespace millrace::operate {
namespace {

using std::chrono::milliseconds;
using Weight = Finding::Weight;

constexpr int64_t kSecond = 1000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kDay = 24 * 60 * kMinute;
// Records that are no further ahead than this are nobody's fault.
constexpr int64_t kSkewMax = 5 * kSecond;
// A transaction that moves on within it is just one of a pipeline at work.
constexpr milliseconds kLookAgain{1500};
// A state that has not been written for so long although there was something to write.
constexpr int64_t kOldStates = 12;
constexpr double kNearlyGone = 0.5;

class Examiner {
 public:
  Examiner(const config::PipelineConfig& config, const insights::Declaration& declaration,
           const DoctorOptions& options)
      : config_(config), declaration_(declaration), options_(options) {}

  Examination run() {
    seen_.brokers = kafka::probe_brokers(config_.kafka, kafka::Side::kInput, options_.wait);
    const bool any = std::any_of(seen_.brokers.begin(), seen_.brokers.end(),
                                 [](const kafka::BrokerAnswer& one) { return one.error.empty(); });
    if (!any) return std::move(seen_);
    auto standings = read_standings(config_, declaration_, options_.wait);
    if (!standings.ok()) {
      seen_.standings_error = standings.message();
      return std::move(seen_);
    }
    seen_.standings = std::move(standings.value());
    auto admin = kafka::Admin::create(config_.kafka, kafka::Side::kInput);
    auto group = kafka::GroupAdmin::create(config_.kafka, config_.input.group.value);
    if (!admin.ok() || !group.ok()) return std::move(seen_);
    admin_ = std::move(admin.value());
    group_ = std::move(group.value());
    look_at_inputs();
    look_at_transactions();
    look_at_dead_letters();
    return std::move(seen_);
  }

 private:
  void look_at_inputs() {
    std::set<std::string> topics;
    for (const Standing& standing : seen_.standings->partitions) topics.insert(standing.id.topic);
    for (const std::string& topic : topics) {
      InputLog log{.topic = topic};
      const auto settings = admin_->topic_settings(topic, options_.wait);
      if (settings.ok()) take_settings(settings.value(), log);
      log.ahead_ms = ahead(topic);
      seen_.inputs.push_back(std::move(log));
    }
  }

  static void take_settings(const kafka::TopicSettings& settings, InputLog& log) {
    const auto value = [&](const char* name) {
      const auto found = settings.find(name);
      return found == settings.end() ? std::string() : found->second;
    };
    const std::string text = value("retention.ms");
    int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec == std::errc()) log.retention_ms = number;
    const std::string policy = value("cleanup.policy");
    log.deletes = policy.empty() || policy.find("delete") != std::string::npos;
    log.broker_time = value("message.timestamp.type") == "LogAppendTime";
  }

  // How far the newest of the records that seem to come from the future is ahead.
  std::optional<int64_t> ahead(const std::string& topic) {
    const int64_t now = seen_.standings->now_ms;
    std::vector<base::TopicPartition> ids;
    for (const Standing& standing : seen_.standings->partitions) {
      if (standing.id.topic == topic) ids.push_back(standing.id);
    }
    auto found = group_->offsets_at(ids, now + kSkewMax, options_.wait);
    if (!found.ok()) return std::nullopt;
    std::vector<io::PartitionOffset> offsets = std::move(found.value());
    std::erase_if(offsets, [&](const io::PartitionOffset& one) { return !has_record(one); });
    std::optional<int64_t> most;
    for (const std::optional<int64_t>& time : group_->times_at(offsets, options_.wait)) {
      if (time && *time > now + kSkewMax) most = std::max(most.value_or(0), *time - now);
    }
    return most;
  }

  [[nodiscard]] bool has_record(const io::PartitionOffset& at) const {
    return std::any_of(seen_.standings->partitions.begin(), seen_.standings->partitions.end(),
                       [&](const Standing& one) {
                         return one.id == at.id && at.next.valid() && at.next < one.end;
                       });
  }

  // Looks twice: where readers are held back at the same place both times.
  void look_at_transactions() {
    std::vector<base::TopicPartition> ids;
    for (const Standing& standing : seen_.standings->partitions) ids.push_back(standing.id);
    std::vector<std::string> topics = options_.outputs;
    if (config_.state.durable) topics.push_back(config_.state.topic.value);
    for (const std::string& topic : topics) {
      const auto count = admin_->partition_count(topic, kafka::Patience::at_most(options_.wait));
      for (int32_t i = 0; count.ok() && i < count.value(); ++i) ids.push_back({topic, i});
    }
    std::vector<base::TopicPartition> open;
    std::vector<base::Offset> stood;
    for (const kafka::LogEnds& ends : admin_->log_ends(ids, options_.wait)) {
      if (!ends.stable.valid() || !ends.end.valid() || ends.stable >= ends.end) continue;
      open.push_back(ends.id);
      stood.push_back(ends.stable);
    }
    if (open.empty()) return;
    base::pause_until(std::chrono::steady_clock::now() + kLookAgain, {});
    const auto again = admin_->log_ends(open, options_.wait);
    std::vector<io::PartitionOffset> offsets;
    for (size_t i = 0; i < open.size(); ++i) {
      if (again[i].stable != stood[i] || again[i].stable >= again[i].end) continue;
      seen_.held_back.push_back({open[i], again[i].stable, again[i].end, std::nullopt});
      offsets.push_back({open[i], again[i].stable});
    }
    const auto times = group_->times_at(offsets, options_.wait);
    for (size_t i = 0; i < times.size(); ++i) seen_.held_back[i].since_ms = times[i];
  }

  void look_at_dead_letters() {
    for (const std::string& topic : options_.dead_letters) {
      const auto count = admin_->partition_count(topic, kafka::Patience::at_most(options_.wait));
      if (!count.ok() || count.value() == 0) continue;
      std::vector<base::TopicPartition> ids;
      for (int32_t i = 0; i < count.value(); ++i) ids.push_back({topic, i});
      const auto day = group_->offsets_at(ids, seen_.standings->now_ms - kDay, options_.wait);
      DeadLetterTopic found{.name = topic};
      const auto ranges = group_->log_ranges(ids, options_.wait);
      for (size_t i = 0; i < ranges.size(); ++i) {
        if (!ranges[i].begin.valid()) continue;
        found.records += ranges[i].end.value - ranges[i].begin.value;
        if (day.ok() && day.value()[i].next.valid())
          found.last_day += std::max<int64_t>(0, ranges[i].end.value - day.value()[i].next.value);
      }
      seen_.dead_letters.push_back(std::move(found));
    }
  }

  const config::PipelineConfig& config_;
  const insights::Declaration& declaration_;
  const DoctorOptions& options_;
  std::unique_ptr<kafka::Admin> admin_;
  std::unique_ptr<kafka::GroupAdmin> group_;
  Examination seen_;
};

class Judge {
 public:
  Judge(const Examination& seen, const config::PipelineConfig& config)
      : seen_(seen), config_(config) {}

  std::vector<Finding> run() {
    judge_brokers();
    for (const Finding& finding : seen_.permissions) findings_.push_back(finding);
    if (!seen_.standings) {
      if (!seen_.standings_error.empty()) {
        say(Weight::kError, "group", seen_.standings_error,
            "see the rights that a pipeline needs in docs/configuration.md");
      }
      return std::move(findings_);
    }
    judge_clock();
    judge_group();
    judge_lag();
    judge_transactions();
    judge_retention();
    if (config_.state.durable) judge_state();
    judge_dead_letters();
    return std::move(findings_);
  }

 private:
  void say(Weight weight, std::string about, std::string text, std::string todo = {}) {
    findings_.push_back({weight, std::move(about), std::move(text), std::move(todo)});
  }

  void judge_brokers() {
    const bool any = std::any_of(seen_.brokers.begin(), seen_.brokers.end(),
                                 [](const kafka::BrokerAnswer& one) { return one.error.empty(); });
    for (const kafka::BrokerAnswer& broker : seen_.brokers) {
      const std::string where =
          fmt::format("{}{}", broker.address, broker.listed ? "" : " (named by the others)");
      if (!broker.error.empty()) {
        say(!any || !broker.listed ? Weight::kError : Weight::kWarning, "brokers",
            fmt::format("{}: {}", where, broker.error),
            broker.listed ? "see that it runs, that the address, security.protocol and password "
                            "are right, or take it out of bootstrap.servers"
                          : "see that it runs and can be reached from here under that name "
                            "(its advertised.listeners)");
        continue;
      }
      say(Weight::kGood, "brokers",
          fmt::format("{} answers{}", where,
                      broker.version.empty()
                          ? ""
                          : fmt::format("; it is Kafka {} or later", broker.version)));
      if (!broker.transactions) {
        say(Weight::kError, "brokers", fmt::format("{} knows of no transactions", where),
            "use 'delivery: {guarantee: at_least_once}' with 'state: {durable: false}', or newer "
            "brokers");
      }
    }
  }

  // What Kafka says of its clock without being written to is the times of records only.
  void judge_clock() {
    bool ahead = false;
    for (const InputLog& input : seen_.inputs) {
      if (!input.ahead_ms) continue;
      ahead = true;
      if (input.broker_time) {
        say(Weight::kError, "clock",
            fmt::format("this machine's clock is behind that of the brokers by {} at least "
                        "(records of {}, whose times are the brokers')",
                        age_text(*input.ahead_ms), input.topic),
            "set the clock of this machine, or of the brokers (NTP)");
      } else {
        say(Weight::kWarning, "clock",
            fmt::format("records of {} are up to {} ahead of this machine's clock", input.topic,
                        age_text(*input.ahead_ms)),
            "set the clock of this machine, or of who writes them; windows of event time count "
            "such records apart");
      }
    }
    if (!ahead) {
      say(Weight::kUnknown, "clock",
          "the brokers' clock: Kafka tells it with a record that it writes only; no record is "
          "ahead of this machine's clock");
    }
  }

  void judge_group() {
    const kafka::GroupState& group = seen_.standings->group;
    if (group.members.empty()) {
      say(Weight::kWarning, "group",
          fmt::format("group {} has no members: nobody reads (its state is {})",
                      config_.input.group.value, group.state),
          "start the pipeline, if it should run");
      return;
    }
    say(Weight::kGood, "group",
        fmt::format("group {} is {}, with {} member{}", config_.input.group.value, group.state,
                    group.members.size(), group.members.size() == 1 ? "" : "s"));
    for (const kafka::GroupMember& member : group.members) {
      const bool idle = member.partitions.empty();
      say(idle ? Weight::kWarning : Weight::kGood, "group", member_words(member),
          idle ? "there are more copies than partitions: this one waits to take over" : "");
    }
  }

  void judge_lag() {
    for (const Standing& one : seen_.standings->partitions) {
      if (!one.error.empty()) {
        say(Weight::kError, "lag", fmt::format("{}: {}", name_of(one.id), one.error),
            "see that the brokers that hold the partition run");
        continue;
      }
      const std::string age = one.next_ms
                                  ? fmt::format(", the oldest of them {} old",
                                                age_text(seen_.standings->now_ms - *one.next_ms))
                                  : "";
      const int64_t lag = one.lag().value_or(0);
      say(Weight::kGood, "lag",
          fmt::format("{}: {} to read{}{}", name_of(one.id), lag, lag == 0 ? "" : age,
                      one.committed.valid() ? "" : "; nothing is committed yet"));
    }
  }

  void judge_transactions() {
    for (const HeldBack& one : seen_.held_back) {
      const bool input =
          std::any_of(seen_.standings->partitions.begin(), seen_.standings->partitions.end(),
                      [&](const Standing& standing) { return standing.id == one.id; });
      const std::string since = one.since_ms
                                    ? fmt::format(", since {} ({} ago)", moment_text(*one.since_ms),
                                                  age_text(seen_.standings->now_ms - *one.since_ms))
                                    : "";
      say(Weight::kWarning, "transactions",
          fmt::format("{}: a transaction{} is open at offset {}{}: readers of committed records "
                      "see nothing of the {} offsets behind it",
                      name_of(one.id), input ? " of another program" : "", one.stable.value, since,
                      one.end.value - one.stable.value),
          fmt::format("whose it is: kafka-transactions.sh --bootstrap-server … describe-producers "
                      "--topic {} --partition {}; it ends by its time-out, or at once by "
                      "kafka-transactions.sh … abort --topic {} --partition {} --start-offset {}",
                      one.id.topic, one.id.partition, one.id.topic, one.id.partition,
                      one.stable.value));
    }
    if (seen_.held_back.empty())
      say(Weight::kGood, "transactions", "no open transaction holds readers back");
  }

  [[nodiscard]] const InputLog* input_of(const std::string& topic) const {
    const auto found = std::find_if(seen_.inputs.begin(), seen_.inputs.end(),
                                    [&](const InputLog& one) { return one.topic == topic; });
    return found == seen_.inputs.end() ? nullptr : &*found;
  }

  // What is still needed of the input against what the brokers keep of it.
  void judge_retention() {
    bool good = true;
    for (const Standing& one : seen_.standings->partitions) {
      if (!one.begin.valid()) continue;
      if (one.committed.valid() && (one.committed < one.begin || one.committed > one.end)) {
        good = false;
        say(Weight::kError, "retention",
            fmt::format("{}: the committed offset {} is not in the log, which has {} to {}: {}",
                        name_of(one.id), one.committed.value, one.begin.value, one.end.value,
                        one.committed < one.begin ? "records were deleted before they were read"
                                                  : "the topic was made anew"),
            "decide with 'input: {on_lost_offsets: earliest}' (or latest), or 'millrace offsets "
            "rewind'; and let the topic keep its records for longer");
        continue;
      }
      good = judge_restore(one) && good;
      good = judge_age(one) && good;
    }
    if (good) say(Weight::kGood, "retention", "the input keeps what is still to be read of it");
  }

  bool judge_restore(const Standing& one) {
    const base::Offset from = one.restore_from();
    if (!from.valid() || from >= one.begin) return true;
    say(Weight::kError, "retention",
        fmt::format("{}: a restart counts again from offset {}, and the log begins at {}",
                    name_of(one.id), from.value, one.begin.value),
        "the insights cannot be complete: begin them anew ('millrace offsets rewind --to earliest "
        "--partition', or 'run --reset-insight')");
    return false;
  }

  bool judge_age(const Standing& one) {
    const InputLog* const input = input_of(one.id.topic);
    const std::optional<int64_t> oldest = one.restore_ms ? one.restore_ms : one.next_ms;
    if (input == nullptr || !oldest || !input->deletes || !input->retention_ms ||
        *input->retention_ms < 0) {
      return true;
    }
    const int64_t age = seen_.standings->now_ms - *oldest;
    if (static_cast<double>(age) < kNearlyGone * static_cast<double>(*input->retention_ms))
      return true;
    say(Weight::kWarning, "retention",
        fmt::format("{}: what is still needed is {} old, and the topic keeps its records for {}",
                    name_of(one.id), age_text(age), age_text(*input->retention_ms)),
        "start more copies, or let the topic keep its records for longer (retention.ms)");
    return false;
  }

  void judge_state() {
    const Standings& standings = *seen_.standings;
    const std::string& topic = config_.state.topic.value;
    if (!standings.state_error.empty()) {
      say(Weight::kError, "state", standings.state_error,
          fmt::format("grant Describe and Read on topic {}", topic));
      return;
    }
    if (!standings.state_topic_exists) {
      say(Weight::kGood, "state", fmt::format("topic {} does not exist yet; run makes it", topic));
    }
    uint64_t bytes = 0;
    size_t written = 0;
    for (const Standing& one : standings.partitions) {
      judge_state(one);
      if (!one.written) continue;
      bytes += one.written->bytes;
      ++written;
    }
    say(Weight::kGood, "state",
        fmt::format("topic {}: states of {} of {} partitions, {} KiB", topic, written,
                    standings.partitions.size(), (bytes + 1023) / 1024));
    if (standings.strangers.empty()) return;
    std::string names;
    for (const base::TopicPartition& id : standings.strangers)
      names += (names.empty() ? "" : ", ") + name_of(id);
    say(Weight::kWarning, "state",
        fmt::format("topic {} has states of partitions that are none of the input: {}", topic,
                    names),
        "they are in what 'report' sums up; where the topics are gone for good, use another state "
        "topic or group");
  }

  void judge_state(const Standing& one) {
    const std::string name = name_of(one.id);
    if (one.written && !one.written->error.empty()) {
      if (one.resume.kind == state::Resume::Kind::kReset) return;
      say(Weight::kError, "state", fmt::format("{}: {}", name, one.written->error),
          "as it says, or 'millrace offsets rewind', which begins them anew where you say; run "
          "stops this partition otherwise");
      return;
    }
    if (one.resume.kind == state::Resume::Kind::kMistaken) {
      const bool stops = config_.state.on_moved_offsets == config::OnMovedOffsets::kStop;
      say(stops ? Weight::kError : Weight::kWarning, "state",
          fmt::format("{}: {}{}", name, one.resume.why, stops ? "; run stops this partition" : ""),
          "say with 'millrace offsets rewind' where to go on and what the insights are to do, or "
          "with 'state: {on_moved_offsets: …}'");
      return;
    }
    if (!one.written) return;
    const base::Offset from = one.restore_from();
    const int64_t age = seen_.standings->now_ms - one.written->written_ms;
    const bool late = from.valid() && age > kOldStates * config_.state.every.count() + kMinute;
    say(late ? Weight::kWarning : Weight::kGood, "state",
        fmt::format("{}: written {} ago up to offset {}{}", name, age_text(age),
                    one.written->end.value,
                    from.valid() ? fmt::format("; a restart counts {} offsets again",
                                               one.committed.value - from.value)
                                 : std::string()),
        late ? "the state should be written every state.every: see the log of the copy that has "
               "the partition"
             : "");
  }

  void judge_dead_letters() {
    for (const DeadLetterTopic& one : seen_.dead_letters) {
      say(one.last_day > 0 ? Weight::kWarning : Weight::kGood, "dead letters",
          fmt::format("topic {}: {} records, {} of the last day", one.name, one.records,
                      one.last_day),
          one.last_day > 0 ? "see why: millrace dead-letters list FILE --since 1d" : "");
    }
  }

  const Examination& seen_;
  const config::PipelineConfig& config_;
  std::vector<Finding> findings_;
};

}  // namespace

Examination examine(const config::PipelineConfig& config, const insights::Declaration& declaration,
                    const DoctorOptions& options) {
  return Examiner(config, declaration, options).run();
}

std::vector<Finding> judge(const Examination& seen, const config::PipelineConfig& config) {
  return Judge(seen, config).run();
}

}  // namespace millrace::operate
