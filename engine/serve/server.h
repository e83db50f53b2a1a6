// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "engine/base/result.h"
#include "engine/serve/connection.h"
#include "engine/serve/routes.h"
#include "engine/serve/sampler.h"
#include "engine/serve/seams.h"
#include "engine/serve/tls.h"

namespace millrace::serve {

// Answers over HTTP what runs in this process: docs/serving.md. One thread serves all connections
// and waits for none of them; another asks the pipeline (Sampler). So a slow client costs a place
// among a fixed number, for a bounded time, and nothing else.
//
// Threading: start() and stop() from one thread. Lifetime: what the seams refer to lives until
// stop() has returned.
class Server {
 public:
  struct Options {
    std::string address = "127.0.0.1";  // numeric; IPv6 without brackets
    uint16_t port = 0;                  // 0: a free one
    bool loopback = true;               // the address is this machine's own
    std::string token;                  // empty: none is asked for
    std::shared_ptr<TlsContext> tls;    // null: plain
    size_t connections_max = 64;
    size_t streams_max = 16;
    Patience patience;
    Sampler::Options sampler;
  };

  // Takes the port, so that what is wrong with it is known before anything else begins; connections
  // wait until start(). The message says what is wrong with the address.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> listen(Options options, Seams seams);

  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  // Event streams end with how the pipeline is now, other answers within a second. Idempotent.
  void stop();

  [[nodiscard]] uint16_t port() const { return port_; }

  // "http://127.0.0.1:9464/"; of an address that means all, one that leads here from this machine.
  [[nodiscard]] std::string url() const;

 private:
  Server(Options options, Seams seams, int listener, int wake_fd, uint16_t port);

  void wake();
  void run();
  void accept_all();
  // Whether there is a place for one more, be it that of a connection with nothing under way.
  [[nodiscard]] bool has_room() const;
  // Waits for something to do; returns whether somebody wants to connect.
  bool wait_for_events();
  void step_all();

  const Options options_;
  const int listener_;
  const int wake_;  // an eventfd
  const uint16_t port_;
  Sampler sampler_;
  const Routes routes_;
  size_t streams_ = 0;
  Connection::Shared shared_;
  std::atomic<bool> stopping_{false};
  std::list<Connection> connections_;  // the thread's
  std::chrono::steady_clock::time_point accept_again_{};
  std::thread thread_;
};

}  // namespace millrace::serve
