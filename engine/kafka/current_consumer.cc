// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/current_consumer.h"

#include <utility>

#include <librdkafka/rdkafka.h>

namespace millrace::kafka {

CurrentConsumer::~CurrentConsumer() {
  replace(nullptr);
}

CurrentConsumer::Handle CurrentConsumer::get() const {
  const base::MutexLock lock(mutex_);
  return handle_;
}

void CurrentConsumer::put(rd_kafka_s* handle) {
  replace(Handle(handle, [this](rd_kafka_s* released) { destroy(released); }));
}

void CurrentConsumer::replace(Handle handle) {
  const base::MutexLock lock(mutex_);
  std::swap(handle_, handle);
  // The old one is let go behind the lock: the parameter goes last.
}

void CurrentConsumer::destroy(rd_kafka_s* handle) {
  auto errand = std::make_unique<Errand>();
  errand->begin([handle] { rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); });
  const base::MutexLock lock(mutex_);
  std::erase_if(destroying_,
                [](const auto& other) { return other->wait(std::chrono::milliseconds{0}); });
  destroying_.push_back(std::move(errand));
}

}  // namespace millrace::kafka
