// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <thread>

#include "engine/io/sink.h"
#include "engine/kafka/current_producer.h"

// Internal to kafka/.
namespace millrace::kafka {

// Hears delivery reports that are nobody's business.
class Nobody final : public io::AckListener {
 public:
  void on_acknowledged(void* /*token*/, size_t /*count*/) override {}

  void on_failed(void* /*token*/, const char* /*value*/, io::FailureKind /*kind*/,
                 const std::string& /*reason*/) override {}
};

// A thread that serves the reports of a producer whose records are all carried: without one
// librdkafka would neither commit nor abort.
//
// Lifetime: `producer` outlives it.
class ReportServer {
 public:
  explicit ReportServer(CurrentProducer& producer)
      : producer_(producer), thread_([this] { run(); }) {}

  ReportServer(const ReportServer&) = delete;
  ReportServer& operator=(const ReportServer&) = delete;

  ~ReportServer() {
    end_ = true;
    producer_.wake();
    thread_.join();
  }

 private:
  void run() {
    Nobody nobody;
    while (!end_) producer_.serve(std::chrono::seconds{1}, nobody);
  }

  CurrentProducer& producer_;
  std::atomic<bool> end_{false};
  std::thread thread_;  // last: it uses the others
};

}  // namespace millrace::kafka
