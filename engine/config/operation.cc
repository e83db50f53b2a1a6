// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "engine/config/quantities.h"
#include "engine/config/sections.h"

namespace millrace::config {

ReportConfig read_report(const Field& field) {
  static constexpr std::chrono::milliseconds kEveryMin{100};
  static constexpr std::chrono::milliseconds kEveryMax = std::chrono::hours{24};
  static constexpr uint64_t kRecordsMax = 1'000'000'000'000;
  static constexpr std::string_view kExpectation =
      "a duration from 100ms to 24h or a number of records ('1000 records')";
  ReportConfig report;
  report.every = std::chrono::seconds{60};
  auto map = field.map();
  if (!map) return report;
  map->not_yet({"format", "topic", "file"});
  const Field every = map->take("every");
  map->finish();
  const auto text = every.text(kExpectation);
  if (!text) return report;
  const auto duration = parse_duration(text->value);
  const auto records = parse_records(text->value);
  if (duration && *duration >= kEveryMin && *duration <= kEveryMax) {
    report.every = *duration;
  } else if (records && *records >= 1 && *records <= kRecordsMax) {
    report = ReportConfig{std::nullopt, *records};
  } else {
    every.expected(kExpectation);
  }
  return report;
}

LogConfig read_log(const Field& field) {
  LogConfig log;
  auto map = field.map();
  if (!map) return log;
  map->not_yet({"file"});
  // The upper-case names are Python's: the LOGGER_LEVEL of older pipelines.
  set_if(log.level, map->take("level").choice<LogLevel>({{"debug", LogLevel::kDebug},
                                                         {"info", LogLevel::kInfo},
                                                         {"warn", LogLevel::kWarn},
                                                         {"error", LogLevel::kError},
                                                         {"DEBUG", LogLevel::kDebug},
                                                         {"INFO", LogLevel::kInfo},
                                                         {"WARNING", LogLevel::kWarn},
                                                         {"ERROR", LogLevel::kError},
                                                         {"CRITICAL", LogLevel::kError}}));
  set_if(log.format, map->take("format").choice<LogFormat>(
                         {{"text", LogFormat::kText}, {"json", LogFormat::kJson}}));
  map->finish();
  return log;
}

}  // namespace millrace::config
