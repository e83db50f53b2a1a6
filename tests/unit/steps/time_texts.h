// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/config/step_config.h"
#include "engine/steps/time_format.h"
#include "engine/steps/zone.h"

namespace millrace::steps {

// "unix_seconds", "rfc3339" and so on, or a pattern: as a pipeline's file says it.
[[nodiscard]] config::TimeFormat time_format(std::string_view text);

// Times by one format; throws nothing, the format must compile.
class TimeTexts {
 public:
  explicit TimeTexts(std::string_view format, const Zone* zone = nullptr);

  // "1720655268", "1720655268.5" (up to 9 digits, none in vain), or "form", "range", "no such
  // time".
  [[nodiscard]] std::string read(std::string_view json, TimeFormat::ReadOptions options = {}) const;

  // The JSON that is written, or "range".
  [[nodiscard]] std::string write(const Moment& moment) const;

 private:
  std::optional<TimeFormat> reader_;
  std::optional<TimeFormat> writer_;
};

// What is wrong with a format, or "".
[[nodiscard]] std::string compile_error(std::string_view format, TimeFormat::Use use);

}  // namespace millrace::steps
