// SPDX-License-Identifier: Apache-2.0
#include "engine/serve/http.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::serve {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using State = Parsed::State;

TEST(Http, ARequestIsReadAndWhatFollowsIsLeft) {
  const Parsed parsed = parse_request(
      "GET /report?format=json HTTP/1.1\r\nHost: localhost\r\naccept:  text/plain \r\n\r\nGET /");

  ASSERT_EQ(parsed.state, State::kDone);
  EXPECT_EQ(parsed.request.method, "GET");
  EXPECT_EQ(parsed.request.path, "/report");
  EXPECT_EQ(parsed.request.query, "format=json");
  EXPECT_EQ(parsed.request.header("accept"), "text/plain");
  EXPECT_EQ(parsed.request.header("none"), "");
  EXPECT_TRUE(parsed.request.keep_alive);
  EXPECT_EQ(parsed.bytes,
            std::string("GET /report?format=json HTTP/1.1\r\n").size() +
                std::string("Host: localhost\r\naccept:  text/plain \r\n\r\n").size());
}

TEST(Http, EveryBeginningOfARequestIsWaitedFor) {
  const std::string whole = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_EQ(parse_request(whole.substr(0, length)).state, State::kIncomplete) << length;
  EXPECT_EQ(parse_request(whole).state, State::kDone);
}

TEST(Http, TheConnectionGoesOnUnlessTheClientSaysOtherwise) {
  const auto keeps = [](const std::string& version, const std::string& header) {
    return parse_request("GET / " + version + "\r\n" + header + "\r\n").request.keep_alive;
  };
  EXPECT_TRUE(keeps("HTTP/1.1", ""));
  EXPECT_FALSE(keeps("HTTP/1.1", "Connection: Close\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.0", ""));
}

class Refused : public ::testing::TestWithParam<std::pair<std::string, int>> {};

TEST_P(Refused, IsWhatIsNoRequest) {
  const auto& [input, status] = GetParam();
  const Parsed parsed = parse_request(input);
  ASSERT_EQ(parsed.state, State::kRefused);
  EXPECT_EQ(parsed.status, status);
  EXPECT_THAT(parsed.why, EndsWith("."));
}

std::string with_headers(size_t count) {
  std::string text = "GET / HTTP/1.1\r\n";
  for (size_t i = 0; i < count; ++i) text += "h" + std::to_string(i) + ": x\r\n";
  return text + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    Inputs, Refused,
    ::testing::Values(
        std::pair("GET /\r\n\r\n", 400), std::pair("GET  HTTP/1.1\r\n\r\n", 400),
        std::pair("G(T / HTTP/1.1\r\n\r\n", 400), std::pair("GET http://a/ HTTP/1.1\r\n\r\n", 400),
        std::pair("GET /a b HTTP/1.1\r\n\r\n", 400), std::pair("GET /a#b HTTP/1.1\r\n\r\n", 400),
        std::pair("GET / HTTP/2.0\r\n\r\n", 505),
        std::pair("GET /" + std::string(kTargetBytesMax, 'a') + " HTTP/1.1\r\n\r\n", 414),
        std::pair("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        std::pair("GET / HTTP/1.1\r\n folded: x\r\n\r\n", 400),
        std::pair("GET / HTTP/1.1\r\na : x\r\n\r\n", 400),
        std::pair("GET / HTTP/1.1\r\na: x\ny: z\r\n\r\n", 400),
        std::pair("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 400),
        std::pair("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 413),
        std::pair("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 413),
        std::pair(with_headers(kHeadersMax + 1), 431),
        std::pair("GET / HTTP/1.1\r\na: " + std::string(kRequestBytesMax, 'x'), 431),
        std::pair(std::string("\x16\x03\x01\x02", 4), 400)));

TEST(Http, AsManyHeadersAsAreAllowedAreRead) {
  EXPECT_EQ(parse_request(with_headers(kHeadersMax)).state, State::kDone);
}

TEST(Http, AnAnswerSaysItsLengthAndHowItMayBeUsed) {
  Response response = Response::sentence(503, "Not ready.");
  response.headers.emplace_back("X-A", "b");
  const std::string bytes = to_bytes(response, true, true);
  EXPECT_THAT(bytes, ::testing::StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(bytes, EndsWith("\r\n\r\nNot ready.\n"));
  EXPECT_THAT(bytes, HasSubstr("\r\nContent-Length: 11\r\n"));
  EXPECT_THAT(bytes, HasSubstr("\r\nConnection: keep-alive\r\n"));
  EXPECT_THAT(bytes, HasSubstr("\r\nX-A: b\r\n"));
  EXPECT_THAT(bytes, HasSubstr("\r\nContent-Security-Policy: default-src 'none';"));
  EXPECT_THAT(bytes, HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(bytes, HasSubstr("\r\nCache-Control: no-store\r\n"));
  const std::string head = to_bytes(response, false, false);
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nContent-Length: 11\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(to_stream_head(response), Not(HasSubstr("Content-Length")));
}

}  // namespace
}  // namespace millrace::serve
