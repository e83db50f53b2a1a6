// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// The formats of dates and times, by RFC 3339; internal to this folder.
namespace millrace::schema {

[[nodiscard]] bool is_date(std::string_view text) noexcept;

// A time of day with its offset. Second 60 stands only at 23:59 UTC.
[[nodiscard]] bool is_time(std::string_view text) noexcept;

[[nodiscard]] bool is_date_time(std::string_view text) noexcept;

// Appendix A. As in ISO 8601, units in between may be left out: PT1H30S.
[[nodiscard]] bool is_duration(std::string_view text) noexcept;

}  // namespace millrace::schema
