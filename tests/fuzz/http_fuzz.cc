// SPDX-License-Identifier: Apache-2.0
// Any bytes come as the requests of a connection; each that is taken is one whatever part of it
// came first, holds nothing that could be written on as a line of its own, and takes a bounded
// room. Input: what a client sends.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/serve/http.h"
#include "tests/fuzz/fuzz_target.h"

namespace millrace::fuzz {
namespace {

using serve::Parsed;

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

void check(const serve::Request& request) {
  MILLRACE_CHECK(!request.method.empty() && is_one_line(request.method));
  MILLRACE_CHECK(request.path.starts_with('/'));
  MILLRACE_CHECK(request.path.find_first_of(" ?#") == std::string::npos);
  MILLRACE_CHECK(is_one_line(request.path) && is_one_line(request.query));
  MILLRACE_CHECK(request.path.size() + request.query.size() <= serve::kTargetBytesMax);
  MILLRACE_CHECK(request.headers.size() <= serve::kHeadersMax);
  for (const auto& [name, value] : request.headers)
    MILLRACE_CHECK(!name.empty() && is_one_line(name) && is_one_line(value));
}

void run(std::string_view input) {
  for (;;) {
    const Parsed parsed = serve::parse_request(input);
    if (parsed.state == Parsed::State::kIncomplete) {
      MILLRACE_CHECK(input.size() <= serve::kRequestBytesMax);
      return;
    }
    if (parsed.state == Parsed::State::kRefused) {
      MILLRACE_CHECK(parsed.status >= 400 && parsed.status < 600 && !parsed.why.empty());
      return;
    }
    MILLRACE_CHECK(parsed.bytes > 0 && parsed.bytes <= input.size());
    check(parsed.request);
    const Parsed alone = serve::parse_request(input.substr(0, parsed.bytes));
    MILLRACE_CHECK(alone.state == Parsed::State::kDone && alone.bytes == parsed.bytes);
    const Parsed part = serve::parse_request(input.substr(0, parsed.bytes - 1));
    MILLRACE_CHECK(part.state == Parsed::State::kIncomplete);
    input.remove_prefix(parsed.bytes);
  }
}

}  // namespace
}  // namespace millrace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  millrace::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
