// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// Every bound that is fixed at build time, in one place. `millrace check` prints those that a user
// can meet. Bounds that the user sets live in config::PipelineConfig.
namespace millrace::base::limits {

// A batch is cut after this many bytes of keys, values and headers (a single larger record makes
// a batch of its own).
inline constexpr size_t kBatchBytesMax = size_t{1} << 20;
// Arrays and objects inside each other; deeper records are dead letters.
inline constexpr size_t kJsonDepthMax = 512;
// Members of a record's top level; more is a dead letter.
inline constexpr size_t kMembersMax = 10'000;
// One record's output: input bytes * factor + allowance; beyond it a dead letter (design, I7).
inline constexpr size_t kExpansionFactor = 16;
inline constexpr size_t kExpansionAllowance = size_t{64} << 10;
// Different keys that one insight keeps per input partition: the most that a file may set for
// `keys_max` and `exact_up_to`, and what holds where it sets nothing.
inline constexpr size_t kInsightKeysMax = 1'000'000;
inline constexpr size_t kInsightKeysDefault = 100'000;
inline constexpr size_t kTopExactDefault = 100'000;
inline constexpr size_t kDistinctExactDefault = 10'000;
// The same of the values of one group, of which there are up to `keys_max`.
inline constexpr size_t kDistinctGroupExactMax = 1'000;
inline constexpr size_t kDistinctGroupExactDefault = 64;
// Longest text of an insight key; longer values count under their first bytes.
inline constexpr size_t kInsightKeyBytesMax = 256;
// Windows of an insight that one moment lies in: how often a record is counted.
inline constexpr size_t kWindowsOfARecordMax = 100;
// Windows of an insight and input partition that may be open at a time.
inline constexpr size_t kOpenWindowsMax = 10'000;
// A topic's max.message.bytes where the broker does not say (Apache Kafka's default).
inline constexpr size_t kMessageBytesDefault = 1'048'588;
// The longest text that `millrace.reason_text` carries.
inline constexpr size_t kReasonTextBytesMax = 512;
// Different topics that a pipeline writes to, dead letters included.
inline constexpr size_t kOutputTopicsMax = 200;
// The largest CSV file that a `lookup` step may name.
inline constexpr size_t kLookupFileBytesMax = size_t{64} << 20;
// Records of one partition that brokers refused and that have not settled since; at the next one
// the partition stops, were it the first time.
inline constexpr size_t kRefusalsMax = 1000;
// How long a wait of any thread lasts before it looks at the stop flag again.
inline constexpr std::chrono::milliseconds kWaitMax{1000};

}  // namespace millrace::base::limits
