// SPDX-License-Identifier: Apache-2.0
#include "engine/embedded/record_maker.h"

#include <iterator>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace millrace::embedded {
namespace {

constexpr std::array<std::string_view, 50> kStates = {
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL",
    "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT",
    "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI",
    "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY"};

constexpr std::array<std::string_view, 6> kOldVersions = {"2.2.1",  "2.2.0",  "2.1.7",
                                                          "2.0.10", "1.10.0", "1.9.3"};
constexpr std::string_view kVersion = "2.3.0";
constexpr std::array<std::string_view, 2> kDevices = {"android", "iOS"};
constexpr std::string_view kBadUtf8 = "\xc3\x28\xff";
constexpr size_t kDepth = 10'000;

// Spreads the number of a user over 64 bits (the finalizer of SplitMix64).
uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// A version 4 UUID out of 128 bits.
void write_uuid(std::string& out, uint64_t high, uint64_t low) {
  high = (high & 0xffffffffffff0fff) | 0x0000000000004000;
  low = (low & 0x3fffffffffffffff) | 0x8000000000000000;
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    const uint64_t half = i < 16 ? high : low;
    out += kDigits[(half >> (60 - 4 * (i % 16))) & 0xf];
  }
}

}  // namespace

RecordMaker::RecordMaker(const RecordMakerOptions& options)
    : options_(options), random_(options.seed) {
  MILLRACE_CHECK(options.defects.total() <= DefectShares::kWhole);
}

// The bias of the remainder is below 2^-40 for the bounds used here.
uint64_t RecordMaker::below(uint64_t bound) {
  return random_() % bound;
}

Defect RecordMaker::draw_defect() {
  uint64_t draw = below(DefectShares::kWhole);
  for (size_t i = 1; i < kDefectCount; ++i) {
    const uint32_t share = options_.defects.of(static_cast<Defect>(i));
    if (draw < share) return static_cast<Defect>(i);
    draw -= share;
  }
  return Defect::kNone;
}

void RecordMaker::append_uuid(std::string& out) {
  const uint64_t high = random_();
  write_uuid(out, high, random_());
}

void RecordMaker::append_user(std::string& out) {
  if (options_.users == 0) {
    append_uuid(out);
    return;
  }
  const uint64_t user = below(options_.users);
  write_uuid(out, mix(options_.seed ^ (2 * user)), mix(options_.seed ^ (2 * user + 1)));
}

void RecordMaker::append_members(Defect defect, int64_t unix_seconds) {
  std::string& out = value_;
  out += "{\"user_id\": \"";
  append_user(out);
  out += "\", \"app_version\": \"";
  out += defect == Defect::kOldVersion ? kOldVersions[below(kOldVersions.size())] : kVersion;
  const uint64_t ip = random_();
  fmt::format_to(std::back_inserter(out),
                 "\", \"ip\": \"{}.{}.{}.{}\", \"locale\": ", (ip >> 24) & 0xff, (ip >> 16) & 0xff,
                 (ip >> 8) & 0xff, ip & 0xff);
  const std::string_view state = kStates[below(kStates.size())];
  if (defect == Defect::kNullLocale) {
    out += "null";
  } else {
    fmt::format_to(std::back_inserter(out), "\"{}\"",
                   defect == Defect::kBadUtf8 ? kBadUtf8 : state);
  }
  out += ", \"device_id\": \"";
  append_uuid(out);
  const std::string_view quote = defect == Defect::kStringTimestamp ? "\"" : "";
  fmt::format_to(std::back_inserter(out), "\", \"timestamp\": {}{}{}", quote, unix_seconds, quote);
  const uint64_t device = below(kDevices.size());
  if (defect == Defect::kDuplicateMember) {
    fmt::format_to(std::back_inserter(out), ", \"device_type\": \"{}\"", kDevices[1 - device]);
  }
  if (defect != Defect::kMissingDeviceType) {
    fmt::format_to(std::back_inserter(out), ", \"device_type\": \"{}\"", kDevices[device]);
  }
}

MadeRecord RecordMaker::next(int64_t unix_seconds) {
  const Defect defect = draw_defect();
  ++tally_[static_cast<size_t>(defect)];
  key_.clear();
  append_uuid(key_);
  value_.clear();
  if (defect == Defect::kTombstone) return {key_, std::nullopt, defect};
  if (defect == Defect::kNotObject) value_ += '[';
  append_members(defect, unix_seconds);
  switch (defect) {
    case Defect::kNotJson:
      value_.resize(value_.size() - 5);  // ends within the last string
      return {key_, value_, defect};
    case Defect::kBigNumber:
      // 30 digits: more than 64 bits hold.
      fmt::format_to(std::back_inserter(value_), ", \"serial\": {:015}{:015}",
                     100'000'000'000'000 + below(900'000'000'000'000),
                     below(1'000'000'000'000'000));
      break;
    case Defect::kDeepNesting:
      value_ += ", \"deep\": ";
      value_.append(kDepth, '[').append(kDepth, ']');
      break;
    case Defect::kHuge: {
      constexpr std::string_view kStart = ", \"blob\": \"";
      value_ += kStart;
      if (value_.size() + 2 < options_.huge_bytes) value_.resize(options_.huge_bytes - 2, 'x');
      value_ += '"';
      break;
    }
    default:
      break;
  }
  value_ += '}';
  if (defect == Defect::kNotObject) value_ += ']';
  return {key_, value_, defect};
}

}  // namespace millrace::embedded
