// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/plan/fields.h"
#include "engine/record/arena.h"

namespace millrace::plan {

// A rule's place in the plan's list of rule ids, by which dead letters count.
struct RuleId {
  uint32_t index = 0;
};

// What a rule says to the record at hand.
enum class Verdict : uint8_t { kContinue, kFilter, kReject };

// What a step may use while it changes a record. One per worker, renewed per batch.
struct StepContext {
  record::Arena* arena = nullptr;  // of the batch: for texts that the output will carry

  // `now` of the batch as JSON values.
  std::string_view now_rfc3339;
  std::string_view now_unix_seconds;
  std::string_view now_unix_milliseconds;

  // A rejecting rule leaves its id and a sentence here. The sentence may hold the value: it goes
  // into the dead letter only.
  RuleId rule;
  std::string reason_text;

  std::string scratch;

  Verdict reject(RuleId id) noexcept {
    rule = id;
    return Verdict::kReject;
  }
};

// One cleaning action. Immutable, shared by all workers.
class Step {
 public:
  virtual ~Step() = default;
  [[nodiscard]] virtual Verdict apply(Fields& fields, StepContext& context) const noexcept = 0;
};

}  // namespace millrace::plan
