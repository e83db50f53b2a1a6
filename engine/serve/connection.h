// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/serve/channel.h"
#include "engine/serve/http.h"
#include "engine/serve/routes.h"
#include "engine/serve/sampler.h"

namespace millrace::serve {

// How long a connection may take for each thing. They bound how long a slow or silent client keeps
// one of the few places.
struct Patience {
  std::chrono::milliseconds request{10'000};  // from its first byte, or the connection's begin
  std::chrono::milliseconds idle{30'000};     // between two requests
  std::chrono::milliseconds page{10'000};     // until the pipeline has answered
  std::chrono::milliseconds response{60'000};
  std::chrono::milliseconds events{30'000};  // that the other side takes none of an event stream
};

// One client: reads its requests, one after the other, and writes the answers; never waits.
//
// Threading: one thread.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  struct Shared {
    const Routes& routes;
    Sampler& sampler;
    const Patience& patience;
    size_t streams_max;
    size_t& streams;  // how many event streams are open
    bool stopping = false;
  };

  Connection(int socket, const TlsContext* tls, Shared& shared);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] int socket() const { return channel_.socket(); }

  // What poll() should look for: POLLIN, POLLOUT or nothing.
  [[nodiscard]] short events() const { return events_; }

  // When step() is due whatever happens.
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }

  // Goes on as far as it goes without waiting. False: it is over.
  [[nodiscard]] bool step(Clock::time_point now);

  // Of an event stream the last event, of other connections the answer that is under way is still
  // written, for a moment. Requires: `stopping`, and a sampler that takes no more samples.
  void stop(Clock::time_point now);

  // The other side is gone. Where something may still be read or written, that finds it out.
  void hang_up();

  // Nothing is under way: it may be closed for somebody else.
  [[nodiscard]] bool is_idle() const { return state_ == State::kReading && input_.empty(); }

 private:
  enum class State {
    kHandshake,
    kReading,
    kWaiting,  // for a page
    kWriting,
    kStreaming,
    kLingering,  // answered; until the other side has read it
    kOver,
  };

  void enter(State state, Clock::time_point now, std::chrono::milliseconds patience);
  // Each returns whether to go on at once.
  bool handshake(Clock::time_point now);
  bool read(Clock::time_point now);
  bool handle(Clock::time_point now);
  bool wait_for_page(Clock::time_point now);
  bool write(Clock::time_point now);
  bool stream(Clock::time_point now);
  bool linger();
  void expire(Clock::time_point now);
  void respond(const Response& response, bool keep_alive, Clock::time_point now);
  void begin_stream(const Response& head, Clock::time_point now);
  // Writes what is there; false where it has to be waited for, or the connection is over.
  bool flush(Clock::time_point now);
  bool wait(Channel::State state);

  Shared& shared_;
  Channel channel_;
  State state_ = State::kHandshake;
  short events_ = 0;
  Clock::time_point deadline_;
  std::string input_;
  std::string output_;
  size_t written_ = 0;
  Request request_;
  Answer answer_;
  uint64_t event_ = 0;    // the last that was sent
  bool counted_ = false;  // among the streams
};

}  // namespace millrace::serve
