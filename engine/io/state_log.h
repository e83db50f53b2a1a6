// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "engine/base/result.h"

namespace millrace::io {

// Where durable state is read from: a compacted log of keys and values, in partitions. It is
// written by what commits carry (committer.h).
//
// Threading: one thread at a time. Implemented by kafka::StateTopic and by the tests' fakes.
class StateLog {
 public:
  // `value` is none for a tombstone. The bytes are valid during the call.
  using OnRecord = std::function<void(std::string_view key, std::optional<std::string_view> value)>;

  virtual ~StateLog() = default;

  [[nodiscard]] virtual int32_t partition_count() const = 0;

  // Hands over, in the order of each partition, every committed record of these partitions of the
  // log that was there when it was called. Waits for transactions that are open by then: they end
  // by their timeout at the latest. Says what it waits for, and how far it is if it takes long.
  virtual base::Status read(std::span<const int32_t> partitions, const OnRecord& on_record) = 0;
};

}  // namespace millrace::io
