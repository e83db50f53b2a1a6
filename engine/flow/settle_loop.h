// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <string>

#include "engine/flow/batch_pool.h"
#include "engine/flow/books.h"
#include "engine/flow/deliver_inbox.h"
#include "engine/io/sink.h"

namespace millrace::flow {

// The settle thread's work: serves the delivery reports and uses up tickets. It never blocks on
// anything but the reports themselves, and never commits: a commit from the thread that serves its
// own reports would wait for ever.
//
// Threading: run() on a thread of its own; stop() from any.
class SettleLoop final : private io::AckListener {
 public:
  SettleLoop(io::Sink& sink, Books& books, BatchPool& pool, DeliverInbox& inbox)
      : sink_(sink), books_(books), pool_(pool), inbox_(inbox) {}

  // Returns within one wait after stop().
  void run();

  void stop() { stop_.store(true, std::memory_order_release); }

 private:
  void on_acknowledged(void* token, size_t count) override;
  void on_failed(void* token, const char* value, io::FailureKind kind,
                 const std::string& reason) override;
  void release(BatchInFlight* batch, size_t count);

  io::Sink& sink_;
  Books& books_;
  BatchPool& pool_;
  DeliverInbox& inbox_;
  std::atomic<bool> stop_{false};  // written by stop(), read here; a late look costs one wait
};

}  // namespace millrace::flow
