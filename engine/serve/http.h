// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// HTTP/1.1 as far as this server speaks it: requests without a body, answers of a known length, and
// event streams that end with the connection. Strict: what is not a request in the grammar of
// RFC 9112 is refused, and the connection closed.
namespace millrace::serve {

inline constexpr size_t kRequestBytesMax = size_t{16} << 10;  // line and headers
inline constexpr size_t kTargetBytesMax = 2048;
inline constexpr size_t kHeadersMax = 64;

struct Request {
  std::string method;
  std::string path;                                         // as it was sent, without the query
  std::string query;                                        // behind '?'
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  bool keep_alive = true;

  // Empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct Parsed {
  enum class State { kIncomplete, kDone, kRefused };

  State state = State::kIncomplete;
  Request request;    // kDone
  size_t bytes = 0;   // kDone: how many of the input it took
  int status = 0;     // kRefused
  std::string why{};  // kRefused: a sentence
};

// The request that `input` begins with.
[[nodiscard]] Parsed parse_request(std::string_view input);

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::shared_ptr<const std::string> page;  // where there is one, instead of the body: not copied
  std::vector<std::pair<std::string, std::string>> headers;  // beside those that all have

  // A sentence for people, with its newline.
  static Response sentence(int status, std::string_view text);
};

// The bytes of an answer, without its page, which follows them. `with_body`: not to HEAD, which
// gets the headers alone.
[[nodiscard]] std::string to_bytes(const Response& response, bool with_body, bool keep_alive);

// The same of an answer without a length, which goes on until the connection ends.
[[nodiscard]] std::string to_stream_head(const Response& response);

}  // namespace millrace::serve
