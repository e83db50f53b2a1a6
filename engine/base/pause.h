// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stop_token>

namespace millrace::base {

// Waits until `time`, but not past a stop request. Any thread.
void pause_until(std::chrono::steady_clock::time_point time, const std::stop_token& stop);

}  // namespace millrace::base
