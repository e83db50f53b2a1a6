// SPDX-License-Identifier: Apache-2.0
#include "engine/config/quantities.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <system_error>

namespace millrace::config {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;
};

constexpr std::array<Unit, 4> kDurations = {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000},
                                            Unit{"h", 3'600'000}};

constexpr std::array<Unit, 9> kSizes = {
    Unit{"B", 1},
    Unit{"KiB", uint64_t{1} << 10U},
    Unit{"MiB", uint64_t{1} << 20U},
    Unit{"GiB", uint64_t{1} << 30U},
    Unit{"TiB", uint64_t{1} << 40U},
    Unit{"KB", 1'000},
    Unit{"MB", 1'000'000},
    Unit{"GB", 1'000'000'000},
    Unit{"TB", 1'000'000'000'000},
};

struct Quantity {
  uint64_t number;
  std::string_view unit;
};

std::optional<Quantity> split(std::string_view text) {
  // from_chars would read a sign; a quantity has none.
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  uint64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{}) return std::nullopt;
  std::string_view unit(end, static_cast<size_t>(last - end));
  if (unit.size() > 1 && unit[0] == ' ') unit.remove_prefix(1);
  return Quantity{number, unit};
}

std::optional<uint64_t> scaled(std::string_view text, std::span<const Unit> units) {
  const auto quantity = split(text);
  if (!quantity) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != quantity->unit) continue;
    if (quantity->number > std::numeric_limits<uint64_t>::max() / unit.factor) return std::nullopt;
    return quantity->number * unit.factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<uint64_t> parse_count(std::string_view text) {
  const auto quantity = split(text);
  if (!quantity || !quantity->unit.empty()) return std::nullopt;
  return quantity->number;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds{0};
  const auto value = scaled(text, kDurations);
  if (!value || *value > uint64_t{std::numeric_limits<int64_t>::max()}) return std::nullopt;
  return std::chrono::milliseconds{static_cast<int64_t>(*value)};
}

std::optional<uint64_t> parse_bytes(std::string_view text) {
  return scaled(text, kSizes);
}

std::optional<uint64_t> parse_records(std::string_view text) {
  const auto quantity = split(text);
  if (!quantity) return std::nullopt;
  if (quantity->unit != "records" && quantity->unit != "record") return std::nullopt;
  return quantity->number;
}

std::optional<double> parse_percentage(std::string_view text) {
  static constexpr size_t kDigitsMax = 6;
  static constexpr uint64_t kMillion = 1'000'000;
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  if (text.ends_with(' ')) text.remove_suffix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const auto whole = parse_count(text.substr(0, point));
  if (!whole || point > kDigitsMax) return std::nullopt;
  uint64_t fraction = 0;  // millionths
  if (point < text.size()) {
    std::string digits(text.substr(point + 1));
    if (digits.empty() || digits.size() > kDigitsMax) return std::nullopt;
    digits.resize(kDigitsMax, '0');
    const auto value = parse_count(digits);
    if (!value) return std::nullopt;
    fraction = *value;
  }
  return static_cast<double>(*whole * kMillion + fraction) / (100.0 * kMillion);
}

std::optional<double> parse_decimal(std::string_view text) {
  static constexpr size_t kWholeMax = 15;
  static constexpr size_t kFractionMax = 6;
  static constexpr std::string_view kDigits = "0123456789";
  const std::string_view number = text.starts_with('-') ? text.substr(1) : text;
  const size_t point = std::min(number.find('.'), number.size());
  const std::string_view fraction = number.substr(std::min(point + 1, number.size()));
  const auto is_bad = [](std::string_view digits, size_t digits_max) {
    return digits.empty() || digits.size() > digits_max ||
           digits.find_first_not_of(kDigits) != std::string_view::npos;
  };
  if (is_bad(number.substr(0, point), kWholeMax)) return std::nullopt;
  if (point < number.size() && is_bad(fraction, kFractionMax)) return std::nullopt;
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string duration_text(std::chrono::milliseconds duration) {
  const auto count = static_cast<uint64_t>(duration.count());
  const Unit* best = kDurations.data();
  for (const Unit& unit : kDurations) {
    if (count > 0 && count % unit.factor == 0) best = &unit;
  }
  return std::to_string(count / best->factor) + std::string(best->name);
}

std::string bytes_text(uint64_t bytes) {
  const Unit* best = kSizes.data();
  for (const Unit& unit : kSizes) {
    if (bytes > 0 && bytes % unit.factor == 0 && unit.factor > best->factor) best = &unit;
  }
  return std::to_string(bytes / best->factor) + std::string(best->name);
}

}  // namespace millrace::config
