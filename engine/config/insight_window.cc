// SPDX-License-Identifier: Apache-2.0
#include "engine/config/insight_window.h"

#include <chrono>
#include <string>

#include "engine/base/limits.h"
#include "engine/config/quantities.h"

namespace millrace::config {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLeast{1};
constexpr milliseconds kMost = std::chrono::hours{24 * 366};

// A field, or {timestamp: true}, the record's own. False where it is neither.
bool read_on(const Field& on, WindowConfig& window) {
  if (!on.present()) return false;
  if (!on.is(NodeKind::kMap)) {
    window.on = on.field_path();
    return window.on.has_value();
  }
  auto map = on.map();
  const Field timestamp = map->require(
      "timestamp", "write {timestamp: true} for the record's own, or the path of a field");
  map->finish();
  const auto is_true = timestamp.boolean();
  if (is_true && !*is_true) timestamp.expected("true");
  return is_true.value_or(false);
}

void read_hop(const Field& hop, WindowConfig& window) {
  window.hop = window.every;
  const auto value = hop.duration(kLeast, window.every);
  if (!value) return;
  if (window.every % *value != milliseconds{0}) {
    hop.problem("must divide 'every' (" + duration_text(window.every) +
                ") without a rest, so that a window begins where another one ends");
    return;
  }
  window.hop = *value;
  const auto windows = window.every / window.hop;
  if (static_cast<size_t>(windows) > base::limits::kWindowsOfARecordMax) {
    hop.problem("makes " + std::to_string(windows) + " windows of every record; " +
                std::to_string(base::limits::kWindowsOfARecordMax) + " at most");
  }
}

void read_grace(const Field& grace, WindowConfig& window) {
  const auto value = grace.duration(milliseconds{0}, kMost);
  if (!value) return;
  window.grace = *value;
  const auto open = static_cast<size_t>((window.every + window.grace) / window.hop) + 1;
  if (open <= base::limits::kOpenWindowsMax) return;
  grace.problem("keeps up to " + std::to_string(open) + " windows of a partition open; " +
                std::to_string(base::limits::kOpenWindowsMax) + " at most");
}

void read_close_idle_after(const Field& field, WindowConfig& window) {
  static constexpr std::string_view kNever = "never";
  if (field.is(NodeKind::kScalar) && field.node().text == kNever) return;
  window.close_idle_after = field.duration(std::chrono::seconds{1}, kMost);
}

}  // namespace

std::optional<WindowConfig> read_window_keys(MapReader& map) {
  WindowConfig window;
  const auto every = map.require("every", "say how long a window is, such as 'every: 60s'")
                         .duration(kLeast, kMost);
  const Field on = map.require("on",
                               "name the field with the time that decides, or write 'on: "
                               "{timestamp: true}' for the record's own");
  const Field hop = map.take("hop");
  const Field grace = map.take("grace");
  set_if(window.max_ahead, map.take("max_ahead").duration(milliseconds{0}, kMost));
  read_close_idle_after(map.take("close_idle_after"), window);
  const bool has_time = read_on(on, window);
  if (!every) return std::nullopt;
  window.every = *every;
  read_hop(hop, window);
  read_grace(grace, window);
  if (!has_time) return std::nullopt;
  return window;
}

}  // namespace millrace::config
