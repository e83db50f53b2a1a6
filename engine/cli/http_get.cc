// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/http_get.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <future>
#include <httplib.h>
#include <memory>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "engine/cli/received_bytes.h"

namespace millrace::cli {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kLook{20};
// How long after the end of its time a request may take to notice it.
constexpr milliseconds kGrace{500};
// Headers, on top of the body.
constexpr size_t kHeaderBytesMax = size_t{1} << 20;
constexpr int kPortMax = 65'535;

// What a request and the thread that makes it share: the thread may outlive the caller, where it is
// looking up a name.
struct Attempt {
  explicit Attempt(HttpRequest to_make) : request(std::move(to_make)) {}

  HttpRequest request;
  std::unique_ptr<httplib::Client> client;
  std::atomic<int> socket{-1};
  HttpAnswer answer;
  bool too_large = false;
  httplib::Error error = httplib::Error::Success;
  std::promise<void> done;
};

std::string to_words(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::BindIPAddress:
      return "no connection: nobody listens there, or the name is unknown";
    case httplib::Error::ConnectionTimeout:
      return "no connection in time";
    case httplib::Error::SSLConnection:
      return "no TLS connection: the other side may not speak TLS";
    case httplib::Error::SSLLoadingCerts:
      return "the certificates (--ca) cannot be read";
    case httplib::Error::SSLServerVerification:
      return "the certificate is not one to trust, or is another host's";
    default:
      return "the connection broke, or the answer is not HTTP";
  }
}

void make(Attempt& attempt) {
  const HttpRequest& request = attempt.request;
  httplib::Headers headers{{"Accept", "application/json"}, {"Connection", "close"}};
  if (!request.token.empty()) headers.emplace("Authorization", "Bearer " + request.token);
  const httplib::Result result = attempt.client->Get(
      request.url.path, headers,
      [&attempt](const httplib::Response& response) {
        attempt.answer.status = response.status;
        return true;
      },
      [&attempt](const char* data, size_t size) {
        if (attempt.answer.body.size() + size > attempt.request.bytes_max) {
          attempt.too_large = true;
          return false;
        }
        attempt.answer.body.append(data, size);
        return true;
      });
  if (!result) attempt.error = result.error();
}

std::unique_ptr<httplib::Client> make_client(const HttpRequest& request) {
  const bool ipv6 = request.url.host.find(':') != std::string::npos;
  auto client = std::make_unique<httplib::Client>(
      fmt::format("{}://{}{}{}:{}", request.url.tls ? "https" : "http", ipv6 ? "[" : "",
                  request.url.host, ipv6 ? "]" : "", request.url.port));
  client->set_connection_timeout(request.timeout);
  // These are for each piece; what decides is the time for all of it.
  client->set_read_timeout(request.timeout + kGrace);
  client->set_write_timeout(request.timeout + kGrace);
  client->set_follow_location(false);
  client->set_decompress(false);
  client->set_keep_alive(false);
  if (!request.ca_file.empty()) client->set_ca_cert_path(request.ca_file);
  client->enable_server_certificate_verification(true);
  return client;
}

bool has_only_url_characters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

}  // namespace

base::Result<Url> parse_url(std::string_view text, UrlPath path) {
  const base::Error wrong{"not a URL like http://127.0.0.1:9464"};
  if (text.empty() || !has_only_url_characters(text)) return wrong;
  Url url;
  if (text.substr(0, 8) == "https://") {
    url.tls = true;
    text.remove_prefix(8);
  } else if (text.substr(0, 7) == "http://") {
    text.remove_prefix(7);
  } else if (text.find("://") != std::string_view::npos) {
    return wrong;
  }
  const size_t slash = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, slash);
  url.path = text.substr(slash);
  if (authority.find('@') != std::string_view::npos) {
    return base::Error{"no name and password in the URL: use --token"};
  }
  if (!authority.empty() && authority.front() == '[') {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) return wrong;
    url.host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    authority.remove_prefix(colon);
  }
  url.port = url.tls ? 443 : 80;
  if (!authority.empty()) {
    const char* end = authority.data() + authority.size();
    const auto [rest, error] = std::from_chars(authority.data() + 1, end, url.port);
    if (authority.front() != ':' || error != std::errc() || rest != end) return wrong;
  }
  if (url.host.empty() || url.port < 1 || url.port > kPortMax) return wrong;
  if (url.path.empty()) {
    url.path = path.path;
  } else if (url.path.front() != '/') {
    return wrong;
  } else if (path.always || url.path.back() == '/') {
    while (!url.path.empty() && url.path.back() == '/') url.path.pop_back();
    url.path += path.path;
  }
  return url;
}

base::Result<HttpAnswer> http_get(const HttpRequest& request, const std::stop_token& stop) {
  const auto attempt = std::make_shared<Attempt>(request);
  attempt->client = make_client(request);
  if (!attempt->client->is_valid())
    return base::Error{request.ca_file.empty() ? "TLS cannot be set up"
                                               : "the certificates (--ca) cannot be read"};
  attempt->client->set_socket_options(
      [shared = attempt.get()](int socket) { shared->socket = socket; });
  std::future<void> done = attempt->done.get_future();
  std::thread thread([attempt] {
    make(*attempt);
    attempt->socket = -1;
    attempt->done.set_value();
  });

  // A server that sends a byte now and then, or headers without end, keeps to each limit that the
  // library knows; so what it takes in all is watched from here.
  const auto deadline = Clock::now() + request.timeout;
  const size_t received_max = request.bytes_max + kHeaderBytesMax;
  bool late = false;
  bool flooded = false;
  while (done.wait_for(kLook) != std::future_status::ready) {
    late = Clock::now() >= deadline || stop.stop_requested();
    const int socket = attempt->socket;
    flooded = socket >= 0 && received_bytes(socket) > received_max;
    if (late || flooded) break;
  }
  if (late || flooded) {
    attempt->client->stop();
    if (done.wait_for(2 * kGrace) != std::future_status::ready) {
      thread.detach();
      return base::Error{"no whole answer in time"};
    }
  }
  thread.join();
  if (attempt->too_large || flooded) return base::Error{"the answer is too large"};
  if (late) return base::Error{"no whole answer in time"};
  if (attempt->error != httplib::Error::Success) return base::Error{to_words(attempt->error)};
  return std::move(attempt->answer);
}

}  // namespace millrace::cli
