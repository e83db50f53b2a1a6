// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

// Addresses of schemas: RFC 3986 as `$id` and `$ref` need it.
namespace millrace::schema {

struct SplitUri {
  std::string without_fragment;
  std::string fragment;  // as written, still percent-encoded, without the '#'
};

// Splits at the first '#'. No '#' and nothing behind it are the same.
[[nodiscard]] SplitUri split_fragment(std::string_view uri);

// Whether the text begins with a scheme: "https:", "urn:", "file:".
[[nodiscard]] bool is_absolute_uri(std::string_view uri) noexcept;

// The reference as seen from `base` (RFC 3986 section 5.2, dot segments removed). A base without a
// hierarchy (urn:…) lends only what the RFC says: "#x" keeps it, a relative path replaces its path.
// An empty or relative base is allowed and resolves like a document at an unknown place. Never
// fails: what is not a URI comes out as some text that names no document.
[[nodiscard]] std::string resolve_uri(std::string_view base, std::string_view reference);

// Percent-decoded. Nothing where a '%' is not followed by two hexadecimal digits, or where the
// result is not UTF-8.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

}  // namespace millrace::schema
