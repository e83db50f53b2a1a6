// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace millrace::cli {

// Reads lines from a file descriptor, whatever bytes they hold: as many as came at once, so that a
// stream is read in large pieces and a person at the keyboard is answered line by line.
//
// Threading: one thread. Lifetime: the descriptor stays open; lines are views, valid until fill().
class LineReader {
 public:
  // A longer line ends the reading: memory is bounded.
  static constexpr size_t kLineBytesMax = size_t{64} << 20;

  // `name` stands for the input in messages.
  LineReader(int descriptor, std::string name, std::stop_token stop);

  // The next line that is there already, without its line feed.
  [[nodiscard]] std::optional<std::string_view> take();

  // Waits for more bytes. False: the end, or a stop was requested. Throws StartupError where
  // reading fails. Requires: take() has returned nothing.
  [[nodiscard]] bool fill();

  // The last line, where no line feed ends it; nothing where a stop cut the reading short.
  // Requires: fill() has returned false.
  [[nodiscard]] std::optional<std::string_view> take_rest();

 private:
  [[nodiscard]] bool wait_readable() const;

  const int descriptor_;
  const std::string name_;
  const std::stop_token stop_;
  std::string buffer_;
  size_t begin_ = 0;     // of what was not taken
  size_t searched_ = 0;  // no line feed from begin_ to here
};

}  // namespace millrace::cli
