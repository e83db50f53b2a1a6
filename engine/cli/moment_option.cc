// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/moment_option.h"

#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "engine/base/startup_error.h"
#include "engine/config/quantities.h"
#include "engine/trial/wall_time.h"

namespace millrace::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDay = std::chrono::hours{24};
constexpr int64_t kDaysMax = 100'000;

// "2d", which durations of pipelines do not have.
std::optional<milliseconds> parse_days(std::string_view text) {
  if (!text.ends_with('d')) return std::nullopt;
  int64_t days = 0;
  const char* const end = text.data() + text.size() - 1;
  const auto read = std::from_chars(text.data(), end, days);
  if (read.ec != std::errc{} || read.ptr != end || days < 0 || days > kDaysMax) return std::nullopt;
  return days * kDay;
}

std::optional<int64_t> parse(const std::string& text) {
  auto ago = parse_days(text);
  if (!ago) ago = config::parse_duration(text);
  if (ago) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return (std::chrono::duration_cast<milliseconds>(now) - *ago).count();
  }
  if (const auto moment = trial::parse_wall_time(text))
    return std::chrono::floor<milliseconds>(*moment).time_since_epoch().count();
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> parse_moment(std::string_view option, const std::string& text) {
  const std::optional<int64_t> moment = parse(text);
  if (moment.value_or(0) >= 0) return moment;
  throw base::StartupError(base::ExitCode::kUsage,
                           fmt::format("{} {} is before 1970, where no record is", option, text));
}

}  // namespace millrace::cli
