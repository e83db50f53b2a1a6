// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "engine/io/sink.h"

// What an error of librdkafka or of a broker means for us. Codes are plain ints
// (rd_kafka_resp_err_t) so that no header of librdkafka is needed to ask.
//
// Threading: free functions; any thread.
namespace millrace::kafka {

enum class ErrorClass : uint8_t {
  kRetriable,  // the same call may succeed later
  kAbort,      // what is under way is void (a rebalance, a fence): read again from the commit
  kFatal,      // nothing will succeed until somebody changes something
  kUnknown,    // it may have succeeded or not
};

[[nodiscard]] ErrorClass classify(int code);

// Whether another producer took our transactional id over, or the broker ended the transaction of
// its own accord because it was open for too long: librdkafka 2.0 calls both the same.
[[nodiscard]] bool is_fence(int code);

// Whether trying again is of no use before somebody changes a permission or a setting.
[[nodiscard]] bool needs_person(int code);

// Whose fault it is that a record was not delivered.
[[nodiscard]] io::FailureKind failure_kind(int code);

// What the user should be told of `code` about `subject` ("topic orders", "group g"; may be empty):
// one sentence without a full stop at its end and without any record's content.
[[nodiscard]] std::string sentence(int code, const std::string& subject);

}  // namespace millrace::kafka
