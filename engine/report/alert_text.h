// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/record/json_writer.h"
#include "engine/report/alert.h"

// Alerts in words and as JSON (docs/report.md, stable). A share is a percentage in words, and a
// part of 1 as JSON.
namespace millrace::report {

// "many-dead-letters fires: dead_letters.share is 7.1 % over 5m, above 5 %", or, where it does not,
// "many-dead-letters is cleared: dead_letters.share is 3.9 % over 5m, not above 4 %". Without a
// full stop.
[[nodiscard]] std::string to_sentence(const Alert& alert);

// What makes it fire and what clears it, for `check`: "dead_letters.share above 5 % over 5m, until
// it is not above 4 %".
[[nodiscard]] std::string to_words(const AlertRule& rule);

// Those that fire, a line each under a heading; nothing where none does.
[[nodiscard]] std::string alerts_block(const std::vector<Alert>& alerts);

// The member `alerts`.
void write_alerts(const std::vector<Alert>& alerts, record::JsonWriter& writer);

// Whose alert it is, and when it changed.
struct AlertOrigin {
  std::string_view pipeline;
  std::string_view instance;  // empty: it has no name
  int64_t unix_ms = 0;
};

// The value of the record that says on a topic that an alert fires, or was cleared.
[[nodiscard]] std::string alert_record(const Alert& alert, const AlertOrigin& origin);

}  // namespace millrace::report
