// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "engine/config/quantities.h"
#include "engine/config/sections.h"

namespace millrace::config {
namespace {

using std::chrono::milliseconds;

// librdkafka takes no less, and a broker as it comes no more.
constexpr milliseconds kTransactionTimeoutMin = std::chrono::seconds{1};
constexpr milliseconds kTransactionTimeoutMax = std::chrono::minutes{15};
// A restart counts again what came since the last time.
constexpr milliseconds kStateEveryMin{100};
constexpr milliseconds kStateEveryMax = std::chrono::hours{1};

// A transaction must be able to wait for slow brokers after its interval, and stay in time.
void check_interval(const Field& commit_every, const DeliveryConfig& delivery) {
  if (delivery.commit_every <= delivery.transaction_timeout / 2) return;
  commit_every.problem("must be at most half of 'delivery.transaction_timeout' (" +
                       duration_text(delivery.transaction_timeout) +
                       ") under exactly_once: the broker aborts a transaction that is open for "
                       "longer than that");
}

void check_on_failure(const Field& on_failure, const PipelineConfig& config) {
  if (config.delivery.on_failure != OnFailure::kDeadLetter || !config.dead_letters.discard) return;
  on_failure.problem(
      "is 'dead_letter', and dead letters are discarded: what cannot be delivered would be gone; "
      "name a topic: 'dead_letters: {topic: TOPIC}'");
}

void read_delivery(const Field& field, PipelineConfig& config) {
  DeliveryConfig& delivery = config.delivery;
  delivery.place = field.key_place();
  if (!field.present()) return;
  auto map = field.map();
  if (!map) return;

  const Field guarantee = map->take("guarantee");
  const auto chosen = guarantee.choice<Guarantee>(
      {{"exactly_once", Guarantee::kExactlyOnce}, {"at_least_once", Guarantee::kAtLeastOnce}});
  const bool is_known = chosen || !guarantee.present();
  if (chosen) delivery.guarantee = *chosen;
  if (guarantee.present()) delivery.place = guarantee.key_place();

  const Field commit_every = map->take("commit_every");
  const auto interval = commit_every.duration(milliseconds{10}, std::chrono::hours{1});
  if (interval) delivery.commit_every = *interval;

  const Field on_failure = map->take("on_failure");
  if (const auto what = on_failure.choice<OnFailure>(
          {{"stop", OnFailure::kStop}, {"dead_letter", OnFailure::kDeadLetter}})) {
    delivery.on_failure = *what;
    check_on_failure(on_failure, config);
  }

  const Field timeout = map->take("transaction_timeout");
  const auto open_for = timeout.duration(kTransactionTimeoutMin, kTransactionTimeoutMax);
  if (open_for) delivery.transaction_timeout = *open_for;
  map->finish();

  const bool is_exact = is_known && delivery.guarantee == Guarantee::kExactlyOnce;
  if (is_exact && interval && (open_for || !timeout.present())) {
    check_interval(commit_every, delivery);
  }
}

void read_state(MapReader map, StateConfig& state) {
  set_if(state.durable, map.take("durable").boolean());
  if (auto topic = map.take("topic").topic()) state.topic = std::move(*topic);
  set_if(state.every, map.take("every").duration(kStateEveryMin, kStateEveryMax));
  set_if(state.on_moved_offsets, map.take("on_moved_offsets")
                                     .choice<OnMovedOffsets>({{"stop", OnMovedOffsets::kStop},
                                                              {"reset", OnMovedOffsets::kReset},
                                                              {"keep", OnMovedOffsets::kKeep}}));
  map.finish();
}

// Those that `dead-letters replay` uses, where anything is kept that could be replayed.
void name_replay_topics(PipelineConfig& config) {
  DeadLettersConfig& letters = config.dead_letters;
  const bool kept =
      std::any_of(config.steps.begin(), config.steps.end(),
                  [](const StepConfig& step) { return step.dead_letters.has_value(); });
  if (letters.discard && !kept) return;
  const Text& base = letters.topic.value.empty() ? config.pipeline : letters.topic;
  if (letters.parking_topic.value.empty())
    letters.parking_topic = {base.value + ".parking", base.place};
  if (letters.progress_topic.value.empty())
    letters.progress_topic = {config.pipeline.value + ".replay-progress", config.pipeline.place};
}

}  // namespace

void read_delivery_keys(MapReader& map, PipelineConfig& config) {
  read_delivery(map.take("delivery"), config);
  if (const auto state = map.take("state").map()) read_state(*state, config.state);
  if (config.pipeline.value.empty()) return;
  if (config.state.topic.value.empty())
    config.state.topic = {config.pipeline.value + ".state", config.pipeline.place};
  name_replay_topics(config);
}

}  // namespace millrace::config
