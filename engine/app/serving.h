// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/engine.h"
#include "engine/base/mutex.h"
#include "engine/config/pipeline_config.h"
#include "engine/config/problems.h"
#include "engine/serve/server.h"

namespace millrace::app {

// The HTTP server of a run: answers from before the engine starts, with what that waits for, until
// after the final report.
//
// Threading: any thread; begin() and the destructor from one.
class Serving {
 public:
  // Takes the port and answers from then on. Throws base::StartupError: with kUsage where a file of
  // `tls` is wrong, with kFailed where the port cannot be had.
  [[nodiscard]] static std::unique_ptr<Serving> begin(const config::ServeConfig& config);

  ~Serving();
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  // What the start waits for, as part of a sentence: "a broker at kafka:9092".
  void set_waits_for(const std::string& what);
  // Lifetime: the engine outlives this.
  void attach(const Engine& engine);

  [[nodiscard]] std::string url() const { return server_->url(); }

 private:
  Serving() = default;

  [[nodiscard]] serve::Seams seams();

  base::Mutex waiting_mutex_;
  std::string waits_for_ GUARDED_BY(waiting_mutex_) = "the start";
  std::atomic<const Engine*> engine_{nullptr};
  std::unique_ptr<serve::Server> server_;  // last: it asks the above until it has stopped
};

// What is wrong with the files that `serve.tls` names, beyond that they can be read.
[[nodiscard]] std::vector<config::Problem> check_serve(const config::PipelineConfig& config);

// "127.0.0.1:9464, with a token, over TLS"; "nothing".
[[nodiscard]] std::string describe_serve(const std::optional<config::ServeConfig>& config);

}  // namespace millrace::app
