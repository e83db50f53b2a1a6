// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

// The log: sentences to stderr, with fields as key=value. Never a record's content (it may be
// personal data), never one line per record above debug.
//
// Threading: every function may be called from any thread.
namespace millrace::base::log {

enum class Level { kDebug, kInfo, kWarn, kError };

// Requires: called before other threads log. Lines below `level` are not written.
void set_level(Level level);
[[nodiscard]] bool enabled(Level level);
// How a line looks: for people, or as one object of JSON (log_json.h), the time in front. Requires:
// called before other threads log.
enum class Format { kText, kJson };
void set_format(Format format);
void write(Level level, std::string_view line);

// From now on each line is written by calling `around` with what writes it: so that something can
// stand below the log on the terminal (cli/screen.h). Nothing: as it was. `around` is called from
// any thread that logs, one at a time, and must not log; none is running any more when this
// returns.
using WriteLine = std::function<void()>;
void write_around(std::function<void(const WriteLine& write_line)> around);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kDebug))
    write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kInfo)) write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kWarn)) write(Level::kWarn, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kError))
    write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace millrace::base::log
