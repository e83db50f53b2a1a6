// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/kafka/errand.h"

struct rd_kafka_s;

// Internal to kafka/.
namespace millrace::kafka {

// The consumer's handle in use. The poll thread may replace it while others are in a call of
// theirs: so whoever makes one asks for the handle first, and lets it go behind the call. A handle
// that was replaced, and that all let go, is destroyed on a thread of its own, without leaving its
// group: librdkafka 2.0.2 does so within milliseconds, but where a commit still waits for a
// coordinator only after a session.
//
// Threading: get() any thread, put() one at a time. Lifetime: outlives what get() gave; the
// destructor waits until every handle is destroyed.
class CurrentConsumer {
 public:
  using Handle = std::shared_ptr<rd_kafka_s>;

  CurrentConsumer() = default;
  CurrentConsumer(const CurrentConsumer&) = delete;
  CurrentConsumer& operator=(const CurrentConsumer&) = delete;
  ~CurrentConsumer();

  // For one call, or one question and its answer; not to be kept. Null before the first put().
  [[nodiscard]] Handle get() const EXCLUDES(mutex_);

  // Takes `handle` over.
  void put(rd_kafka_s* handle) EXCLUDES(mutex_);

 private:
  void replace(Handle handle) EXCLUDES(mutex_);
  void destroy(rd_kafka_s* handle) EXCLUDES(mutex_);

  mutable base::Mutex mutex_;
  Handle handle_ GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Errand>> destroying_ GUARDED_BY(mutex_);
};

}  // namespace millrace::kafka
