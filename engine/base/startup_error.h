// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "engine/base/result.h"

namespace millrace::base {

// Exit codes of the program; documented in the README and stable.
enum class ExitCode : int {
  kClean = 0,
  kFailed = 1,        // the run failed
  kUsage = 2,         // bad usage or configuration
  kDataProtected = 3  // stopped to protect data: identity, undeliverable, lost log
};

// Thrown by start-up code only, caught by main only: the message for the user and the exit code.
class StartupError : public std::runtime_error {
 public:
  StartupError(ExitCode code, const std::string& message)
      : std::runtime_error(message), code_(code) {}

  [[nodiscard]] ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

[[noreturn]] inline void fail_start(const std::string& message) {
  throw StartupError(ExitCode::kFailed, message);
}

inline void fail_unless_ok(const Status& status) {
  if (!status.ok()) fail_start(status.message());
}

template <typename T>
T value_or_fail(Result<T> result) {
  if (!result.ok()) fail_start(result.message());
  return std::move(result.value());
}

}  // namespace millrace::base
