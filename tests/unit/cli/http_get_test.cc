// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/http_get.h"

#include <chrono>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

std::string parsed(std::string_view text) {
  const auto url = parse_url(text, {.path = "/vitals.json"});
  if (!url.ok()) return "error";
  return fmt::format("{} {} {} {}", url.value().tls ? "https" : "http", url.value().host,
                     url.value().port, url.value().path);
}

TEST(ParseUrl, WhatIsLeftOutIsFilledIn) {
  EXPECT_EQ(parsed("http://127.0.0.1:9464"), "http 127.0.0.1 9464 /vitals.json");
  EXPECT_EQ(parsed("localhost:9464"), "http localhost 9464 /vitals.json");
  EXPECT_EQ(parsed("https://engine"), "https engine 443 /vitals.json");
  EXPECT_EQ(parsed("http://engine/"), "http engine 80 /vitals.json");
  EXPECT_EQ(parsed("http://engine/behind/"), "http engine 80 /behind/vitals.json");
  EXPECT_EQ(parsed("http://engine/other.json?x=1"), "http engine 80 /other.json?x=1");
  EXPECT_EQ(parsed("http://[::1]:9464"), "http ::1 9464 /vitals.json");
}

TEST(ParseUrl, RefusesWhatIsNone) {
  for (const char* text : {"", "ftp://host", "http://", "http://:80", "http://h:", "http://h:0",
                           "http://h:65536", "http://h:1x", "http://a@h", "http://[::1", "h h",
                           "http://h/\r\nX: y", "http://h?x", "http://[::1]x"})
    EXPECT_EQ(parsed(text), "error") << text;
}

// Accepts connections and never says anything.
class Silent {
 public:
  Silent() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, any, size), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    EXPECT_EQ(getsockname(socket_, any, &size), 0);
    port_ = ntohs(address.sin_port);
  }

  Silent(const Silent&) = delete;
  Silent& operator=(const Silent&) = delete;

  ~Silent() { close(socket_); }

  [[nodiscard]] int port() const { return port_; }

 private:
  const int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
};

TEST(HttpGet, EndsWhenItIsToldTo) {
  const Silent server;
  HttpRequest request;
  request.url = {.host = "127.0.0.1", .port = server.port(), .path = "/"};
  request.timeout = std::chrono::minutes{1};
  std::stop_source stop;
  stop.request_stop();
  const auto began = std::chrono::steady_clock::now();

  EXPECT_FALSE(http_get(request, stop.get_token()).ok());

  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{20});
}

}  // namespace
}  // namespace millrace::cli
