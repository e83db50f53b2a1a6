// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/config/condition.h"
#include "tests/unit/plan/reference_json.h"

// Conditions on plain values, written from docs/steps.md, "Conditions".
namespace millrace::plan::testing::reference {

enum class Truth { kFalse, kTrue, kUndecided };

[[nodiscard]] Truth test(const config::Condition& condition, const Value& record);

// Whether a text is an address of IPv4, or of IPv6.
[[nodiscard]] bool is_ipv4(const std::string& text);
[[nodiscard]] bool is_ipv6(const std::string& text);

// A to Z as a to z.
[[nodiscard]] std::string lower(std::string text);

}  // namespace millrace::plan::testing::reference
