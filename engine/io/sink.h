// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/record/batch.h"

// What the deliver and settle threads ask of the outside: send records, hear what became of them.
// Implemented by kafka::Producer and by the tests' fakes.
namespace millrace::io {

// Told about delivery reports, on the settle thread, in runs as long as the transport gives them.
class AckListener {
 public:
  virtual ~AckListener() = default;

  // `count` records that were sent with `token` are acknowledged.
  virtual void on_acknowledged(void* token, size_t count) = 0;

  // One record sent with `token` will never be delivered. `value` is the value's address as it was
  // sent, which tells the record. `reason` is a sentence without any of the record's content.
  virtual void on_failed(void* token, const char* value, const std::string& reason) = 0;
};

class Sink {
 public:
  virtual ~Sink() = default;

  // Deliver thread. Takes over records in order until it has no room for the next one or all are
  // taken, and returns how many; acknowledgements make room. Bytes are not copied: they stay until
  // each record's report was served. A record that is refused for good is reported through
  // on_failed like any other.
  virtual size_t send(std::span<const record::OutputRecord> records, void* token) = 0;

  // Settle thread. Waits up to `timeout` for delivery reports and tells `listener`.
  virtual void serve(std::chrono::milliseconds timeout, AckListener& listener) = 0;

  // Not empty once nothing can be sent any more: why. Any thread.
  [[nodiscard]] virtual std::string fatal_error() const = 0;
};

}  // namespace millrace::io
