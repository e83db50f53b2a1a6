// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/standings.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/base/pause.h"
#include "engine/io/state_log.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/state_topic.h"
#include "engine/state/read_states.h"
#include "engine/state/state_key.h"

namespace millrace::operate {
namespace {

using std::chrono::milliseconds;

// How often the state is read while it moves.
constexpr int kAttempts = 5;
// A dead copy's transaction is over by then, where its timeout is the default: 10 s, which a broker
// notices within 10 s.
constexpr milliseconds kOpenMax{25'000};
constexpr milliseconds kBetween{200};

int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

// Passes a log on, and weighs what of it belongs to each partition of the input.
class WeighedLog final : public io::StateLog {
 public:
  WeighedLog(io::StateLog& log, const std::string& group) : log_(log), group_(group) {}

  [[nodiscard]] int32_t partition_count() const override { return log_.partition_count(); }

  base::Status read(std::span<const int32_t> partitions, const OnRecord& on_record) override {
    return log_.read(partitions, [&](std::string_view key, std::optional<std::string_view> value) {
      weigh(key, value);
      on_record(key, value);
    });
  }

  [[nodiscard]] uint64_t bytes_of(const base::TopicPartition& id) const {
    uint64_t bytes = 0;
    const auto found = newest_.find(id);
    if (found == newest_.end()) return bytes;
    for (const auto& [key, size] : found->second) bytes += size;
    return bytes;
  }

 private:
  void weigh(std::string_view text, std::optional<std::string_view> value) {
    const auto key = state::StateKey::parse(group_, text);
    if (!key) return;
    newest_[key->id][std::string(text)] = value ? text.size() + value->size() : 0;
  }

  io::StateLog& log_;
  const std::string& group_;
  std::map<base::TopicPartition, std::map<std::string, uint64_t>> newest_;
};

class Reader {
 public:
  Reader(const config::PipelineConfig& config, const insights::Declaration& declaration,
         milliseconds wait)
      : config_(config), declaration_(declaration), wait_(wait) {}

  base::Result<Standings> read() {
    standings_.now_ms = now_ms();
    standings_.durable = config_.state.durable;
    base::Status status = connect();
    if (status.ok()) status = find_partitions();
    if (status.ok()) status = ask_group();
    if (!status.ok()) return base::Error{status.message()};
    ask_ends();
    if (standings_.durable) ask_state();
    ask_times();
    return std::move(standings_);
  }

 private:
  [[nodiscard]] kafka::Patience patience() const { return kafka::Patience::at_most(wait_); }

  base::Status connect() {
    auto admin = kafka::Admin::create(config_.kafka, kafka::Side::kInput);
    if (!admin.ok()) return admin.error();
    admin_ = std::move(admin.value());
    base::Status status = admin_->wait_for_broker(patience());
    if (!status.ok()) return status;
    auto group = kafka::GroupAdmin::create(config_.kafka, config_.input.group.value);
    if (!group.ok()) return group.error();
    group_ = std::move(group.value());
    return {};
  }

  base::Status find_partitions() {
    std::vector<std::string> topics;
    if (config_.input.pattern) {
      auto found = admin_->matching(std::vector{config_.input.pattern->value}, patience());
      if (!found.ok()) return found.error();
      topics = std::move(found.value());
    } else {
      for (const config::Text& topic : config_.input.topics) topics.push_back(topic.value);
      std::sort(topics.begin(), topics.end());
    }
    for (const std::string& topic : topics) {
      const auto count = admin_->partition_count(topic, patience());
      if (!count.ok()) return count.error();
      for (int32_t partition = 0; partition < count.value(); ++partition) {
        standings_.partitions.push_back({.id = {topic, partition}});
        ids_.push_back({topic, partition});
      }
    }
    return {};
  }

  base::Status ask_group() {
    auto described = group_->describe(wait_);
    if (!described.ok()) return described.error();
    standings_.group = std::move(described.value());
    return ask_committed();
  }

  base::Status ask_committed() {
    auto committed = group_->committed(ids_, wait_);
    if (!committed.ok()) return committed.error();
    for (kafka::GroupOffset& offset : committed.value()) {
      Standing* const standing = find(offset.id);
      if (standing == nullptr) continue;
      standing->committed = offset.next;
      standing->metadata = std::move(offset.metadata);
      standing->mark =
          offset.next.valid() ? state::CommitMark::parse(standing->metadata) : std::nullopt;
    }
    return {};
  }

  void ask_ends() {
    const auto ranges = group_->log_ranges(ids_, wait_);
    const auto ends = admin_->log_ends(ids_, wait_);
    for (size_t i = 0; i < ids_.size(); ++i) {
      Standing& standing = standings_.partitions[i];
      standing.begin = ranges[i].begin;
      standing.stable = ends[i].stable;
      standing.end = std::max(ranges[i].end, ends[i].end);
      standing.error = ranges[i].error.empty() ? ends[i].error : ranges[i].error;
    }
  }

  void ask_state() {
    const std::string& name = config_.state.topic.value;
    const auto count = admin_->partition_count(name, patience());
    if (!count.ok()) {
      standings_.state_error = count.message();
      return;
    }
    standings_.state_topic_exists = count.value() > 0;
    await_decided(name, count.value());
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const base::Status status =
          standings_.state_topic_exists ? read_states(name) : base::Status();
      if (!status.ok()) standings_.state_error = status.message();
      if (!standings_.state_error.empty() || is_settled(name)) return;
    }
  }

  // A transaction that a dead copy left open hides what others have committed behind it, which
  // would look as if their offsets had been moved. One that hangs is not waited for for ever.
  void await_decided(const std::string& name, int32_t partitions) {
    std::vector<base::TopicPartition> ids;
    for (int32_t partition = 0; partition < partitions; ++partition)
      ids.push_back({name, partition});
    const auto first = admin_->log_ends(ids, wait_);
    const auto until = std::chrono::steady_clock::now() + kOpenMax;
    for (auto now = first; std::chrono::steady_clock::now() < until;
         now = admin_->log_ends(ids, wait_)) {
      const bool decided =
          std::equal(first.begin(), first.end(), now.begin(),
                     [](const auto& then, const auto& is) { return is.stable >= then.end; });
      if (decided) return;
      base::pause_until(std::chrono::steady_clock::now() + kBetween, {});
    }
  }

  // While copies run the state and the offset that it belongs to move between one question and the
  // next: what was committed before or after the state was read is right, whichever fits. False:
  // neither does, and it moves.
  bool is_settled(const std::string& name) {
    std::vector<Standing> before = standings_.partitions;
    const base::Status status = ask_committed();
    if (!status.ok()) {
      standings_.state_error = status.message();
      return true;
    }
    bool settled = true;
    for (size_t i = 0; i < before.size(); ++i) {
      Standing& now = standings_.partitions[i];
      // Of two transactions at once one may lie across the end of what was read: it is damaged
      // where it is so twice.
      if (now.written && !now.written->error.empty())
        settled = !damaged_.insert(now.id).second && settled;
      now.resume = resume_of(now, name);
      if (now.resume.kind != state::Resume::Kind::kMistaken) continue;
      before[i].resume = resume_of(before[i], name);
      if (before[i].resume.kind != state::Resume::Kind::kMistaken) {
        now = before[i];
      } else {
        settled = settled && now.metadata == before[i].metadata;
      }
    }
    return settled;
  }

  static state::Resume resume_of(const Standing& standing, const std::string& name) {
    const bool written = standing.written && standing.written->error.empty();
    return state::resume_of(written ? std::optional(standing.written->end) : std::nullopt,
                            standing.mark, standing.committed, name);
  }

  base::Status read_states(const std::string& name) {
    auto topic = kafka::StateTopic::create(config_.kafka, name, patience(),
                                           kafka::StateTopic::Until::kDecided);
    if (!topic.ok()) return topic.error();
    const std::string& group = config_.input.group.value;
    standings_.strangers.clear();
    for (Standing& standing : standings_.partitions) standing.written.reset();
    WeighedLog log(*topic.value(), group);
    state::RestoreOptions options;
    options.topic = {name, group, log.partition_count()};
    return state::read_states(log, std::nullopt, declaration_, options,
                              [&](const base::TopicPartition& id, const state::Restored& restored) {
                                Standing* const standing = find(id);
                                if (standing == nullptr) return standings_.strangers.push_back(id);
                                standing->written = WrittenState{restored.manifest.end,
                                                                 restored.manifest.written_ms,
                                                                 log.bytes_of(id), restored.error};
                              });
  }

  // Of what a reader waits for, or would wait for.
  void ask_times() {
    std::vector<io::PartitionOffset> offsets;
    std::vector<std::optional<int64_t>*> places;
    const auto ask = [&](Standing& standing, base::Offset offset, std::optional<int64_t>& place) {
      if (!offset.valid() || offset < standing.begin || offset >= standing.end) return;
      offsets.push_back({standing.id, offset});
      places.push_back(&place);
    };
    // (One offset of a partition at a time.)
    for (Standing& standing : standings_.partitions)
      ask(standing, std::max(standing.next(), standing.begin), standing.next_ms);
    answer(offsets, places);
    for (Standing& standing : standings_.partitions)
      ask(standing, standing.restore_from(), standing.restore_ms);
    answer(offsets, places);
    for (Standing& standing : standings_.partitions) {
      if (standing.stable < standing.end) ask(standing, standing.stable, standing.open_ms);
    }
    answer(offsets, places);
  }

  void answer(std::vector<io::PartitionOffset>& offsets,
              std::vector<std::optional<int64_t>*>& places) {
    const auto times = group_->times_at(offsets, wait_);
    for (size_t i = 0; i < times.size(); ++i) *places[i] = times[i];
    offsets.clear();
    places.clear();
  }

  // Null where it is none of the input's.
  Standing* find(const base::TopicPartition& id) {
    const auto found = std::lower_bound(
        standings_.partitions.begin(), standings_.partitions.end(), id,
        [](const Standing& one, const base::TopicPartition& wanted) { return one.id < wanted; });
    return found == standings_.partitions.end() || found->id != id ? nullptr : &*found;
  }

  const config::PipelineConfig& config_;
  const insights::Declaration& declaration_;
  const milliseconds wait_;
  std::unique_ptr<kafka::Admin> admin_;
  std::unique_ptr<kafka::GroupAdmin> group_;
  std::vector<base::TopicPartition> ids_;
  std::set<base::TopicPartition> damaged_;  // as some attempt saw it
  Standings standings_;
};

}  // namespace

base::Result<Standings> read_standings(const config::PipelineConfig& config,
                                       const insights::Declaration& declaration,
                                       milliseconds wait) {
  return Reader(config, declaration, wait).read();
}

}  // namespace millrace::operate
