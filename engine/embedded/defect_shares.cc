// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "engine/embedded/record_maker.h"

namespace millrace::embedded {
namespace {

constexpr std::array<std::string_view, kDefectCount> kNames = {"none",
                                                               "missing_device_type",
                                                               "string_timestamp",
                                                               "null_locale",
                                                               "old_version",
                                                               "not_json",
                                                               "not_object",
                                                               "bad_utf8",
                                                               "tombstone",
                                                               "duplicate_member",
                                                               "big_number",
                                                               "deep_nesting",
                                                               "huge"};

// Thousandths of the mixed share; the first kind also takes what rounding leaves.
constexpr auto kMix = std::to_array<std::pair<Defect, uint32_t>>({
    {Defect::kMissingDeviceType, 500},
    {Defect::kStringTimestamp, 100},
    {Defect::kNullLocale, 100},
    {Defect::kOldVersion, 100},
    {Defect::kNotJson, 60},
    {Defect::kTombstone, 40},
    {Defect::kDuplicateMember, 30},
    {Defect::kBigNumber, 30},
    {Defect::kNotObject, 20},
    {Defect::kBadUtf8, 15},
    {Defect::kDeepNesting, 5},
});

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// "5%", "0.25 %": parts per million, without floating point, so that 0.1 % is exactly 1,000.
std::optional<uint32_t> parse_percent(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text = trim(text.substr(0, text.size() - 1));
  if (text.empty()) return std::nullopt;
  uint32_t value = 0;
  uint32_t unit = 10'000;  // one percent
  bool fraction = false;
  for (const char digit : text) {
    if (digit == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (digit < '0' || digit > '9') return std::nullopt;
    const auto number = static_cast<uint32_t>(digit - '0');
    if (fraction) {
      unit /= 10;
      if (unit == 0) return std::nullopt;
      value += number * unit;
    } else {
      value = value * 10 + number * unit;
    }
    if (value > DefectShares::kWhole) return std::nullopt;
  }
  return value;
}

}  // namespace

std::string_view name(Defect defect) {
  return kNames[static_cast<size_t>(defect)];
}

std::optional<Defect> defect_of(std::string_view name) {
  const auto* found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Defect>(found - kNames.begin());
}

uint64_t DefectShares::total() const {
  return std::accumulate(shares_.begin() + 1, shares_.end(), uint64_t{0});
}

DefectShares DefectShares::mixed(uint32_t share_per_million) {
  DefectShares shares;
  uint32_t rest = share_per_million;
  for (const auto& [defect, thousandths] : kMix) {
    if (defect == kMix.front().first) continue;
    const auto part = static_cast<uint32_t>(uint64_t{share_per_million} * thousandths / 1000);
    shares.set(defect, part);
    rest -= part;
  }
  shares.set(kMix.front().first, rest);
  return shares;
}

base::Result<DefectShares> DefectShares::parse(std::string_view text) {
  DefectShares shares;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    const size_t equals = part.find('=');
    const std::string_view amount =
        trim(equals == std::string_view::npos ? part : part.substr(equals + 1));
    const std::optional<uint32_t> share = parse_percent(amount);
    if (!share) {
      return base::Error{fmt::format("'{}' is not a share such as 5% or tombstone=0.1%", part)};
    }
    if (equals == std::string_view::npos) {
      const DefectShares mix = mixed(*share);
      for (size_t i = 1; i < kDefectCount; ++i) shares.shares_[i] += mix.shares_[i];
      continue;
    }
    const std::optional<Defect> defect = defect_of(trim(part.substr(0, equals)));
    if (!defect || *defect == Defect::kNone) {
      return base::Error{fmt::format("'{}' is not a kind of defect; there are {}",
                                     trim(part.substr(0, equals)),
                                     fmt::join(kNames.begin() + 1, kNames.end(), ", "))};
    }
    shares.shares_[static_cast<size_t>(*defect)] += *share;
  }
  if (shares.total() > kWhole) return base::Error{"the defects' shares come to more than 100%"};
  return shares;
}

}  // namespace millrace::embedded
