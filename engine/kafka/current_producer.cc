// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/current_producer.h"

#include <algorithm>
#include <utility>

namespace millrace::kafka {

using Clock = std::chrono::steady_clock;

ProducerClient* CurrentProducer::get() const {
  const base::MutexLock lock(mutex_);
  return client_.get();
}

void CurrentProducer::put(std::unique_ptr<ProducerClient> client) {
  const base::MutexLock lock(mutex_);
  client_ = std::move(client);
  changed_.notify_all();
}

std::unique_ptr<ProducerClient> CurrentProducer::take() {
  const base::MutexLock lock(mutex_);
  leave_ = true;
  while (serving_) {
    client_->wake();
    // A wake-up may be used up by an event that came just before it.
    changed_.wait_until(mutex_, Clock::now() + std::chrono::milliseconds{20});
  }
  leave_ = false;
  return std::move(client_);
}

void CurrentProducer::purge() {
  const base::MutexLock lock(mutex_);
  if (client_ != nullptr) client_->purge();
}

void CurrentProducer::drain(const std::stop_token& stop) {
  const base::MutexLock lock(mutex_);
  while (client_ != nullptr && !stop.stop_requested() && client_->outstanding() > 0) {
    changed_.wait_until(mutex_, Clock::now() + std::chrono::milliseconds{20});
  }
}

void CurrentProducer::serve(std::chrono::milliseconds timeout, io::AckListener& listener) {
  const auto until = Clock::now() + timeout;
  ProducerClient* client = nullptr;
  {
    const base::MutexLock lock(mutex_);
    while ((client_ == nullptr || leave_) && !woken_ && Clock::now() < until) {
      changed_.wait_until(mutex_, until);
    }
    const bool woken = std::exchange(woken_, false);
    if (client_ == nullptr || leave_) return;
    if (woken) timeout = std::chrono::milliseconds{0};
    client = client_.get();
    serving_ = true;
  }
  client->serve(
      std::min(timeout,
               std::max(std::chrono::milliseconds{0},
                        std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()))),
      listener);
  const base::MutexLock lock(mutex_);
  serving_ = false;
  changed_.notify_all();
}

void CurrentProducer::wake() {
  const base::MutexLock lock(mutex_);
  if (client_ != nullptr && !leave_) {
    client_->wake();
  } else {
    woken_ = true;
    changed_.notify_all();
  }
}

std::optional<ClientStatistics> CurrentProducer::statistics() const {
  std::string text;
  {
    const base::MutexLock lock(mutex_);
    if (client_ != nullptr) text = client_->statistics();
  }
  // Without the lock: they may be long.
  return read_statistics(text);
}

std::string CurrentProducer::fatal_error() const {
  const base::MutexLock lock(mutex_);
  return client_ == nullptr ? std::string() : client_->fatal_error();
}

}  // namespace millrace::kafka
