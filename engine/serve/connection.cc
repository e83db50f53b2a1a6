// SPDX-License-Identifier: Apache-2.0
#include "engine/serve/connection.h"

#include <algorithm>
#include <array>
#include <poll.h>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace millrace::serve {
namespace {

constexpr size_t kReadBytes = 4096;
// Of a connection before the others have their turn.
constexpr size_t kMovesMax = 64;
// What a client may still send to an answer that ends its connection.
constexpr size_t kLingerReads = 64;
constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::chrono::milliseconds kStopping{1000};

}  // namespace

Connection::Connection(int socket, const TlsContext* tls, Shared& shared)
    : shared_(shared), channel_(socket, tls) {
  enter(State::kHandshake, Clock::now(), shared_.patience.request);
  events_ = POLLIN;
}

Connection::~Connection() {
  if (counted_) --shared_.streams;
}

void Connection::enter(State state, Clock::time_point now, std::chrono::milliseconds patience) {
  state_ = state;
  deadline_ = now + patience;
  events_ = 0;
}

bool Connection::step(Clock::time_point now) {
  goes_on_ = true;
  for (size_t moves = 0; moves < kMovesMax && goes_on_; ++moves) goes_on_ = move(now);
  return state_ != State::kOver;
}

bool Connection::move(Clock::time_point now) {
  if (now >= deadline_) expire(now);
  switch (state_) {
    case State::kHandshake:
      return handshake(now);
    case State::kReading:
      return read(now);
    case State::kWaiting:
      return wait_for_page(now);
    case State::kWriting:
      return write(now);
    case State::kStreaming:
      return stream(now);
    case State::kLingering:
      return linger();
    case State::kOver:
      break;
  }
  return false;
}

void Connection::stop(Clock::time_point now) {
  if (state_ == State::kHandshake || is_idle()) {
    state_ = State::kOver;
    return;
  }
  deadline_ = std::min(deadline_, now + kStopping);
}

void Connection::hang_up() {
  if (events_ == 0 && !goes_on_) state_ = State::kOver;
}

// Time is up: for what?
void Connection::expire(Clock::time_point now) {
  if (state_ == State::kWaiting) {
    respond(Response::sentence(503, "The pipeline did not answer in time."), false, now);
  } else if (state_ == State::kReading && !input_.empty()) {
    respond(Response::sentence(408, "The request took too long."), false, now);
  } else {
    state_ = State::kOver;
  }
}

bool Connection::wait(Channel::State state) {
  if (state == Channel::State::kClosed) state_ = State::kOver;
  events_ = state == Channel::State::kWantWrite ? POLLOUT : POLLIN;
  return false;
}

bool Connection::handshake(Clock::time_point /*now*/) {
  const Channel::State state = channel_.handshake();
  if (state != Channel::State::kDone) return wait(state);
  state_ = State::kReading;  // the deadline stays: it is for the first request too
  return true;
}

bool Connection::read(Clock::time_point now) {
  if (!input_.empty() && handle(now)) return true;
  std::array<char, kReadBytes> bytes{};
  const Channel::Moved moved = channel_.read(bytes);
  if (moved.state != Channel::State::kDone) return wait(moved.state);
  if (input_.empty()) deadline_ = now + shared_.patience.request;
  input_.append(bytes.data(), moved.bytes);
  return true;
}

// Whether there was a whole request, which is now being answered.
bool Connection::handle(Clock::time_point now) {
  Parsed parsed = parse_request(input_);
  if (parsed.state == Parsed::State::kIncomplete) return false;
  if (parsed.state == Parsed::State::kRefused) {
    request_ = Request();
    respond(Response::sentence(parsed.status, parsed.why), false, now);
    return true;
  }
  input_.erase(0, parsed.bytes);
  request_ = std::move(parsed.request);
  answer_ = shared_.routes.answer(request_);
  switch (answer_.kind) {
    case Answer::Kind::kResponse:
      respond(answer_.response, request_.keep_alive, now);
      break;
    case Answer::Kind::kPage:
      asked_ = now;
      enter(State::kWaiting, now, shared_.patience.page);
      break;
    case Answer::Kind::kStream:
      begin_stream(answer_.response, now);
      break;
  }
  return true;
}

bool Connection::wait_for_page(Clock::time_point now) {
  const auto sampled = shared_.sampler.want(answer_.page, asked_);
  if (!sampled) return false;
  if (sampled->text) {
    answer_.response.page = sampled->text;
    respond(answer_.response, request_.keep_alive, now);
  } else {
    respond(Response::sentence(503, shared_.sampler.not_ready()), request_.keep_alive, now);
  }
  return true;
}

void Connection::begin_stream(const Response& head, Clock::time_point now) {
  if (request_.method == "HEAD") {
    output_ = to_stream_head(head);
    enter(State::kWriting, now, shared_.patience.response);
    request_.keep_alive = false;
  } else if (!shared_.sampler.vitals().text) {
    respond(Response::sentence(503, shared_.sampler.not_ready()), request_.keep_alive, now);
  } else if (shared_.streams >= shared_.streams_max) {
    respond(
        Response::sentence(503, fmt::format("{} event streams are open already, and no more are "
                                            "served: close another page.",
                                            shared_.streams)),
        request_.keep_alive, now);
  } else {
    ++shared_.streams;
    counted_ = true;
    // Who loses the stream comes back after two seconds.
    output_ = to_stream_head(head) + "retry: 2000\n\n";
    enter(State::kStreaming, now, shared_.patience.events);
  }
}

void Connection::respond(const Response& response, bool keep_alive, Clock::time_point now) {
  request_.keep_alive = keep_alive && !shared_.stopping;
  const bool with_body = request_.method != "HEAD";
  output_ = to_bytes(response, with_body, request_.keep_alive);
  if (with_body) page_ = response.page;
  enter(State::kWriting, now, shared_.patience.response);
}

// What is written is let go at once: an answer may be long, and its connection idle for long.
bool Connection::write_some(Clock::time_point now) {
  const std::string& from = output_.empty() ? *page_ : output_;
  const Channel::Moved moved = channel_.write(std::string_view(from).substr(written_));
  if (moved.state != Channel::State::kDone) return wait(moved.state);
  if (state_ == State::kStreaming) deadline_ = now + shared_.patience.events;
  written_ += moved.bytes;
  if (written_ < from.size()) return true;
  written_ = 0;
  if (output_.empty()) {
    page_.reset();
  } else {
    std::string().swap(output_);  // clear() would keep its memory
  }
  return true;
}

bool Connection::write(Clock::time_point now) {
  if (has_output()) return write_some(now);
  answer_ = Answer();
  if (request_.keep_alive) {
    enter(State::kReading, now, input_.empty() ? shared_.patience.idle : shared_.patience.request);
  } else {
    // Closed at once, what it still sent would make the system throw the answer away.
    channel_.end_writing();
    enter(State::kLingering, now, kLinger);
  }
  return true;
}

// One event at a time: who is slow misses some, and costs no memory.
bool Connection::stream(Clock::time_point now) {
  if (has_output()) return write_some(now);
  const Sampler::Sampled sampled = shared_.sampler.vitals();
  if (sampled.number != event_ && sampled.text) {
    event_ = sampled.number;
    output_ = fmt::format("event: vitals\ndata: {}\n\n", *sampled.text);
    return true;
  }
  // There is no pipeline any more, or that was the last event.
  if (sampled.number != event_ || shared_.stopping) {
    channel_.end_writing();
    state_ = State::kOver;
    return false;
  }
  deadline_ = now + shared_.patience.events;
  // Nothing is expected but the end.
  std::array<char, kReadBytes> bytes{};
  const Channel::Moved moved = channel_.read(bytes);
  if (moved.state == Channel::State::kDone) return true;
  return wait(moved.state);
}

bool Connection::linger() {
  std::array<char, kReadBytes> bytes{};
  for (size_t reads = 0; reads < kLingerReads; ++reads) {
    const Channel::Moved moved = channel_.read(bytes);
    if (moved.state != Channel::State::kDone) return wait(moved.state);
  }
  state_ = State::kOver;
  return false;
}

}  // namespace millrace::serve
