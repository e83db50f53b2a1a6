// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/base/mutex.h"
#include "engine/io/sink.h"
#include "engine/kafka/client_statistics.h"
#include "engine/kafka/producer_client.h"

// Internal to kafka/.
namespace millrace::kafka {

// The producer client in use. The thread that serves the delivery reports and the one that replaces
// the client meet here: a client is taken out only when nobody serves it any more.
//
// Threading: serve() one thread, wake(), purge() and fatal_error() any; get(), put(), take() and
// drain() those threads that replace it or work between replacements, one at a time.
class CurrentProducer {
 public:
  // Null between take() and put().
  [[nodiscard]] ProducerClient* get() const EXCLUDES(mutex_);

  void put(std::unique_ptr<ProducerClient> client) EXCLUDES(mutex_);
  [[nodiscard]] std::unique_ptr<ProducerClient> take() EXCLUDES(mutex_);

  void purge() EXCLUDES(mutex_);

  // Waits until every report of the client was served by serve(), or for the stop.
  void drain(const std::stop_token& stop) EXCLUDES(mutex_);

  // Where there is no client, waits for one.
  void serve(std::chrono::milliseconds timeout, io::AckListener& listener) EXCLUDES(mutex_);
  void wake() EXCLUDES(mutex_);

  [[nodiscard]] std::string fatal_error() const EXCLUDES(mutex_);

  // Nothing where there is no client, or it gives none. Any thread.
  [[nodiscard]] std::optional<ClientStatistics> statistics() const EXCLUDES(mutex_);

 private:
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  std::unique_ptr<ProducerClient> client_ GUARDED_BY(mutex_);
  bool serving_ GUARDED_BY(mutex_) = false;
  bool leave_ GUARDED_BY(mutex_) = false;  // serve() stays out, as the client is being taken
  bool woken_ GUARDED_BY(mutex_) = false;  // where there was no client to wake
};

}  // namespace millrace::kafka
