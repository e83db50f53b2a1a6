// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/record/batch.h"

// What the deliver and settle threads ask of the outside: send records, hear what became of them.
// Implemented by kafka::Producer, kafka::TransactionalProducer and by the tests' fakes.
namespace millrace::io {

// Why a record that was sent will not be delivered.
enum class FailureKind : uint8_t {
  kRefused,  // this record was refused for good: sent again it would be refused again
  kGivenUp,  // no fault of the record: purged by a reset, or lost with its transaction
};

// Told about delivery reports, on the settle thread, in runs as long as the transport gives them.
class AckListener {
 public:
  virtual ~AckListener() = default;

  // `count` records that were sent with `token` are acknowledged.
  virtual void on_acknowledged(void* token, size_t count) = 0;

  // One record sent with `token` will never be delivered. `value` is the value's address as it was
  // sent, which tells the record. `reason` is a sentence without any of the record's content.
  virtual void on_failed(void* token, const char* value, FailureKind kind,
                         const std::string& reason) = 0;
};

class Sink {
 public:
  virtual ~Sink() = default;

  // Deliver thread. Takes over records in order until it has no room for the next one or all are
  // taken, and returns how many; acknowledgements make room. Bytes are not copied: they stay until
  // each record's report was served. A record that is refused for good is reported through
  // on_failed like any other. Requires: no reset under way.
  virtual size_t send(std::span<const record::OutputRecord> records, void* token) = 0;

  // Settle thread. Waits up to `timeout` for delivery reports and tells `listener`.
  virtual void serve(std::chrono::milliseconds timeout, AckListener& listener) = 0;

  // Not empty once nothing can be sent any more without a reset: why. Any thread.
  [[nodiscard]] virtual std::string fatal_error() const = 0;

  // Deliver thread. Gives up everything that was sent and is not acknowledged yet (each record is
  // still reported) and makes the sink ready again: ends the transaction, replaces a producer that
  // cannot go on. Requires: no commit and no other reset under way.
  virtual void begin_reset() = 0;

  // The result of the reset, once it is over, waiting for it up to `timeout`. An error means that
  // nothing can be sent any more: the attempts are used up, or only a person can help.
  virtual std::optional<base::Status> poll_reset(std::chrono::milliseconds timeout) = 0;
};

}  // namespace millrace::io
