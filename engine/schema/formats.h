// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// The values of `format` that can be asserted.
namespace millrace::schema {

enum class Format : uint8_t {
  kDateTime,             // RFC 3339, leap seconds where they can be
  kDate,                 // RFC 3339 full-date
  kTime,                 // RFC 3339 full-time
  kDuration,             // RFC 3339 appendix A
  kEmail,                // RFC 5321 Mailbox
  kHostname,             // RFC 1123
  kIpv4,                 // RFC 2673 section 3.2: dotted quad
  kIpv6,                 // RFC 4291 section 2.2
  kUri,                  // RFC 3986 URI
  kUriReference,         // RFC 3986 URI-reference
  kUuid,                 // RFC 4122
  kJsonPointer,          // RFC 6901
  kRelativeJsonPointer,  // draft-handrews-relative-json-pointer-01
  kRegex,                // ECMA-262, read as generously as EcmaPattern does
};

// The format of this name; nothing for one that is not asserted here.
[[nodiscard]] std::optional<Format> format_named(std::string_view name) noexcept;

// Whether the specification (draft 2020-12 or draft-07) defines a format of this name, be it
// asserted here or not (idn-email, iri, uri-template, …).
[[nodiscard]] bool is_specified_format(std::string_view name) noexcept;

// Whether the text, UTF-8 of any length, has the format. Time is linear in the text; kRegex alone
// allocates.
[[nodiscard]] bool has_format(Format format, std::string_view text) noexcept;

}  // namespace millrace::schema
