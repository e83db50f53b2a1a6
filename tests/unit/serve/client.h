// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstdlib>
#include <map>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace millrace::serve {

// A connection to a server on this machine that sends what it is told to, well formed or not.
class Client {
 public:
  // `receive_bytes` bounds what the system takes for a client that does not read; 0: as it likes.
  explicit Client(uint16_t port, bool tls = false, int receive_bytes = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_bytes > 0)
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    if (!tls) return;
    context_ = SSL_CTX_new(TLS_client_method());
    tls_ = SSL_new(context_);
    SSL_set_fd(tls_, socket_);
    connected_ = SSL_connect(tls_) == 1;
  }

  ~Client() {
    SSL_free(tls_);
    SSL_CTX_free(context_);
    ::close(socket_);
  }

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }

  // False: the connection is over.
  bool send(std::string_view text) const {
    if (tls_ != nullptr) return SSL_write(tls_, text.data(), static_cast<int>(text.size())) > 0;
    return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) >= 0;
  }

  // Ends what waits in another thread too.
  void shut_down() const { ::shutdown(socket_, SHUT_RDWR); }

  void get(const std::string& target, const std::string& headers = "") const {
    send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  }

  // What is there by the time that `until` stands in it, the server has closed, or it takes too
  // long.
  std::string read_until(std::string_view until, int milliseconds = 10'000) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    while (until.empty() || seen_.find(until) == std::string::npos) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      if (left.count() <= 0) break;
      if (!more(static_cast<int>(left.count()))) break;
    }
    return std::exchange(seen_, {});
  }

  std::string read_all() { return read_until(""); }

  // One answer whose length is known, of a connection that goes on.
  std::string read_answer() {
    std::string head = read_until("\r\n\r\n");
    const size_t end = head.find("\r\n\r\n");
    const size_t at = head.find("Content-Length: ");
    if (end == std::string::npos || at == std::string::npos) return head;
    const size_t length = std::strtoul(head.c_str() + at + 16, nullptr, 10);
    while (head.size() < end + 4 + length) {
      if (!more(10'000)) break;
      head += std::exchange(seen_, {});
    }
    return head;
  }

  // Whether the server ends the connection within that time; what comes before is thrown away.
  bool is_closed_within(int milliseconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    while (std::chrono::steady_clock::now() < end) {
      if (!more(milliseconds)) return closed_;
      seen_.clear();
    }
    return false;
  }

 private:
  bool more(int milliseconds) {
    if (tls_ == nullptr || SSL_pending(tls_) == 0) {
      pollfd polled{socket_, POLLIN, 0};
      if (::poll(&polled, 1, milliseconds) <= 0) return false;
    }
    std::array<char, 65'536> bytes{};
    const ssize_t got = tls_ != nullptr
                            ? SSL_read(tls_, bytes.data(), static_cast<int>(bytes.size()))
                            : ::recv(socket_, bytes.data(), bytes.size(), 0);
    closed_ = got <= 0;
    if (closed_) return false;
    seen_.append(bytes.data(), static_cast<size_t>(got));
    return true;
  }

  int socket_;
  bool connected_ = false;
  bool closed_ = false;
  SSL_CTX* context_ = nullptr;
  SSL* tls_ = nullptr;
  std::string seen_;
};

}  // namespace millrace::serve
