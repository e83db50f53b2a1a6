// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
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
  [[nodiscard]] Clock::time_point deadline() const {
    return goes_on_ ? Clock::time_point() : deadline_;
  }

  // Goes on without waiting, for a bounded number of moves: a client that always has more to say,
  // or to take, leaves the others their turn. False: it is over.
  [[nodiscard]] bool step(Clock::time_point now);

  // Of an event stream the last event, of other connections the answer that is under way is still
  // written, for a moment. Requires: `stopping`, and a sampler that takes no more samples.
  void stop(Clock::time_point now);

  // The other side is gone. Where something may still be read or written, that finds it out.
  void hang_up();

  // Nothing is under way: it may be closed for somebody else.
  [[nodiscard]] bool is_idle() const {
    return state_ == State::kReading && input_.empty() && !goes_on_;
  }

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
  bool move(Clock::time_point now);
  // Each does one thing, and returns whether to go on at once.
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

  [[nodiscard]] bool has_output() const { return !output_.empty() || page_ != nullptr; }

  bool write_some(Clock::time_point now);
  bool wait(Channel::State state);

  Shared& shared_;
  Channel channel_;
  State state_ = State::kHandshake;
  short events_ = 0;
  bool goes_on_ = false;  // the last step() ended before it had to wait
  Clock::time_point deadline_;
  std::string input_;
  std::string output_;
  std::shared_ptr<const std::string> page_;  // goes out behind it
  size_t written_ = 0;                       // of `output_`, and then of `page_`
  Request request_;
  Answer answer_;
  Clock::time_point asked_;  // kWaiting: since when
  uint64_t event_ = 0;       // the last that was sent
  bool counted_ = false;     // among the streams
};

}  // namespace millrace::serve
