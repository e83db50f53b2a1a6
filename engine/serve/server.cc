// SPDX-License-Identifier: Apache-2.0
#include "engine/serve/server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace millrace::serve {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBacklog = 64;
constexpr std::chrono::milliseconds kWaitMax{1000};
constexpr std::chrono::milliseconds kStopMax{1000};
constexpr std::chrono::milliseconds kAcceptPause{1000};
constexpr size_t kAcceptsAtATime = 16;
// A client that acknowledges nothing for so long is gone. Without this the system holds on to it,
// and an event stream's place with it, for a quarter of an hour.
constexpr std::chrono::milliseconds kVanished{30'000};

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

base::Result<Address> address_of(const std::string& text, uint16_t port) {
  Address address;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::copy_n(reinterpret_cast<const char*>(&v4), sizeof v4,
                reinterpret_cast<char*>(&address.storage));
    address.size = sizeof v4;
    return address;
  }
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::copy_n(reinterpret_cast<const char*>(&v6), sizeof v6,
                reinterpret_cast<char*>(&address.storage));
    address.size = sizeof v6;
    return address;
  }
  return base::Error{fmt::format("'{}' is no address in numbers", text)};
}

std::string error_text() {
  const int code = errno;
  if (code == EADDRINUSE) return "the port is taken by another program";
  if (code == EACCES) return "this user may not listen on that port";
  if (code == EADDRNOTAVAIL) return "this machine has no such address";
  return std::generic_category().message(code);
}

// In brackets where it is IPv6.
std::string host_text(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

// The port that the system chose.
uint16_t bound_port(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  if (storage.ss_family == AF_INET)
    return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
}

// OpenSSL writes to sockets without MSG_NOSIGNAL. The signal is the writing thread's own.
void block_sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

base::Result<std::unique_ptr<Server>> Server::listen(Options options, Seams seams) {
  const std::string where = fmt::format("{}:{}", host_text(options.address), options.port);
  auto address = address_of(options.address, options.port);
  if (!address.ok()) return address.error();
  const int listener = ::socket(address.value().storage.ss_family,
                                SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (listener < 0) return base::Error{fmt::format("cannot listen on {}: {}", where, error_text())};
  // A restart need not wait for connections of the run before.
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address.value().storage),
             address.value().size) != 0 ||
      ::listen(listener, kBacklog) != 0) {
    base::Error error{fmt::format("cannot listen on {}: {}", where, error_text())};
    ::close(listener);
    return error;
  }
  const int wake = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake < 0) {
    base::Error error{fmt::format("cannot listen on {}: {}", where, error_text())};
    ::close(listener);
    return error;
  }
  return std::unique_ptr<Server>(
      new Server(std::move(options), std::move(seams), listener, wake, bound_port(listener)));
}

Server::Server(Options options, Seams seams, int listener, int wake_fd, uint16_t port)
    : options_(std::move(options)),
      listener_(listener),
      wake_(wake_fd),
      port_(port),
      sampler_(std::move(seams), options_.sampler, [this] { this->wake(); }),
      routes_(options_.token, options_.loopback, sampler_),
      shared_{routes_, sampler_, options_.patience, options_.streams_max, streams_} {}

Server::~Server() {
  stop();
  ::close(listener_);
  ::close(wake_);
}

void Server::start() {
  sampler_.start();
  thread_ = std::thread([this] { run(); });
}

void Server::stop() {
  sampler_.stop();
  stopping_.store(true, std::memory_order_release);
  wake();
  if (thread_.joinable()) thread_.join();
}

std::string Server::url() const {
  std::string address = options_.address;
  if (address == "0.0.0.0") address = "127.0.0.1";
  if (address == "::") address = "::1";
  return fmt::format("{}://{}:{}/", options_.tls ? "https" : "http", host_text(address), port_);
}

void Server::wake() {
  const uint64_t one = 1;
  // Full means that it is awake already.
  static_cast<void>(::write(wake_, &one, sizeof one));
}

void Server::run() {
  block_sigpipe();
  while (!stopping_.load(std::memory_order_acquire)) {
    const bool somebody_comes = wait_for_events();
    step_all();  // first: whose request has just come is not idle any more
    if (somebody_comes) accept_all();
  }
  const Clock::time_point until = Clock::now() + kStopMax;
  shared_.stopping = true;
  for (Connection& connection : connections_) connection.stop(Clock::now());
  while (true) {
    step_all();
    if (connections_.empty() || Clock::now() >= until) break;
    static_cast<void>(wait_for_events());
  }
  connections_.clear();
}

bool Server::wait_for_events() {
  std::vector<pollfd> polled;
  polled.reserve(connections_.size() + 2);
  polled.push_back({wake_, POLLIN, 0});
  Clock::time_point deadline = Clock::now() + kWaitMax;
  for (const Connection& connection : connections_) {
    polled.push_back({connection.socket(), connection.events(), 0});
    deadline = std::min(deadline, connection.deadline());
  }
  // Where all places are taken and busy, who comes waits outside until one is free.
  const bool accepts =
      has_room() && Clock::now() >= accept_again_ && !stopping_.load(std::memory_order_acquire);
  if (accepts) polled.push_back({listener_, POLLIN, 0});
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  ::poll(polled.data(), polled.size(), static_cast<int>(std::max<int64_t>(0, wait.count())));
  if ((polled.front().revents & POLLIN) != 0) {
    uint64_t count = 0;
    static_cast<void>(::read(wake_, &count, sizeof count));
  }
  size_t at = 1;
  for (Connection& connection : connections_) {
    const short seen = polled[at++].revents;
    if ((seen & (POLLERR | POLLHUP | POLLNVAL)) != 0) connection.hang_up();
  }
  return accepts && (polled.back().revents & POLLIN) != 0;
}

bool Server::has_room() const {
  if (connections_.size() < options_.connections_max) return true;
  return std::any_of(connections_.begin(), connections_.end(),
                     [](const Connection& connection) { return connection.is_idle(); });
}

void Server::accept_all() {
  for (size_t i = 0; i < kAcceptsAtATime; ++i) {
    if (!has_room()) return;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      // Of descriptors or memory the whole process may be short; it would be asked again at once.
      const bool nobody = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
      if (!nobody) accept_again_ = Clock::now() + kAcceptPause;
      return;
    }
    // Only now, as there is somebody to close it for.
    if (connections_.size() >= options_.connections_max) {
      connections_.erase(
          std::find_if(connections_.begin(), connections_.end(),
                       [](const Connection& connection) { return connection.is_idle(); }));
    }
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const auto vanished = static_cast<unsigned>(kVanished.count());
    ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &vanished, sizeof vanished);
    connections_.emplace_back(socket, options_.tls.get(), shared_);
  }
}

// All of them: there are few, and one that has nothing to do costs a system call at most.
void Server::step_all() {
  const Clock::time_point now = Clock::now();
  std::erase_if(connections_, [now](Connection& connection) { return !connection.step(now); });
}

}  // namespace millrace::serve
