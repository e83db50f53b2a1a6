// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/ids.h"
#include "engine/settlement/lease.h"

namespace millrace::flow {

// Something of this lease that was handed over will not be delivered: its partition is to be read
// again.
struct DeliveryFailure {
  enum class Cause : uint8_t {
    kRefused,  // the record at `offset` was refused for good: the second time is its last
    kVoid,     // no fault of a record: the transaction was aborted, the producer replaced
  };

  std::shared_ptr<settlement::Lease> lease;
  Cause cause = Cause::kVoid;
  base::Offset offset;       // kRefused: of the input record
  bool dead_letter = false;  // kRefused: what was refused is a dead letter
  std::string reason;
  base::Offset resume;  // where reading must go on: what is settled (set by deliver)
};

}  // namespace millrace::flow
