// SPDX-License-Identifier: Apache-2.0
#include "engine/base/log.h"

#include <atomic>
#include <cstdlib>
#include <string>
#include <utility>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "engine/base/log_json.h"
#include "engine/base/mutex.h"

namespace millrace::base::log {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})";

std::atomic<bool> writes_json{false};

std::string_view name_of(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "info";
}

// The one logger of the process. A function-local static, so that the first line logged, from
// whichever thread, makes it.
spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    // https://no-color.org: set, and not to nothing.
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment.
    const char* no_color = std::getenv("NO_COLOR");
    const bool plain = no_color != nullptr && *no_color != '\0';
    auto made = std::make_shared<spdlog::logger>(
        "millrace", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
                        plain ? spdlog::color_mode::never : spdlog::color_mode::automatic));
    made->set_pattern(kTextPattern, spdlog::pattern_time_type::utc);
    made->set_level(spdlog::level::info);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

// Control characters of ASCII and of Latin-1 (as UTF-8), which steer terminals, become U+FFFD.
// Lines have none unless somebody's text got into them.
std::string without_controls(std::string_view line) {
  std::string safe;
  for (size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    const bool latin = byte == 0xC2 && i + 1 < line.size() &&
                       static_cast<unsigned char>(line[i + 1]) >= 0x80 &&
                       static_cast<unsigned char>(line[i + 1]) < 0xA0;
    if (latin || (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) {
      safe += "\xEF\xBF\xBD";
      if (latin) ++i;
    } else {
      safe += line[i];
    }
  }
  return safe;
}

// Who shares the terminal with the log.
struct Around {
  Mutex mutex;
  std::function<void(const WriteLine&)> call GUARDED_BY(mutex);
};

Around& around_lines() {
  static Around around;
  return around;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void set_level(Level level) {
  logger().set_level(to_spdlog(level));
}

void set_format(Format format) {
  const bool json = format == Format::kJson;
  logger().set_pattern(json ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc);
  writes_json.store(json, std::memory_order_relaxed);
}

bool enabled(Level level) {
  return logger().should_log(to_spdlog(level));
}

void write(Level level, std::string_view line) {
  const std::string text = writes_json.load(std::memory_order_relaxed)
                               ? json_members(name_of(level), line)
                               : without_controls(line);
  line = text;
  const auto write_line = [level, line] {
    logger().log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  };
  Around& around = around_lines();
  const MutexLock lock(around.mutex);
  if (around.call) {
    around.call(write_line);
  } else {
    write_line();
  }
}

void write_around(std::function<void(const WriteLine&)> around) {
  const MutexLock lock(around_lines().mutex);
  around_lines().call = std::move(around);
}

}  // namespace millrace::base::log
