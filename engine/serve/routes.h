// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "engine/serve/http.h"
#include "engine/serve/sampler.h"

namespace millrace::serve {

// What a request is answered with, if not at once.
struct Answer {
  enum class Kind {
    kResponse,
    kPage,    // `page`, once the sampler has it, as `content_type`
    kStream,  // the events
  };

  Kind kind = Kind::kResponse;
  Response response;  // kResponse; of the others the head
  Page page = Page::kVitals;
};

// Which address is what, and who may see it. docs/serving.md lists them.
//
// Threading: any thread.
class Routes {
 public:
  // `token` empty: none is asked for. `loopback`: the server listens for this machine only; then a
  // request names this machine as its host, so that no page from elsewhere can read it by a name
  // of its own that leads here.
  Routes(std::string token, bool loopback, const Sampler& sampler);

  [[nodiscard]] Answer answer(const Request& request) const;

 private:
  [[nodiscard]] bool is_authorized(const Request& request) const;
  [[nodiscard]] std::optional<Response> refusal(const Request& request) const;
  [[nodiscard]] std::optional<Answer> data(const Request& request) const;

  const std::string token_;
  const bool loopback_;
  const Sampler& sampler_;
};

}  // namespace millrace::serve
