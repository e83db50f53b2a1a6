// SPDX-License-Identifier: Apache-2.0
#include "engine/config/serve.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/config/read_file.h"
#include "engine/config/secret.h"
#include "engine/config/sections.h"

namespace millrace::config {
namespace {

constexpr std::string_view kListen =
    "ADDRESS:PORT, such as 127.0.0.1:9464, [::1]:9464 or 0.0.0.0:9464, the address in numbers or "
    "localhost, the port up to 65535 (0: a free one)";
constexpr std::string_view kToken =
    "a text of up to 1024 letters, digits and '-', '.', '_', '~', '+', '/', '=', or {file: PATH}";
constexpr size_t kTokenBytesMax = 1024;
constexpr size_t kPemBytesMax = size_t{1} << 20;

std::optional<std::string> ipv4(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return text;
}

// In the one spelling that it is known by: "0::1" is "::1", and an IPv4 address in IPv6 that
// address.
std::optional<std::string> ipv6(const std::string& text) {
  in6_addr address{};
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> name{};
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    inet_ntop(AF_INET, &address.s6_addr[12], name.data(), name.size());
  } else {
    inet_ntop(AF_INET6, &address, name.data(), name.size());
  }
  return name.data();
}

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return port;
}

// What a header can carry (RFC 6750, b64token).
bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= kTokenBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("-._~+/=").find(c) != std::string_view::npos;
         });
}

void read_token(const Field& field, const Context& context, ServeConfig& serve) {
  auto token = read_secret(field, kToken, context);
  if (!token) return;
  if (is_token(*token)) {
    serve.token = std::move(*token);
  } else {
    field.problem("must be " + std::string(kToken));
  }
}

// The path of a file that can be read; what stands in it is looked at where it is used.
std::optional<Text> read_pem(const Field& field, const Context& context) {
  auto path = field.text("the path of a file in PEM");
  if (!path) return std::nullopt;
  path->value = relative_to_file(path->value, context.file);
  const auto contents = read_file(path->value, kPemBytesMax);
  if (contents.ok()) return path;
  field.problem("names the file " + in_quotes(path->value) + ": " + contents.message());
  return std::nullopt;
}

void read_tls(const Field& field, const Context& context, ServeConfig& serve) {
  auto map = field.map();
  if (!map) return;
  auto certificate =
      read_pem(map->require("certificate", "write 'certificate: FILE, key: FILE'"), context);
  auto key = read_pem(map->require("key", "write 'certificate: FILE, key: FILE'"), context);
  map->finish();
  if (certificate && key) serve.tls = TlsFiles{std::move(*certificate), std::move(*key)};
}

}  // namespace

bool ServeConfig::is_loopback() const {
  return address == "::1" || address.starts_with("127.");
}

std::optional<ServeConfig> parse_listen(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  ServeConfig serve;
  serve.listen.value = text;
  std::string address = text.substr(0, colon);
  if (address == "localhost") address = "127.0.0.1";
  const bool brackets = address.size() > 2 && address.front() == '[' && address.back() == ']';
  auto known = brackets ? ipv6(address.substr(1, address.size() - 2)) : ipv4(address);
  if (!known) return std::nullopt;
  const auto port = parse_port(std::string_view(text).substr(colon + 1));
  if (!port) return std::nullopt;
  serve.address = std::move(*known);
  serve.port = *port;
  return serve;
}

std::optional<ServeConfig> read_serve(const Field& field, const Context& context) {
  auto map = field.map();
  if (!map) return std::nullopt;
  const Field listen = map->require("listen", "write 'listen: 127.0.0.1:9464'");
  const Field token = map->take("token");
  const Field tls = map->take("tls");
  map->finish();
  std::optional<ServeConfig> serve;
  if (const auto text = listen.text(kListen)) {
    serve = parse_listen(text->value);
    if (serve) {
      serve->listen.place = text->place;
    } else {
      listen.expected(kListen);
    }
  }
  ServeConfig rest;
  read_token(token, context, rest);
  read_tls(tls, context, rest);
  if (!serve) return std::nullopt;
  serve->token = std::move(rest.token);
  serve->tls = std::move(rest.tls);
  if (!serve->is_loopback() && !token.present()) {
    context.problems.add_warning(
        listen.key_place(),
        "'serve.listen' is open to other machines, and there is no 'serve.token': everybody who "
        "reaches the port sees the insights");
  }
  return serve;
}

}  // namespace millrace::config
