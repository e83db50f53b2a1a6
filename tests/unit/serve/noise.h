// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "tests/unit/serve/client.h"

namespace millrace::serve {

// A client that says the same again and again, as fast as it can, and reads what it is answered.
// It ends when the server closes, or gives up after a while, so that a test of a server that never
// does fails instead of hanging.
//
// Threading: has two of its own, until its destructor.
class Noise {
 public:
  // Says `first` once, before the rest.
  Noise(uint16_t port, const std::string& what, const std::string& first = "") : client_(port) {
    std::string block = what;
    while (block.size() < size_t{64} << 10) block += what;
    client_.send(first);
    sender_ = std::thread([this, block] {
      while (!over_ && client_.send(block)) {
      }
    });
    reader_ = std::thread([this] {
      gave_up_ = !client_.is_closed_within(15'000);
      over_ = true;
      client_.shut_down();
    });
  }

  ~Noise() {
    over_ = true;
    client_.shut_down();
    sender_.join();
    reader_.join();
  }

  Noise(const Noise&) = delete;
  Noise& operator=(const Noise&) = delete;

  [[nodiscard]] bool gave_up() const { return gave_up_; }

 private:
  Client client_;
  std::atomic<bool> over_{false};
  std::atomic<bool> gave_up_{false};
  std::thread sender_;
  std::thread reader_;
};

}  // namespace millrace::serve
