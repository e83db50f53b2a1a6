// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// How insights are written down for the state topic: bytes that mean the same in every process,
// version and machine. What they hold is said where it is written (Accumulator::save).
namespace millrace::insights {

// Appends to a string. Numbers are LEB128, signed ones zigzag first, as Protocol Buffers has them;
// doubles are 8 bytes, the least significant first; texts are their length and their bytes. Each
// value has one form, and a Decoder takes no other.
class Encoder {
 public:
  void number(uint64_t value);
  void signed_number(int64_t value);
  void real(double value);
  void text(std::string_view value);

  [[nodiscard]] size_t size() const { return bytes_.size(); }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Reads what an Encoder wrote. What is not there, or cannot be, reads as zero or empty, and ok() is
// false from then on: so that a reader may read on and ask once. The bytes are somebody else's:
// nothing in them may make a reader crash, hang or reserve memory that is not backed by bytes.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  uint64_t number();
  int64_t signed_number();
  double real();
  std::string_view text();  // into the bytes

  // How many things of at least `bytes_each` come next: not ok() where the rest cannot hold them.
  // Requires: bytes_each > 0.
  size_t count(size_t bytes_each);

  // For readers: what was read makes no sense.
  void fail() {
    ok_ = false;
    rest_ = {};
  }

  [[nodiscard]] bool ok() const { return ok_; }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace millrace::insights
