// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

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

}  // namespace millrace::base
