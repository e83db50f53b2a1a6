// SPDX-License-Identifier: Apache-2.0
#include "engine/serve/channel.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace millrace::serve {
namespace {

bool would_block() {
  return errno == EAGAIN || errno == EINTR;
}

int bounded(size_t size) {
  return static_cast<int>(std::min(size, static_cast<size_t>(std::numeric_limits<int>::max())));
}

}  // namespace

Channel::Channel(int socket, const TlsContext* tls) : socket_(socket) {
  if (tls == nullptr) return;
  tls_ = SSL_new(tls->get());
  broken_ = tls_ == nullptr;  // never plain instead
  if (broken_) return;
  SSL_set_fd(tls_, socket);
  SSL_set_accept_state(tls_);
}

Channel::~Channel() {
  SSL_free(tls_);
  ::close(socket_);
}

Channel::State Channel::state_of(int result) {
  const int error = SSL_get_error(tls_, result);
  ERR_clear_error();
  if (error == SSL_ERROR_WANT_READ) return State::kWantRead;
  if (error == SSL_ERROR_WANT_WRITE) return State::kWantWrite;
  return State::kClosed;
}

Channel::State Channel::handshake() {
  if (broken_) return State::kClosed;
  if (tls_ == nullptr) return State::kDone;
  ERR_clear_error();
  const int result = SSL_do_handshake(tls_);
  return result == 1 ? State::kDone : state_of(result);
}

Channel::Moved Channel::read(std::span<char> to) {
  if (tls_ != nullptr) {
    ERR_clear_error();
    const int result = SSL_read(tls_, to.data(), bounded(to.size()));
    if (result > 0) return {State::kDone, static_cast<size_t>(result)};
    return {state_of(result), 0};
  }
  const ssize_t result = ::recv(socket_, to.data(), to.size(), 0);
  if (result > 0) return {State::kDone, static_cast<size_t>(result)};
  if (result < 0 && would_block()) return {State::kWantRead, 0};
  return {State::kClosed, 0};
}

Channel::Moved Channel::write(std::string_view from) {
  if (from.empty()) return {};
  if (tls_ != nullptr) {
    ERR_clear_error();
    const int result = SSL_write(tls_, from.data(), bounded(from.size()));
    if (result > 0) return {State::kDone, static_cast<size_t>(result)};
    return {state_of(result), 0};
  }
  const ssize_t result = ::send(socket_, from.data(), from.size(), MSG_NOSIGNAL);
  if (result >= 0) return {State::kDone, static_cast<size_t>(result)};
  if (would_block()) return {State::kWantWrite, 0};
  return {State::kClosed, 0};
}

void Channel::end_writing() {
  if (tls_ != nullptr) {
    ERR_clear_error();
    SSL_shutdown(tls_);
    ERR_clear_error();
  }
  ::shutdown(socket_, SHUT_WR);
}

}  // namespace millrace::serve
