// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/base/result.h"

// Asking an instance for one of its pages (cpp-httplib is in http_get.cc alone).
namespace millrace::cli {

struct Url {
  bool tls = false;
  std::string host;  // an IPv6 address without its brackets
  int port = 0;
  std::string path;
};

// "http://127.0.0.1:9464", "https://host/behind/a/prefix", "localhost:9464" (http). Where no path
// is given it is `path`; where one is given that ends in a slash, or `always`, `path` is appended.
struct UrlPath {
  std::string_view path;
  bool always = false;
};

[[nodiscard]] base::Result<Url> parse_url(std::string_view text, UrlPath path);

struct HttpAnswer {
  int status = 0;
  std::string body;
};

struct HttpRequest {
  Url url;
  std::string token;    // sent as bearer token; empty: none
  std::string ca_file;  // PEM, instead of the system's certificates; empty: those
  std::chrono::milliseconds timeout{3000};  // for all of it
  size_t bytes_max = size_t{8} << 20;       // of the body
};

// One GET. Redirects are not followed, nothing is decompressed, certificates are checked. It takes
// hardly longer than the timeout, or a second after `stop`, and hardly more memory than bytes_max,
// whatever is sent; what is sent may be anything. Errors are sentences without anything of what was
// sent.
[[nodiscard]] base::Result<HttpAnswer> http_get(const HttpRequest& request,
                                                const std::stop_token& stop = {});

}  // namespace millrace::cli
