// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/trial_run.h"

#include "engine/base/check.h"

namespace millrace::trial {

std::string_view outcome_name(record::Outcome outcome) {
  switch (outcome) {
    case record::Outcome::kNone:
      return "not processed";
    case record::Outcome::kEmitted:
      return "emitted";
    case record::Outcome::kFiltered:
      return "filtered";
    case record::Outcome::kDeadLettered:
      return "dead_lettered";
  }
  return "";
}

TrialRun::TrialRun(const plan::Plan& plan, plan::Observer* observer)
    : plan_(plan),
      limits_(plan.output_topics().size()),
      recorder_(*this, observer),
      processor_(plan, limits_, &recorder_),
      shard_(plan.declaration()),
      rules_(plan.declaration().rules.begin(), plan.declaration().rules.end()) {}

void TrialRun::open(std::string_view topic, int32_t partition, base::Offset begin,
                    base::WallTime now) {
  batch_.reset();
  shard_.clear();
  topic_ = topic;
  reason_texts_.clear();
  rejected_.clear();
  outputs_end_.clear();
  batch_.open(begin, partition, now);
}

void TrialRun::run() {
  rejected_.resize(batch_.records().size());
  processor_.process(batch_, topic_, shard_);
  MILLRACE_CHECK(batch_.outcomes().size() == batch_.records().size());
  size_t end = 0;
  for (size_t i = 0; i < batch_.records().size(); ++i) {
    while (end < batch_.outputs().size() && batch_.outputs()[end].input == i) ++end;
    outputs_end_.push_back(end);
  }
  MILLRACE_CHECK(end == batch_.outputs().size());
}

RecordResult TrialRun::result(size_t index) const {
  const size_t begin = index == 0 ? 0 : outputs_end_[index - 1];
  const Rejected& rejected = rejected_[index];
  const std::string_view texts = reason_texts_;
  return {batch_.outcomes()[index], rejected.rule, texts.substr(rejected.begin, rejected.size),
          std::span(batch_.outputs()).subspan(begin, outputs_end_[index] - begin), &plan_};
}

void TrialRun::Recorder::on_record(size_t index) {
  index_ = index;
  if (next_ != nullptr) next_->on_record(index);
}

void TrialRun::Recorder::on_checked(const record::Document& document) {
  if (next_ != nullptr) next_->on_checked(document);
}

void TrialRun::Recorder::on_step(size_t step, const record::Document& document, bool effect) {
  if (next_ != nullptr) next_->on_step(step, document, effect);
}

void TrialRun::Recorder::on_rejected(const plan::Rejection& rejection) {
  if (next_ != nullptr) next_->on_rejected(rejection);
  // The plan's own text of the rule outlives the call; the rejection's need not. If a record is
  // rejected twice (its pieces, its size), the last one made its dead letter.
  const auto rule = run_.rules_.find(rejection.rule);
  MILLRACE_CHECK(rule != run_.rules_.end());
  run_.rejected_[index_] = {run_.reason_texts_.size(), rejection.text.size(), *rule};
  run_.reason_texts_ += rejection.text;
}

void TrialRun::Recorder::on_outcome(size_t index, record::Outcome outcome) {
  if (next_ != nullptr) next_->on_outcome(index, outcome);
}

}  // namespace millrace::trial
