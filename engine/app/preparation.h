// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stop_token>

#include "engine/app/clients.h"
#include "engine/app/engine.h"
#include "engine/app/pipeline.h"
#include "engine/base/ids.h"
#include "engine/flow/durable.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/state_topic.h"
#include "engine/plan/processor.h"

namespace millrace::app {

// What a run has to know of its brokers, and to find on them, before it joins the group.
struct Preparation {
  std::unique_ptr<kafka::Admin> input;  // of the cluster that it reads
  std::optional<std::map<base::TopicPartition, base::Offset>> until;  // nothing: for ever
  Clients::Options clients;
  plan::OutputLimits limits;
  std::unique_ptr<kafka::StateTopic> state_topic;  // null: the insights are of this run alone
  std::optional<flow::Durable> durable;            // refers to `state_topic`
};

// Waits for brokers and topics as `options` say, in the order: brokers, the topics that are read,
// the limits of those that are written, the state topic, which it makes where there is none. `stop`
// ends the waiting. Throws base::StartupError, also where the guarantee cannot be kept.
[[nodiscard]] Preparation prepare(const Pipeline& pipeline, const Engine::Options& options,
                                  const std::stop_token& stop);

}  // namespace millrace::app
