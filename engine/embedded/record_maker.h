// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace millrace::embedded {

// What is unusual about a generated record.
enum class Defect : uint8_t {
  kNone,
  kMissingDeviceType,  // the member is absent, as in 5 % of the real generator's records
  kStringTimestamp,    // "timestamp": "1694479551"
  kNullLocale,
  kOldVersion,  // a version below 2.3.0: valid, but filtered by the usual pipeline
  kNotJson,     // the text ends in the middle
  kNotObject,   // valid JSON, but an array
  kBadUtf8,
  kTombstone,        // a null value
  kDuplicateMember,  // device_type twice: valid, the last one counts
  kBigNumber,        // an extra member with an integer of 30 digits: valid
  kDeepNesting,      // an extra member of 10,000 arrays inside each other
  kHuge,             // an extra member that brings the value to `huge_bytes`: valid
};

inline constexpr size_t kDefectCount = 13;

[[nodiscard]] std::string_view name(Defect defect);
[[nodiscard]] std::optional<Defect> defect_of(std::string_view name);

// The share of each kind, in parts per million of all records; kNone is what remains.
class DefectShares {
 public:
  static constexpr uint32_t kWhole = 1'000'000;

  // Nothing unusual at all.
  DefectShares() = default;

  // Reads "5%", "0.5 %", "missing_device_type=5%,tombstone=0.1%", or both joined by commas. A share
  // without a name is the fixed mix of mixed(). kHuge is only ever made by name.
  [[nodiscard]] static base::Result<DefectShares> parse(std::string_view text);

  // `share` of all records, mixed of: missing_device_type 50 %, string_timestamp 10 %,
  // null_locale 10 %, old_version 10 %, not_json 6 %, tombstone 4 %, duplicate_member 3 %,
  // big_number 3 %, not_object 2 %, bad_utf8 1.5 %, deep_nesting 0.5 % of that share.
  [[nodiscard]] static DefectShares mixed(uint32_t share_per_million);

  [[nodiscard]] uint32_t of(Defect defect) const { return shares_[static_cast<size_t>(defect)]; }

  void set(Defect defect, uint32_t per_million) {
    shares_[static_cast<size_t>(defect)] = per_million;
  }

  // Requires for use: <= kWhole.
  [[nodiscard]] uint64_t total() const;

 private:
  std::array<uint32_t, kDefectCount> shares_{};
};

struct RecordMakerOptions {
  uint64_t seed = 1;
  DefectShares defects;
  // 0: every record is a new user, as the real generator does it; N: one of N users.
  uint64_t users = 0;
  size_t huge_bytes = 1'000'000;
};

// One record to send. Valid until the maker's next call.
struct MadeRecord {
  std::string_view key;
  std::optional<std::string_view> value;  // nullopt: a tombstone
  Defect defect = Defect::kNone;
};

// Makes user-login records like those of the real generator: the same members in the same order,
// the same separators, a random UUID as key, android and iOS evenly, the 50 states. Pure: the n-th
// record is a function of the options and of the timestamps passed in, the same bytes on every
// machine (no std distributions: libraries differ in them).
//
// Threading: one thread.
class RecordMaker {
 public:
  explicit RecordMaker(const RecordMakerOptions& options);

  // The next record, whose timestamp member says `unix_seconds`.
  [[nodiscard]] MadeRecord next(int64_t unix_seconds);

  // Records made so far, by kind.
  [[nodiscard]] std::span<const uint64_t, kDefectCount> tally() const { return tally_; }

 private:
  uint64_t below(uint64_t bound);
  Defect draw_defect();
  void append_uuid(std::string& out);
  void append_user(std::string& out);
  void append_members(Defect defect, int64_t unix_seconds);

  RecordMakerOptions options_;
  std::mt19937_64 random_;
  std::string key_;
  std::string value_;
  std::array<uint64_t, kDefectCount> tally_{};
};

}  // namespace millrace::embedded
