// SPDX-License-Identifier: Apache-2.0
#include "engine/serve/routes.h"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/serve/assets.h"

namespace millrace::serve {
namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

// In a time that tells the length of the secret at most, not how much of what came is right.
bool same_secret(std::string_view given, std::string_view secret) {
  return given.size() == secret.size() &&
         CRYPTO_memcmp(given.data(), secret.data(), secret.size()) == 0;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

// However it is spelled, also as an IPv4 address in IPv6.
bool is_loopback_v6(std::string_view text) {
  in6_addr address{};
  if (inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1) return false;
  if (IN6_IS_ADDR_V4MAPPED(&address)) return address.s6_addr[12] == 127;
  return IN6_IS_ADDR_LOOPBACK(&address);
}

// "127.0.0.1:9464", "[::1]:9464", "localhost".
bool is_this_machine(std::string_view host) {
  if (host.starts_with('[')) {
    const size_t end = host.find(']');
    if (end == std::string_view::npos) return false;
    const std::string_view port = host.substr(end + 1);
    return (port.empty() || port.starts_with(':')) && is_loopback_v6(host.substr(1, end - 1));
  }
  host = host.substr(0, host.find(':'));
  if (equal_ignoring_case(host, "localhost")) return true;
  return host.starts_with("127.") && std::all_of(host.begin(), host.end(), [](char c) {
           return c == '.' || (c >= '0' && c <= '9');
         });
}

bool wants_json(const Request& request) {
  if (request.query == "format=json") return true;
  if (request.query == "format=text") return false;
  return request.header("accept").find("application/json") != std::string_view::npos;
}

Answer respond(int status, std::string_view text) {
  Answer answer;
  answer.response = Response::sentence(status, text);
  return answer;
}

Answer page(Page page, std::string_view content_type) {
  Answer answer;
  answer.kind = Answer::Kind::kPage;
  answer.page = page;
  answer.response.content_type = content_type;
  return answer;
}

std::optional<Answer> asset(const Request& request) {
  for (const Asset& asset : assets()) {
    if (asset.path != request.path) continue;
    Answer answer;
    answer.response.content_type = asset.content_type;
    answer.response.body = asset.bytes;
    return answer;
  }
  return std::nullopt;
}

}  // namespace

Routes::Routes(std::string token, bool loopback, const Sampler& sampler)
    : token_(std::move(token)), loopback_(loopback), sampler_(sampler) {}

bool Routes::is_authorized(const Request& request) const {
  if (token_.empty()) return true;
  static constexpr std::string_view kScheme = "bearer ";
  const std::string_view given = request.header("authorization");
  if (!equal_ignoring_case(given.substr(0, kScheme.size()), kScheme)) return false;
  return same_secret(given.substr(kScheme.size()), token_);
}

std::optional<Response> Routes::refusal(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    Response response = Response::sentence(
        405, "This address can only be read: GET and HEAD, nothing is changed over HTTP.");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  if (token_.empty() && loopback_ && !request.header("host").empty() &&
      !is_this_machine(request.header("host"))) {
    return Response::sentence(
        421,
        "This server answers its own machine only, and was called by another name. Behind a proxy "
        "that keeps the name, set 'serve.token', or have the proxy send 'Host: localhost'.");
  }
  return std::nullopt;
}

Answer Routes::answer(const Request& request) const {
  Answer answer;
  if (auto refused = refusal(request)) {
    answer.response = std::move(*refused);
    return answer;
  }
  const bool authorized = is_authorized(request);
  // Who keeps processes running knows no token, and learns no more than that.
  if (request.path == "/healthz") {
    const std::string why = sampler_.not_alive();
    if (why.empty()) return respond(200, "Alive.");
    return respond(503, authorized ? why : "Not alive.");
  }
  if (request.path == "/readyz") {
    const std::string why = sampler_.not_ready();
    if (why.empty()) return respond(200, "Ready.");
    return respond(503, authorized ? why : "Not ready.");
  }
  if (auto found = asset(request)) return std::move(*found);
  if (request.path == "/")
    return respond(200, "Millrace runs here; this program was built without its dashboard.");
  auto found = data(request);
  if (!found) {
    return respond(404,
                   fmt::format("There is no {} here. There are /, /metrics, /healthz, /readyz, "
                               "/report, /insights.json, /vitals.json and /events.",
                               request.path.substr(0, 100)));
  }
  if (!authorized) {
    answer.response = Response::sentence(
        401, request.header("authorization").empty()
                 ? "This needs a token: 'Authorization: Bearer TOKEN', as 'serve.token' has it."
                 : "The token is wrong.");
    answer.response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"millrace\"");
    return answer;
  }
  return std::move(*found);
}

std::optional<Answer> Routes::data(const Request& request) const {
  if (request.path == "/metrics") return page(Page::kMetrics, kMetricsType);
  if (request.path == "/vitals.json") return page(Page::kVitals, kJson);
  if (request.path == "/insights.json") return page(Page::kInsights, kJson);
  if (request.path == "/report") {
    if (wants_json(request)) return page(Page::kReportJson, kJson);
    return page(Page::kReportText, "text/plain; charset=utf-8");
  }
  if (request.path == "/events") {
    Answer answer;
    answer.kind = Answer::Kind::kStream;
    answer.response.content_type = "text/event-stream; charset=utf-8";
    return answer;
  }
  return std::nullopt;
}

}  // namespace millrace::serve
