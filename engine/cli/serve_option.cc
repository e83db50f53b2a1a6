// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/serve_option.h"

#include <CLI/CLI.hpp>

#include "engine/base/log.h"
#include "engine/config/serve.h"

namespace millrace::cli {

CLI::Option* add_serve(CLI::App& command, std::string& address) {
  return command
      .add_option("--serve", address,
                  "Answer over HTTP at ADDRESS:PORT (metrics, health, dashboard), whatever the "
                  "file says; port 0: a free one")
      ->check([](const std::string& text) -> std::string {
        if (config::parse_listen(text)) return {};
        return "'" + text +
               "' is not ADDRESS:PORT, such as 127.0.0.1:9464, [::1]:9464 or localhost:0";
      });
}

config::ServeConfig with_address(const std::optional<config::ServeConfig>& file,
                                 const std::string& address) {
  config::ServeConfig serve = config::parse_listen(address).value();
  if (file) {
    serve.token = file->token;
    serve.tls = file->tls;
  }
  if (!serve.is_loopback() && serve.token.empty()) {
    base::log::warn(
        "--serve {} is open to other machines, and there is no 'serve.token': everybody who "
        "reaches "
        "the port sees the insights.",
        address);
  }
  return serve;
}

}  // namespace millrace::cli
