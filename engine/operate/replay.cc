// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/replay.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/base/pause.h"
#include "engine/kafka/transaction_writer.h"
#include "engine/operate/letter_scan.h"
#include "engine/operate/replay_batch.h"
#include "engine/operate/replay_topics.h"
#include "engine/record/printable.h"

namespace millrace::operate {
namespace {

using Clock = std::chrono::steady_clock;
using End = ReplaySummary::End;
using Kind = kafka::TransactionWriter::Outcome::Kind;

// Passes that end because brokers failed, without a commit in between.
constexpr int kFailuresMax = 5;
constexpr std::chrono::seconds kBetween{1};
constexpr size_t kNotesMax = 5;
constexpr uint64_t kReadStep = 256;
constexpr size_t kQueueBytes = size_t{32} << 20;

using Place = std::pair<base::TopicPartition, int64_t>;

class Replay {
 public:
  Replay(const config::PipelineConfig& config, const ReplayOptions& options, Route& route,
         std::stop_token stop)
      : config_(config),
        options_(options),
        route_(route),
        stop_(std::move(stop)),
        format_{config.dead_letters.format == config::DeadLetterFormat::kRaw,
                config.dead_letters.format == config::DeadLetterFormat::kFields},
        letters_max_(std::clamp<uint64_t>(options.rate.value_or(ReplayBatch::kLettersMax), 1,
                                          ReplayBatch::kLettersMax)) {}

  ReplaySummary run();

 private:
  enum class Pass : uint8_t { kOver, kAgain };

  Pass pass();
  base::Status begin();
  bool take(const Scanned& scanned);
  bool take_letter(const Scanned& scanned);
  bool flush();
  bool leave_out(const kafka::TransactionWriter::Outcome& outcome);
  bool end_with(End end, std::string message);
  void count_taken();
  void note(const Scanned& scanned, const std::string& why);
  void find_out();
  void begin_counts();
  void pace();

  [[nodiscard]] kafka::Patience patience() const {
    return kafka::Patience::at_most(options_.wait, stop_);
  }

  const config::PipelineConfig& config_;
  const ReplayOptions& options_;
  Route& route_;
  const std::stop_token stop_;
  const LetterFormat format_;
  const size_t letters_max_;
  const Clock::time_point began_ = Clock::now();

  ReplaySummary summary_;
  std::unique_ptr<kafka::TransactionWriter> writer_;
  std::optional<ReplayTopics> topics_;  // of the first pass; none of a dry run
  ReplayProgress progress_;
  std::optional<LogEndOffsets> ends_;  // as they were at the start
  ReplayBatch batch_;
  std::set<Place> refused_;                 // left out by later passes
  std::vector<ReplayBatch::Taken> unsure_;  // of a commit of which the outcome is not known
  uint64_t read_ = 0;
  int failures_ = 0;
  Pass next_ = Pass::kOver;
};

bool Replay::end_with(End end, std::string message) {
  summary_.end = end;
  summary_.message = std::move(message);
  next_ = Pass::kOver;
  return false;
}

void Replay::note(const Scanned& scanned, const std::string& why) {
  if (summary_.notes.size() >= kNotesMax) return;
  summary_.notes.push_back(fmt::format(
      "{}-{} at offset {} (from {}-{} at {}): {}", scanned.at.topic, scanned.at.partition,
      scanned.record.offset.value, record::printable(scanned.letter->topic),
      scanned.letter->partition, scanned.letter->offset, why));
}

// Every pass sees all letters; what was committed by an earlier one of this run is not "already".
void Replay::begin_counts() {
  summary_.skipped = summary_.beyond_limit = summary_.not_replayable = summary_.refused = 0;
  summary_.other_pipelines = summary_.foreign = summary_.already = 0;
  summary_.notes.clear();
}

base::Status Replay::begin() {
  writer_.reset();
  if (!options_.dry_run) {
    if (!topics_) {
      auto topics =
          ensure_replay_topics(config_.kafka, options_.parking_topic, options_.progress_topic,
                               options_.topics.front(), patience(), options_.settings_wait);
      if (!topics.ok()) return topics.error();
      topics_ = std::move(topics.value());
    }
    kafka::ProducerOptions producer;
    producer.topics = route_.topics();
    producer.topics.push_back(topics_->parking);
    producer.topics.push_back(topics_->progress);
    producer.queue_bytes = kQueueBytes;
    auto writer = kafka::TransactionWriter::create(
        config_.kafka, producer, options_.transactional_id, config_.delivery.transaction_timeout,
        options_.wait, stop_);
    if (!writer.ok()) return writer.error();
    writer_ = std::move(writer.value());
  }
  if (writer_ != nullptr) {
    base::log::info("Replaying dead letters as {}; progress is kept in topic {}.",
                    options_.transactional_id, options_.progress_topic);
  }
  // Behind the writer: whatever an earlier replay had under way is over now.
  auto progress = read_progress(config_.kafka, options_.progress_topic, patience());
  if (!progress.ok()) return progress.error();
  progress_ = std::move(progress.value());
  auto ends = ends_of(config_.kafka, options_.topics, patience());
  if (!ends.ok()) return ends.error();
  // What this replay itself makes dead is not for a later pass of it.
  if (!ends_) ends_ = ends.value();
  return check_progress(progress_, ends.value());
}

// What became of the batch whose commit was not answered.
void Replay::find_out() {
  if (unsure_.empty()) return;
  const bool committed = progress_.done(unsure_.front().at, unsure_.front().offset);
  for (const ReplayBatch::Taken& one : unsure_) {
    if (committed) ++(one.parked ? summary_.parked : summary_.replayed);
  }
  route_.settled(committed);
  unsure_.clear();
}

void Replay::count_taken() {
  for (const ReplayBatch::Taken& one : batch_.taken())
    ++(one.parked ? summary_.parked : summary_.replayed);
  route_.settled(true);
}

void Replay::pace() {
  if (!options_.rate || options_.dry_run) return;
  const double seconds = static_cast<double>(summary_.replayed + summary_.parked) /
                         static_cast<double>(*options_.rate);
  base::pause_until(
      began_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds)),
      stop_);
}

bool Replay::flush() {
  if (batch_.empty()) {
    batch_.clear();  // of the bytes of letters that were not taken
    return true;
  }
  if (options_.dry_run) {
    count_taken();
    batch_.clear();
    return true;
  }
  const auto progress = static_cast<record::OutputTopic>(route_.topics().size() + 1);
  for (const auto& [key, value] : progress_.take_changes()) batch_.add(key, value, progress);
  const auto outcome = writer_->write(batch_.outputs());
  switch (outcome.kind) {
    case Kind::kCommitted:
      count_taken();
      batch_.clear();
      failures_ = 0;
      pace();
      return !stop_.stop_requested();
    case Kind::kFenced:
      return end_with(End::kFenced,
                      fmt::format("another replay of pipeline {} has begun (or the brokers ended a "
                                  "transaction that was open for longer than "
                                  "'delivery.transaction_timeout'): this one ends; nothing was "
                                  "repeated, and the other one goes on where it was",
                                  config_.pipeline.value));
    case Kind::kDenied:
      return end_with(End::kFailed, outcome.message);
    case Kind::kRefused:
      return leave_out(outcome);
    case Kind::kStale:
      // Whoever had the id meanwhile has noted what it did: the next pass reads that.
      route_.settled(false);
      next_ = Pass::kAgain;
      return false;
    case Kind::kFailed:
      if (stop_.stop_requested()) return false;
      if (++failures_ >= kFailuresMax) return end_with(End::kFailed, outcome.message);
      base::log::warn("A transaction of the replay failed: {}; trying again.", outcome.message);
      unsure_ = batch_.taken();
      base::pause_until(Clock::now() + kBetween, stop_);
      next_ = Pass::kAgain;
      return false;
  }
  return end_with(End::kFailed, outcome.message);
}

// The brokers do not take what became of some letters: the others go on without them.
bool Replay::leave_out(const kafka::TransactionWriter::Outcome& outcome) {
  route_.settled(false);
  const auto& taken = batch_.taken();
  const size_t before = refused_.size();
  const ReplayBatch::Taken* first = nullptr;
  for (const size_t record : outcome.records) {
    const auto refused =
        std::upper_bound(taken.begin(), taken.end(), record,
                         [](size_t at, const auto& one) { return at < one.outputs_end; });
    // Behind them all is the note of what was done, without which nothing goes on.
    if (refused == taken.end()) return end_with(End::kFailed, outcome.message);
    if (first == nullptr) first = &*refused;
    refused_.insert({refused->at, refused->offset});
  }
  if (refused_.size() == before) return end_with(End::kFailed, outcome.message);
  base::log::warn("{} dead letters cannot be replayed, the first one at {}-{}, offset {}: {}",
                  refused_.size() - before, first->at.topic, first->at.partition, first->offset,
                  outcome.message);
  next_ = Pass::kAgain;
  return false;
}

bool Replay::take_letter(const Scanned& scanned) {
  const Letter& letter = *scanned.letter;
  const int64_t offset = scanned.record.offset.value;
  if (progress_.contradicts(scanned.at, offset, scanned.record.timestamp_ms))
    return end_with(End::kFailed, made_anew(scanned.at).message);
  if (progress_.done(scanned.at, offset)) {
    ++summary_.already;
    return true;
  }
  if (!options_.filter.matches(letter, scanned.record.timestamp_ms)) {
    ++summary_.skipped;
    return true;
  }
  if (refused_.contains({scanned.at, offset})) {
    ++summary_.refused;
    return true;
  }
  if (options_.limit &&
      summary_.replayed + summary_.parked + batch_.taken().size() >= *options_.limit) {
    ++summary_.beyond_limit;
    return true;
  }
  const record::TopicLimits parking = topics_ ? topics_->parking.limits : record::TopicLimits();
  const bool parked = letter.attempts >= options_.max_attempts;
  const base::Status status =
      parked ? batch_.park(scanned.at, scanned.record,
                           static_cast<record::OutputTopic>(route_.topics().size()), parking)
             : batch_.replay(scanned.at, scanned.record, letter, format_, route_);
  if (!status.ok()) {
    ++summary_.not_replayable;
    note(scanned, status.message());
    return !batch_.full(letters_max_) || flush();
  }
  progress_.mark(scanned.at, offset, scanned.record.timestamp_ms);
  return !batch_.full(letters_max_) || flush();
}

bool Replay::take(const Scanned& scanned) {
  if (++read_ % kReadStep == 0) options_.on_read(read_);
  if (!scanned.letter) {
    ++summary_.foreign;
    return true;
  }
  if (scanned.letter->pipeline != config_.pipeline.value) {
    ++summary_.other_pipelines;
    return true;
  }
  return take_letter(scanned);
}

Replay::Pass Replay::pass() {
  next_ = Pass::kOver;
  batch_.clear();
  begin_counts();
  if (base::Status status = begin(); !status.ok()) {
    if (!stop_.stop_requested()) end_with(End::kFailed, status.message());
    return Pass::kOver;
  }
  find_out();
  const uint64_t before = summary_.replayed + summary_.parked;
  ScanOptions scan{.kafka = config_.kafka, .topics = options_.topics, .ends = *ends_};
  read_ = 0;
  const auto read = scan_letters(
      scan, [this](const Scanned& scanned) { return take(scanned); }, patience());
  if (!read.ok() && !stop_.stop_requested()) end_with(End::kFailed, read.message());
  if (summary_.end == End::kComplete && next_ == Pass::kOver && !stop_.stop_requested()) flush();
  summary_.already -= std::min(summary_.already, before);
  return next_;
}

ReplaySummary Replay::run() {
  while (pass() == Pass::kAgain && !stop_.stop_requested()) continue;
  if (summary_.end == End::kComplete && stop_.stop_requested()) summary_.end = End::kStopped;
  summary_.became = route_.counts();
  return std::move(summary_);
}

}  // namespace

ReplaySummary replay(const config::PipelineConfig& config, const ReplayOptions& options,
                     Route& route, const std::stop_token& stop) {
  return Replay(config, options, route, stop).run();
}

}  // namespace millrace::operate
