// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

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

// What the user should be told of `code` about `subject` ("topic orders", "group g"; may be empty):
// one sentence without a full stop at its end and without any record's content.
[[nodiscard]] std::string sentence(int code, const std::string& subject);

}  // namespace millrace::kafka
