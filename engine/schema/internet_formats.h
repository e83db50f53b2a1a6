// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// The formats of names and addresses of the internet; internal to this folder.
namespace millrace::schema {

// Dotted quad; leading zeros, which some read as octal, are refused.
[[nodiscard]] bool is_ipv4(std::string_view text) noexcept;

// RFC 4291 section 2.2, the mixed form included; without a zone.
[[nodiscard]] bool is_ipv6(std::string_view text) noexcept;

// RFC 1123 section 2.1: labels of at most 63 letters, digits and inner hyphens, 253 in all.
[[nodiscard]] bool is_hostname(std::string_view text) noexcept;

// RFC 5321 section 4.1.2, Mailbox, with its limits of length.
[[nodiscard]] bool is_email(std::string_view text) noexcept;

// RFC 3986: a URI, or a URI or relative reference.
[[nodiscard]] bool is_uri(std::string_view text) noexcept;
[[nodiscard]] bool is_uri_reference(std::string_view text) noexcept;

}  // namespace millrace::schema
