// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// Headers of dead letters that their writer (plan/) and their readers (operate/) share.
namespace millrace::record {

// All names of Millrace's own headers begin so.
inline constexpr std::string_view kOwnHeaderPrefix = "millrace.";

// How often a record was replayed, as decimal digits: `dead-letters replay` puts it on what it
// sends.
inline constexpr std::string_view kAttemptsHeader = "millrace.attempts";

// `fields`: the letter's value shows some members of the record only. Other letters do not have it.
inline constexpr std::string_view kFormatHeader = "millrace.format";
inline constexpr std::string_view kFieldsFormat = "fields";

}  // namespace millrace::record
