// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/record/arena.h"
#include "engine/record/batch.h"
#include "engine/record/document.h"
#include "engine/steps/day_cache.h"
#include "engine/steps/now_texts.h"

namespace millrace::steps {

// A rule's place in the plan's list of rule ids, by which dead letters count.
struct RuleId {
  uint32_t index = 0;
};

// What a rule says to the record at hand.
enum class Verdict : uint8_t { kContinue, kFilter, kReject };

// What a step may use while it changes a record. One per worker, renewed per batch and record.
struct StepContext {
  // Per batch.
  record::Arena* arena = nullptr;  // of the batch: for texts that the output will carry
  base::WallTime now;              // of the batch
  std::string_view topic;          // of the input
  int32_t partition = 0;           // of the input

  // Per record.
  const record::InputRecord* input = nullptr;

  // A rejecting rule leaves its id, the value it is about (kNoNode: the record) and a sentence
  // here. The sentence may hold the value: it goes into the dead letter only.
  RuleId rule;
  record::NodeIndex value = record::kNoNode;
  std::string reason_text;

  // Of the worker.
  std::string scratch;
  std::string more_scratch;  // for steps that need two
  DayCache day_cache;        // the date of the day that was formatted last
  NowTexts now_texts;

  Verdict reject(RuleId id, record::NodeIndex at = record::kNoNode) noexcept {
    rule = id;
    value = at;
    return Verdict::kReject;
  }
};

// One cleaning action. Immutable, shared by all workers.
class Step {
 public:
  virtual ~Step() = default;
  [[nodiscard]] virtual Verdict apply(record::Document& document,
                                      StepContext& context) const noexcept = 0;
};

// What a condition says of a record. Where a value that it must compare is absent, null or of
// another kind, it cannot be decided.
enum class Truth : uint8_t { kFalse, kTrue, kUndecided };

// A compiled condition. Immutable, shared by all workers.
class Condition {
 public:
  virtual ~Condition() = default;
  // Where undecided, context.reason_text and context.value say why.
  [[nodiscard]] virtual Truth test(const record::Document& document,
                                   StepContext& context) const noexcept = 0;
  // False where test() never says kUndecided: then the step that asks has no rule to reject by.
  [[nodiscard]] virtual bool may_be_undecided() const noexcept = 0;
};

}  // namespace millrace::steps
