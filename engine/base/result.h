// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "engine/base/check.h"

// Values for failures that are expected: a call that can fail returns Status or Result<T>.
//
// Start-up code (flags, configuration, plan compilation) may throw StartupError instead; only
// main catches. After start nothing throws on purpose.
namespace millrace::base {

// What went wrong, as one sentence for the user.
struct Error {
  std::string message;
};

// Success, or one Error.
class [[nodiscard]] Status {
 public:
  Status() = default;

  Status(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor): return

  [[nodiscard]] bool ok() const { return !error_.has_value(); }

  // Requires: !ok().
  [[nodiscard]] const std::string& message() const {
    MILLRACE_CHECK(error_.has_value());
    return error_->message;
  }

 private:
  std::optional<Error> error_;
};

// A value, or one Error.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}  // NOLINT(google-explicit-constructor): return

  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor): return

  [[nodiscard]] bool ok() const { return state_.index() == 0; }

  // Requires: ok().
  [[nodiscard]] T& value() {
    MILLRACE_CHECK(ok());
    return std::get<0>(state_);
  }

  [[nodiscard]] const T& value() const {
    MILLRACE_CHECK(ok());
    return std::get<0>(state_);
  }

  // Requires: !ok().
  [[nodiscard]] const std::string& message() const {
    MILLRACE_CHECK(!ok());
    return std::get<1>(state_).message;
  }

  [[nodiscard]] Error error() const { return Error{message()}; }

 private:
  std::variant<T, Error> state_;
};

}  // namespace millrace::base
