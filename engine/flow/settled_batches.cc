// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/settled_batches.h"

namespace millrace::flow {

void SettledBatches::add(const BatchInFlight& batch, std::chrono::steady_clock::time_point now) {
  using report::Stage;
  const auto add = [this](Stage stage, std::chrono::steady_clock::duration time) {
    stages[static_cast<size_t>(stage)].add(time);
  };
  add(Stage::kWait, batch.begun - batch.read);
  add(Stage::kProcess, batch.processed - batch.begun);
  add(Stage::kOrder, batch.handed_over - batch.processed);
  add(Stage::kDeliver, batch.taken - batch.handed_over);
  add(Stage::kSettle, now - batch.taken);
  ++batches;
  input_bytes += batch.batch.input_bytes();
  output_bytes += batch.output_bytes;
}

}  // namespace millrace::flow
