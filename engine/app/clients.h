// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/io/committer.h"
#include "engine/io/sink.h"
#include "engine/kafka/consumer.h"
#include "engine/kafka/group_committer.h"
#include "engine/kafka/offset_transactions.h"
#include "engine/kafka/producer.h"
#include "engine/kafka/transactional_producer.h"
#include "engine/report/vitals.h"

namespace millrace::app {

// The clients of one run: the consumer, and what sends and commits by the pipeline's guarantee.
//
//   exactly once                      one transactional producer, for outputs and offsets
//   at least once                     an idempotent producer, and small transactions of offsets
//   at least once, state not durable  an idempotent producer, and plain commits
//
// Threading: as the clients; made and destroyed by one thread.
class Clients {
 public:
  struct Options {
    std::vector<std::string> topics;  // of the input: names, or one pattern
    kafka::ProducerOptions output;    // its linger is the pipeline's
    size_t prefetch_bytes = 0;
    // The broker is the embedded one: it keeps no offsets of transactions, and holds an empty fetch
    // for its full time.
    bool embedded = false;
    // Somebody looks at librdkafka's statistics: they are wanted this often, unless the user's
    // properties say how often. 0: nobody does.
    std::chrono::milliseconds statistics_every{0};
  };

  // Throws base::StartupError. Ends what a predecessor of the same name left open before the
  // consumer exists, which would wait for it.
  Clients(const config::PipelineConfig& config, const Options& options,
          const std::stop_token& stop);
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  [[nodiscard]] kafka::Consumer& consumer() { return *consumer_; }

  [[nodiscard]] io::Sink& sink();
  [[nodiscard]] io::Committer& committer();

  // What librdkafka says of each, where it says anything. Any thread; not after destroy().
  [[nodiscard]] std::vector<report::ClientVitals> statistics() const;

  // Lets go of what is still to be delivered; before the flow that holds its bytes.
  void destroy();

 private:
  // Those of the guarantee; the rest is null.
  std::unique_ptr<kafka::TransactionalProducer> transactional_;
  std::unique_ptr<kafka::Producer> idempotent_;
  std::unique_ptr<kafka::OffsetTransactions> offsets_;
  std::unique_ptr<kafka::GroupCommitter> plain_;
  std::unique_ptr<kafka::Consumer> consumer_;
};

}  // namespace millrace::app
