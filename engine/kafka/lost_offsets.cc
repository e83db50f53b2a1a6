// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/lost_offsets.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/kafka/error_class.h"

namespace millrace::kafka {
namespace {

using Kind = LostOffsets::Verdict::Kind;

// How long the range of a log is asked for.
constexpr int kRangeMs = 500;

}  // namespace

void LostOffsets::note(uint32_t slot, const base::TopicPartition& id, base::Offset asked) {
  forget(slot);
  lost_.push_back({.slot = slot, .id = id, .asked = asked});
}

void LostOffsets::forget(uint32_t slot) {
  std::erase_if(lost_, [&](const Lost& lost) { return lost.slot == slot; });
}

const LostOffsets::Lost* LostOffsets::due(Clock::time_point now) const {
  const auto found = std::find_if(lost_.begin(), lost_.end(),
                                  [&](const Lost& lost) { return lost.next_attempt <= now; });
  return found == lost_.end() ? nullptr : &*found;
}

std::optional<LostOffsets::Verdict> LostOffsets::look(rd_kafka_t* client) {
  const Lost* const lost = due(Clock::now());
  if (lost == nullptr) return std::nullopt;
  Answer answer;
  answer.error =
      rd_kafka_query_watermark_offsets(client, lost->id.topic.c_str(), lost->id.partition,
                                       &answer.range.low, &answer.range.high, kRangeMs);
  // The pause begins behind the answer: asking may take as long.
  return judge(lost->slot, answer, Clock::now());
}

std::optional<LostOffsets::Verdict> LostOffsets::judge(uint32_t slot, const Answer& answer,
                                                       Clock::time_point now) {
  const auto found =
      std::find_if(lost_.begin(), lost_.end(), [&](const Lost& lost) { return lost.slot == slot; });
  MILLRACE_CHECK(found != lost_.end());
  const bool known = answer.error == RD_KAFKA_RESP_ERR_NO_ERROR;
  const bool stops = policy_ == config::OnLostOffsets::kStop;
  ++found->attempts;
  found->next_attempt = now + kPause;
  Lost lost = *found;
  const base::TopicPartition& id = lost.id;
  if (!known && !(stops && lost.attempts >= kAttempts)) {
    std::string why = sentence(
        answer.error, fmt::format("Asking for the offsets that {}-{} has", id.topic, id.partition));
    return Verdict{Kind::kWait, std::move(lost), {}, std::move(why)};
  }
  if (known && holds(answer.range, lost.asked)) {
    // Not at once again, should the brokers not agree with each other.
    if (lost.attempts == 1) return std::nullopt;
    lost_.erase(found);
    std::string why =
        fmt::format("{}-{}: the brokers did not have offset {} for a moment; reading it again",
                    id.topic, id.partition, lost.asked.value);
    const base::Offset asked = lost.asked;
    return Verdict{Kind::kReadAgain, std::move(lost), asked, std::move(why)};
  }
  lost_.erase(found);
  if (stops) {
    std::string why =
        lost_offset(id, lost.asked, known ? std::optional<LogRange>(answer.range) : std::nullopt);
    return Verdict{Kind::kStop, std::move(lost), {}, std::move(why)};
  }
  std::string why = moved_offset(id, lost.asked, answer.range, policy_);
  return Verdict{Kind::kGoOn, std::move(lost), go_on_from(answer.range, policy_), std::move(why)};
}

}  // namespace millrace::kafka
