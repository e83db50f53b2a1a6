// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/client_events.h"
#include "engine/kafka/rd.h"

// Clients of librdkafka from the user's properties and our own. Internal to kafka/ and embedded/.
namespace millrace::kafka {

enum class Role { kConsumer, kProducer };

enum class Side;  // admin.h

// Whose properties a client of that side has.
[[nodiscard]] Role role_of(Side side);

// Whether a client gives the statistics that statistics.interval.ms asks for. They come as texts on
// a queue without a bound: only for a client that is polled all the time, and whose statistics
// somebody reads.
enum class Statistics { kOff, kAsConfigured };

struct Setting {
  const char* name;
  std::string value;
  // Newer than the oldest librdkafka that we support: left out where it is not known.
  bool optional = false;
};

// The properties of `role`, later ones overriding earlier ones: our defaults, the user's (common,
// then of the role), and the ones that the engine's promises rest on.
[[nodiscard]] base::Result<rd::Conf> make_conf(const config::KafkaConfig& kafka, Role role,
                                               std::span<const Setting> defaults,
                                               std::span<const Setting> fixed,
                                               Statistics statistics = Statistics::kOff);

// True if the properties ask for SASL.
[[nodiscard]] bool uses_sasl(const config::KafkaConfig& kafka, Role role);

// The value of a property in a conf; empty if unknown.
[[nodiscard]] std::string get(const rd_kafka_conf_t* conf, const char* name);

// Makes the client, with `events` as its opaque and behind its error and log callbacks. With
// `error_callback` false errors stay events of the main queue (a producer's).
[[nodiscard]] base::Result<rd::Handle> make_client(rd::Conf conf, Role role, ClientEvents& events,
                                                   bool error_callback = true);

// How long the brokers may take for a request of the Admin API.
[[nodiscard]] rd::AdminOptions request_options(rd_kafka_t* client, rd_kafka_admin_op_t operation,
                                               std::chrono::milliseconds timeout);

}  // namespace millrace::kafka
