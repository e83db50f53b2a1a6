// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace millrace::cli {

// Adds --brokers, which BOOTSTRAP_SERVERS sets too; localhost:9092 without either.
void add_brokers(CLI::App& command, std::string& brokers);

}  // namespace millrace::cli
