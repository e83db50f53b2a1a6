// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {

// The plan of config/user-login.yaml.
inline config::PipelineConfig login_config() {
  return config_of({.output = "{topic: processed, key: user_id}", .rest = R"(
schema:
  type: object
  required: [user_id, app_version, ip, locale, device_id, timestamp, device_type]
  properties:
    user_id: {type: string}
    app_version: {type: string}
    ip: {type: string}
    locale: {type: string}
    device_id: {type: string}
    timestamp: {type: integer}
    device_type: {type: string}
steps:
  - keep_if: {field: app_version, version_at_least: 2.3.0}
  - lowercase: device_type
  - rename: {timestamp: created_at}
  - format_time: {field: created_at, from: unix_seconds, as: rfc3339}
  - add: {processed_at: {now: rfc3339}}
insights:
  - count_by: device_type
  - count_by: [app_version, device_type]
  - distinct: user_id
  - top: {of: user_id, limit: 10}
  - hours_of_day: timestamp
)"});
}

// A well-formed login; different numbers make different users.
inline std::string login_record(unsigned number) {
  const std::string tail = std::to_string(100'000 + number % 900'000);
  return R"({"user_id": "59cc1bb4-8037-4475-b1e4-1349e7)" + tail +
         R"(", "app_version": "2.3.0", "ip": "1.1.177.19", "locale": "CT", )" +
         R"("device_id": "8792a520-f2d6-45e9-87f3-2638d4)" + tail + R"(", "timestamp": )" +
         std::to_string(1'720'655'268 + number) + R"(, "device_type": ")" +
         (number % 2 == 0 ? "android" : "iOS") + "\"}";
}

}  // namespace millrace::plan::testing
