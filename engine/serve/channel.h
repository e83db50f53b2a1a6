// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "engine/serve/tls.h"

struct ssl_st;

namespace millrace::serve {

// A connection's bytes, plain or over TLS, without ever waiting: where something would have to be
// waited for, it says for what.
//
// Threading: one thread, in which SIGPIPE is blocked. Lifetime: owns its socket.
class Channel {
 public:
  enum class State {
    kDone,       // `bytes` were moved
    kWantRead,   // again once the socket can be read
    kWantWrite,  // again once it can be written
    kClosed,     // by the other side, or broken
  };

  struct Moved {
    State state = State::kDone;
    size_t bytes = 0;
  };

  // Takes the socket, which does not block; `tls` null: plain.
  Channel(int socket, const TlsContext* tls);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  [[nodiscard]] int socket() const { return socket_; }

  // To be called until kDone before anything else; at once for a plain one.
  [[nodiscard]] State handshake();
  [[nodiscard]] Moved read(std::span<char> to);
  [[nodiscard]] Moved write(std::string_view from);
  // No more is written: the other side sees the end.
  void end_writing();

 private:
  [[nodiscard]] State state_of(int result);

  int socket_;
  ssl_st* tls_ = nullptr;
  bool broken_ = false;
};

}  // namespace millrace::serve
