// SPDX-License-Identifier: Apache-2.0
// What the two threads that talk to librdkafka's producer spend on a record: deliver, which hands
// it over, and settle, which is told that it was acknowledged. The producer is the engine's, the
// broker librdkafka's own mock in this process. Threads of both work meanwhile, on cores that may
// be the same, so what counts is the CPU time of the thread itself; to wait for an acknowledgement
// takes none.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "bench/micro/cpu_time.h"
#include "bench/micro/workload.h"
#include "engine/embedded/embedded_broker.h"
#include "engine/io/sink.h"
#include "engine/kafka/producer.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"

namespace millrace::bench {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::milliseconds kServeWait{100};

class Acknowledged final : public io::AckListener {
 public:
  void on_acknowledged(void* /*token*/, size_t count) override { count_ += count; }

  void on_failed(void* /*token*/, const char* /*value*/, io::FailureKind /*kind*/,
                 const std::string& /*reason*/) override {
    check(false, "the producer");
  }

  [[nodiscard]] size_t count() const { return count_; }

 private:
  size_t count_ = 0;
};

// The outputs of a batch that P3 processed, sent to a producer and waited for.
class Sending {
 public:
  Sending() : plan_(p3()) {
    auto broker = embedded::EmbeddedBroker::start();
    check(broker.ok(), "the broker");
    broker_ = std::move(broker.value());
    kafka::ProducerOptions options;
    for (const plan::OutputTopicUse& topic : plan_->output_topics()) {
      check(broker_->create_topic(topic.name, 1).ok(), "the broker");
      options.topics.push_back({topic.name, {}});
    }
    auto producer = kafka::Producer::create(broker_->config(), options, kPatience, {});
    check(producer.ok(), "the producer");
    producer_ = std::move(producer.value());
    plan::Processor processor(*plan_, no_limits(*plan_));
    insights::Shard shard(plan_->declaration());
    fill(batch_, records(login, kRecords));
    processor.process(batch_, "in", shard);
    check(batch_.outputs().size() == kRecords, "process");
    // The first record of a partition goes alone, and would be timed as such.
    send();
    serve();
  }

  // Both return the CPU seconds that it took.
  double send() {
    const double begun = cpu_seconds();
    double waited = 0;
    size_t taken = 0;
    while (taken < kRecords) {
      const size_t now = producer_->send(std::span(batch_.outputs()).subspan(taken), &batch_);
      taken += now;
      if (now > 0) continue;
      const double before = cpu_seconds();
      producer_->serve(kServeWait, listener_);
      waited += cpu_seconds() - before;
    }
    sent_ += taken;
    return cpu_seconds() - begun - waited;
  }

  double serve() {
    const double begun = cpu_seconds();
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (listener_.count() < sent_) {
      check(std::chrono::steady_clock::now() < deadline, "the producer");
      producer_->serve(kServeWait, listener_);
    }
    check(listener_.count() == sent_, "the producer");
    return cpu_seconds() - begun;
  }

  [[nodiscard]] size_t bytes() const {
    size_t bytes = 0;
    for (const record::OutputRecord& output : batch_.outputs()) bytes += output.value.size();
    return bytes;
  }

 private:
  const std::unique_ptr<const plan::Plan> plan_;
  std::unique_ptr<embedded::EmbeddedBroker> broker_;
  record::Batch batch_;  // outlives the producer, which does not copy what it is given
  std::unique_ptr<kafka::Producer> producer_;
  Acknowledged listener_;
  size_t sent_ = 0;
};

enum class Side { kDeliver, kSettle };

void BM_HandOver(benchmark::State& state, Side side) {
  Sending sending;
  for (auto _ : state) {
    const double sent = sending.send();
    const double served = sending.serve();
    state.SetIterationTime(side == Side::kDeliver ? sent : served);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRecords));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(sending.bytes()));
}

// Each takes a round trip, of which little is timed: as many as a short measurement allows.
BENCHMARK_CAPTURE(BM_HandOver, deliver, Side::kDeliver)->UseManualTime()->Iterations(100);
BENCHMARK_CAPTURE(BM_HandOver, settle, Side::kSettle)->UseManualTime()->Iterations(100);

}  // namespace
}  // namespace millrace::bench
