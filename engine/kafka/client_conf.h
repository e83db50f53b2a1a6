// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "engine/config/pipeline_config.h"

// The librdkafka properties of a pipeline file: what may be set, what may not, and why.
//
// Threading: free functions over values; any thread.
namespace millrace::kafka {

// Everything wrong with the properties, each with its place, without connecting: a name that this
// librdkafka does not know, a value that it refuses, a property that would break a promise of the
// engine (says which), SCRAM where the library cannot do it. Never repeats a value: it may be a
// secret.
//
// `transaction_timeout` is the longest that an assignment may have to wait for a dead member's
// transaction: polling must be allowed to pause for longer.
[[nodiscard]] std::vector<config::Problem> check_properties(
    const config::KafkaConfig& kafka,
    std::chrono::milliseconds transaction_timeout = std::chrono::milliseconds{10'000});

// The brokers as the user named them, for messages.
[[nodiscard]] std::string bootstrap_servers(const config::KafkaConfig& kafka);

// Nothing but bootstrap.servers, as the embedded broker and small tools need it.
[[nodiscard]] config::KafkaConfig plain_config(const std::string& bootstrap_servers);

// The version of librdkafka at run time, such as "2.0.2".
[[nodiscard]] std::string library_version();

}  // namespace millrace::kafka
