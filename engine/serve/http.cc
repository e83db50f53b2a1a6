// SPDX-License-Identifier: Apache-2.0
#include "engine/serve/http.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

namespace millrace::serve {
namespace {

// Nothing from outside, nothing inline: the page's own files are all that it needs.
constexpr std::string_view kSecurityHeaders =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Cache-Control: no-store\r\n";

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Internal Server Error";
  }
}

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Parsed refused(int status, std::string why) {
  Parsed parsed;
  parsed.state = Parsed::State::kRefused;
  parsed.status = status;
  parsed.why = std::move(why);
  return parsed;
}

// "GET /path?query HTTP/1.1"; what is wrong with it, else nothing.
std::optional<Parsed> parse_line(std::string_view line, Request& request) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return refused(400, "The request line is not METHOD TARGET VERSION.");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method)) return refused(400, "The method is none.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return refused(505, "This server speaks HTTP/1.1.");
  if (target.size() > kTargetBytesMax) return refused(414, "The address is too long.");
  // A fragment is the client's own affair and never sent.
  const auto may_be_sent = [](char c) { return c > ' ' && c < '\x7F' && c != '#'; };
  if (!target.starts_with('/') || !std::all_of(target.begin(), target.end(), may_be_sent))
    return refused(400, "The address has to be a path.");
  request.method = method;
  request.keep_alive = version == "HTTP/1.1";
  const size_t query = target.find('?');
  request.path = target.substr(0, query);
  if (query != std::string_view::npos) request.query = target.substr(query + 1);
  return std::nullopt;
}

std::optional<Parsed> parse_header(std::string_view line, Request& request) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return refused(400, "A header is not NAME: VALUE.");
  const std::string_view value = trimmed(line.substr(colon + 1));
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20U && c != '\t') || c == '\x7F';
  };
  if (std::any_of(value.begin(), value.end(), is_control))
    return refused(400, "A header has a control character.");
  auto [at, added] = request.headers.emplace(lower(line.substr(0, colon)), value);
  if (added) return std::nullopt;
  if (at->first == "host" || at->first == "authorization" || at->first == "content-length")
    return refused(400, "A header stands there twice.");
  at->second += ", ";
  at->second += value;
  return std::nullopt;
}

// Requests here need no body, so none is read: what follows would be taken for the next request.
std::optional<Parsed> check_body(const Request& request) {
  const std::string_view length = request.header("content-length");
  if (!request.header("transfer-encoding").empty() || (!length.empty() && length != "0"))
    return refused(413, "Requests to this server have no body.");
  return std::nullopt;
}

std::string head_of(const Response& response) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\n", response.status,
                                 reason_of(response.status), response.content_type);
  head += kSecurityHeaders;
  for (const auto& [name, value] : response.headers) head += fmt::format("{}: {}\r\n", name, value);
  return head;
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

Parsed parse_request(std::string_view input) {
  const size_t end = input.find("\r\n\r\n");
  if (end > kRequestBytesMax) {  // npos among them: not all of it is there
    if (input.size() > kRequestBytesMax)
      return refused(431, "The request has more than 16 KiB of headers.");
    // A client that speaks something else (TLS, say) need not be waited for.
    const size_t line = std::min(input.find("\r\n"), input.size());
    const auto is_odd = [](char c) { return c < ' ' || c == '\x7F'; };
    if (std::any_of(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(line),
                    [&](char c) { return is_odd(c) && c != '\r'; })) {
      return refused(400, "This is not HTTP.");
    }
    return {};
  }
  Parsed parsed;
  std::string_view rest = input.substr(0, end);
  const size_t line_end = std::min(rest.find("\r\n"), rest.size());
  if (auto wrong = parse_line(rest.substr(0, line_end), parsed.request)) return *wrong;
  rest.remove_prefix(std::min(line_end + 2, rest.size()));
  for (size_t count = 0; !rest.empty(); ++count) {
    if (count >= kHeadersMax) return refused(431, "The request has more than 64 headers.");
    const size_t length = std::min(rest.find("\r\n"), rest.size());
    if (auto wrong = parse_header(rest.substr(0, length), parsed.request)) return *wrong;
    rest.remove_prefix(std::min(length + 2, rest.size()));
  }
  if (auto wrong = check_body(parsed.request)) return *wrong;
  const std::string connection = lower(parsed.request.header("connection"));
  if (connection.find("close") != std::string::npos) parsed.request.keep_alive = false;
  parsed.state = Parsed::State::kDone;
  parsed.bytes = end + 4;
  return parsed;
}

Response Response::sentence(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.body = fmt::format("{}\n", text);
  return response;
}

std::string to_bytes(const Response& response, bool with_body, bool keep_alive) {
  std::string bytes = head_of(response);
  bytes += fmt::format("Content-Length: {}\r\nConnection: {}\r\n\r\n",
                       response.page ? response.page->size() : response.body.size(),
                       keep_alive ? "keep-alive" : "close");
  if (with_body && !response.page) bytes += response.body;
  return bytes;
}

std::string to_stream_head(const Response& response) {
  return head_of(response) + "X-Accel-Buffering: no\r\nConnection: close\r\n\r\n";
}

}  // namespace millrace::serve
