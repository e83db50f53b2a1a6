// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/letter_samples.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "engine/record/masked_json.h"

namespace millrace::flow {
namespace {

// Of one batch.
constexpr size_t kLettersMax = 64;

std::string_view rule_of(const record::OutputRecord& letter) {
  for (const record::Header& header : letter.headers)
    if (header.name == "millrace.reason") return header.value.view();
  return {};
}

int64_t unix_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

LetterSamples::LetterSamples(const record::NameTable& names)
    : document_(names, {.reject_duplicates = false, .objects_only = false}) {}

void LetterSamples::look_at(const BatchInFlight& batch, TimePoint now) {
  if (batch.shard.dead_lettered() == 0 || now < next_look_) return;
  next_look_ = now + kLookEvery;
  if (now - second_began_ >= std::chrono::seconds{1}) {
    second_began_ = now;
    taken_ = 0;
  }
  size_t letters = 0;
  for (const record::OutputRecord& output : batch.batch.outputs()) {
    if (output.role != record::OutputRole::kDeadLetter) continue;
    if (taken_ >= kPerSecond || ++letters > kLettersMax) return;
    take(batch, output, now);
  }
}

void LetterSamples::take(const BatchInFlight& batch, const record::OutputRecord& letter,
                         TimePoint now) {
  const std::string_view rule = rule_of(letter);
  const record::InputRecord& input = batch.batch.records()[letter.input];
  if (rule.empty() || !wanted(rule, batch, input.offset, now)) return;
  ++taken_;
  report::DeadLetterSample sample;
  sample.from = batch.lease->id();
  sample.offset = input.offset;
  sample.time_ms = unix_ms();
  sample.rule = rule;
  sample.masked = masked(input.value);
  const base::MutexLock lock(mutex_);
  if (!rules_.contains(rule)) make_room();
  OfRule& of = rules_[sample.rule];
  of.last = now;
  of.samples.push_back(std::move(sample));
  if (of.samples.size() > kOfRuleMax) of.samples.pop_front();
}

// At most one of a rule in a second, and none that was shown before it was sent once more.
bool LetterSamples::wanted(std::string_view rule, const BatchInFlight& batch, base::Offset offset,
                           TimePoint now) const {
  const base::MutexLock lock(mutex_);
  const auto found = rules_.find(rule);
  if (found == rules_.end()) return true;
  const OfRule& of = found->second;
  if (now - of.last < std::chrono::seconds{1}) return false;
  return std::none_of(of.samples.begin(), of.samples.end(), [&](const auto& sample) {
    return sample.offset == offset && sample.from == batch.lease->id();
  });
}

std::string LetterSamples::masked(record::Bytes value) {
  if (value.null()) return "no value";
  if (value.size() > kParsedBytesMax) return fmt::format("{} bytes", value.size());
  if (document_.parse(value.view()) != record::ParseError::kNone)
    return fmt::format("{} bytes that are no JSON", value.size());
  return record::masked_json(document_, kMaskedBytesMax);
}

void LetterSamples::make_room() {
  if (rules_.size() < kRulesMax) return;
  rules_.erase(std::min_element(rules_.begin(), rules_.end(), [](const auto& a, const auto& b) {
    return a.second.last < b.second.last;
  }));
}

std::vector<report::DeadLetterSample> LetterSamples::newest() const {
  std::vector<report::DeadLetterSample> all;
  {
    const base::MutexLock lock(mutex_);
    for (const auto& [rule, of] : rules_)
      all.insert(all.end(), of.samples.begin(), of.samples.end());
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.time_ms < b.time_ms; });
  return all;
}

}  // namespace millrace::flow
