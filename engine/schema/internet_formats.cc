// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/internet_formats.h"

#include <algorithm>
#include <cstddef>

namespace millrace::schema {

namespace {

constexpr size_t kLabelMax = 63;
constexpr size_t kHostnameMax = 253;
constexpr size_t kLocalPartMax = 64;
constexpr int kIpv6Groups = 8;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_alphanumeric(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_one_of(char c, std::string_view set) noexcept {
  return set.find(c) != std::string_view::npos;
}

// The text up to `mark` or its end; both are taken off `rest`.
std::string_view take_until(std::string_view& rest, char mark) noexcept {
  const size_t end = std::min(rest.find(mark), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

// The 16-bit groups of "1:2:3", where the last may be an IPv4 address, which is two; -1 where
// there is anything else. An empty text has none.
int count_groups(std::string_view text, bool may_end_in_ipv4) noexcept {
  int count = 0;
  while (!text.empty()) {
    const size_t end = text.find(':');
    const std::string_view group = text.substr(0, end);
    if (end == std::string_view::npos && may_end_in_ipv4 && is_ipv4(group)) return count + 2;
    if (group.empty() || group.size() > 4 || !std::all_of(group.begin(), group.end(), is_hex)) {
      return -1;
    }
    if (++count > kIpv6Groups) return -1;
    if (end == std::string_view::npos) return count;
    text.remove_prefix(end + 1);
    if (text.empty()) return -1;  // a single colon at the end
  }
  return count;
}

bool is_label(std::string_view text) noexcept {
  if (text.empty() || text.size() > kLabelMax || text.front() == '-' || text.back() == '-') {
    return false;
  }
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_atom_character(char c) noexcept {
  return is_alphanumeric(c) || is_one_of(c, "!#$%&'*+-/=?^_`{|}~");
}

// RFC 5321: Dot-string.
bool is_dot_string(std::string_view text) noexcept {
  bool after_atom = false;
  for (const char c : text) {
    if (c == '.' && !after_atom) return false;
    if (c != '.' && !is_atom_character(c)) return false;
    after_atom = c != '.';
  }
  return after_atom;
}

// The length of the quoted string at the beginning, quotes included; 0 where there is none.
size_t quoted_length(std::string_view text) noexcept {
  if (!text.starts_with('"')) return 0;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
    if (i == text.size() || text[i] < ' ' || text[i] > '~') return 0;
  }
  return 0;
}

// What stands between the brackets of joe@[…]: an IPv4 address, IPv6:… or Tag:….
bool is_address_literal(std::string_view text) noexcept {
  if (is_ipv4(text)) return true;
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view tag = text.substr(0, colon);
  const std::string_view content = text.substr(colon + 1);
  if (tag == "IPv6") return is_ipv6(content);
  return is_label(tag) && !content.empty() &&
         std::all_of(content.begin(), content.end(),
                     [](char c) { return c >= '!' && c <= '~' && !is_one_of(c, "[\\]"); });
}

bool is_unreserved_or_delimiter(char c) noexcept {
  return is_alphanumeric(c) || is_one_of(c, "-._~!$&'()*+,;=");
}

// Whether all is unreserved, a delimiter inside components, percent-encoded, or one of `more`.
bool is_component(std::string_view text, std::string_view more) noexcept {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (text.size() - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_unreserved_or_delimiter(text[i]) && !is_one_of(text[i], more)) {
      return false;
    }
  }
  return true;
}

// What stands between the brackets of http://[…]/.
bool is_ip_literal(std::string_view text) noexcept {
  if (is_ipv6(text)) return true;
  if (!text.starts_with('v') && !text.starts_with('V')) return false;
  text.remove_prefix(1);
  const std::string_view version = take_until(text, '.');
  return !version.empty() && std::all_of(version.begin(), version.end(), is_hex) && !text.empty() &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_unreserved_or_delimiter(c) || c == ':'; });
}

bool is_authority(std::string_view text) noexcept {
  if (const size_t at = text.find('@'); at != std::string_view::npos) {
    if (!is_component(text.substr(0, at), ":")) return false;
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos || !is_ip_literal(text.substr(1, end - 1))) return false;
    port = text.substr(end + 1);
    if (!port.empty() && port.front() != ':') return false;
  } else {
    const size_t colon = std::min(text.find(':'), text.size());
    if (!is_component(text.substr(0, colon), "")) return false;
    port = text.substr(colon);
  }
  if (!port.empty()) port.remove_prefix(1);
  return std::all_of(port.begin(), port.end(), is_digit);
}

// "scheme:" at the beginning, with its colon; 0 where there is none.
size_t scheme_length(std::string_view text) noexcept {
  if (text.empty() || is_digit(text.front()) || !is_alphanumeric(text.front())) return 0;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == ':') return i + 1;
    if (!is_alphanumeric(text[i]) && !is_one_of(text[i], "+-.")) return 0;
  }
  return 0;
}

// All of a URI behind the scheme. Without a scheme the first segment of a path holds no colon.
bool is_behind_scheme(std::string_view text, bool has_scheme) noexcept {
  const size_t fragment = std::min(text.find('#'), text.size());
  if (fragment < text.size() && !is_component(text.substr(fragment + 1), ":@/?")) return false;
  text = text.substr(0, fragment);
  const size_t query = std::min(text.find('?'), text.size());
  if (query < text.size() && !is_component(text.substr(query + 1), ":@/?")) return false;
  text = text.substr(0, query);
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const size_t end = std::min(text.find('/'), text.size());
    return is_authority(text.substr(0, end)) && is_component(text.substr(end), ":@/");
  }
  if (!has_scheme && text.substr(0, text.find('/')).find(':') != std::string_view::npos) {
    return false;
  }
  return is_component(text, ":@/");
}

}  // namespace

bool is_ipv4(std::string_view text) noexcept {
  constexpr size_t kLongest = 15;
  if (text.size() > kLongest) return false;
  int dots = 0;
  int value = -1;  // of the octet being read; -1 before its first digit
  for (const char c : text) {
    if (c == '.' && value >= 0) {
      ++dots;
      value = -1;
    } else if (is_digit(c) && value != 0) {
      value = std::max(value, 0) * 10 + (c - '0');
      if (value > 255) return false;
    } else {
      return false;
    }
  }
  return dots == 3 && value >= 0;
}

bool is_ipv6(std::string_view text) noexcept {
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) return count_groups(text, true) == kIpv6Groups;
  const std::string_view behind = text.substr(gap + 2);
  if (behind.starts_with(':')) return false;
  const int left = count_groups(text.substr(0, gap), false);
  const int right = count_groups(behind, true);
  // The gap stands for at least one group.
  return left >= 0 && right >= 0 && left + right < kIpv6Groups;
}

bool is_hostname(std::string_view text) noexcept {
  if (text.empty() || text.size() > kHostnameMax || text.back() == '.') return false;
  while (!text.empty()) {
    if (!is_label(take_until(text, '.'))) return false;
  }
  return true;
}

bool is_email(std::string_view text) noexcept {
  const size_t quoted = quoted_length(text);
  const size_t at = quoted > 0 ? quoted : text.find('@');
  if (at >= text.size() || text[at] != '@' || at > kLocalPartMax) return false;
  if (quoted == 0 && !is_dot_string(text.substr(0, at))) return false;
  const std::string_view domain = text.substr(at + 1);
  if (domain.starts_with('[') && domain.ends_with(']')) {
    return is_address_literal(domain.substr(1, domain.size() - 2));
  }
  return is_hostname(domain);
}

bool is_uri(std::string_view text) noexcept {
  const size_t scheme = scheme_length(text);
  return scheme > 0 && is_behind_scheme(text.substr(scheme), true);
}

bool is_uri_reference(std::string_view text) noexcept {
  return is_uri(text) || is_behind_scheme(text, false);
}

}  // namespace millrace::schema
