// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/edge_values.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <tuple>

#include "engine/base/check.h"

namespace millrace::insights {
namespace {

// Room for most values from the start, so that a last value seldom has to move.
constexpr size_t kCapacityMin = 16;

// How a value is written down.
enum : uint8_t { kAbsent, kJson, kString };

// Removes digits from the front, and tells whether there were any.
bool take_digits(std::string_view& text) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(digits);
  return digits > 0;
}

bool take_any(std::string_view chars, std::string_view& text) {
  if (text.empty() || chars.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Whether it is what a value that is no string is: reports show it as it is.
bool is_json(std::string_view text) {
  if (text == "true" || text == "false" || text == "null") return true;
  take_any("-", text);
  if (!take_any("0", text) && !take_digits(text)) return false;
  if (take_any(".", text) && !take_digits(text)) return false;
  if (take_any("eE", text)) {
    take_any("+-", text);
    if (!take_digits(text)) return false;
  }
  return text.empty();
}

}  // namespace

OwnedEdgeValue owned(const EdgeValue& value) {
  return {std::string(value.text), value.is_string, value.time};
}

void write_json(const OwnedEdgeValue& value, record::JsonWriter& writer) {
  if (value.is_string) {
    writer.string(value.text);
  } else {
    writer.json(value.text);
  }
}

EdgeValues::EdgeValues(size_t edges) : edges_(edges) {}

void EdgeValues::set(size_t entry, size_t edge, Edge which, const EdgeValue& value) {
  Held& held = at(entry, edge);
  if (which == Edge::kFirst && held.set) return;
  put(value, held);
}

void EdgeValues::merge(size_t entry, size_t edge, Edge which, const EdgeValue& value) {
  Held& held = at(entry, edge);
  if (held.set) {
    // The texts' order decides between equal times, and lastly a string is above anything else
    // with the same text: so it does not matter in which order partitions are merged.
    const bool same_time = value.time == held.time;
    const bool nearer = which == Edge::kFirst ? value.time < held.time : value.time > held.time;
    const bool greater = std::tuple(value.text, value.is_string) >
                         std::tuple(std::string_view(held.at, held.size), held.is_string);
    if (!nearer && !(same_time && greater)) return;
  }
  put(value, held);
}

std::optional<EdgeValue> EdgeValues::get(size_t entry, size_t edge) const {
  MILLRACE_CHECK(edge < edges_);
  const size_t index = entry * edges_ + edge;
  if (index >= held_.size() || !held_[index].set) return std::nullopt;
  const Held& held = held_[index];
  return EdgeValue{.text = {held.at, held.size}, .is_string = held.is_string, .time = held.time};
}

void EdgeValues::clear() {
  held_.clear();
  arena_.reset();
}

void EdgeValues::save(size_t entry, Encoder& to) const {
  for (size_t edge = 0; edge < edges_; ++edge) {
    const std::optional<EdgeValue> value = get(entry, edge);
    to.number(!value ? kAbsent : value->is_string ? kString : kJson);
    if (!value) continue;
    to.signed_number(value->time);
    to.text(value->text);
  }
}

void EdgeValues::load(size_t entry, Decoder& from) {
  for (size_t edge = 0; edge < edges_; ++edge) {
    const uint64_t kind = from.number();
    if (kind == kAbsent) continue;
    EdgeValue value;
    value.is_string = kind == kString;
    value.time = from.signed_number();
    value.text = from.text();
    if (!from.ok() || kind > kString || (!value.is_string && !is_json(value.text)))
      return from.fail();
    put(value, at(entry, edge));
  }
}

size_t EdgeValues::saved_size() const {
  constexpr size_t kTimeBytes = 6;  // of our days, in milliseconds
  size_t bytes = held_.size();
  for (const Held& held : held_) {
    if (held.set) bytes += kTimeBytes + 1 + held.size;
  }
  return bytes;
}

size_t EdgeValues::footprint() const {
  return held_.capacity() * sizeof(Held) + arena_.footprint();
}

EdgeValues::Held& EdgeValues::at(size_t entry, size_t edge) {
  MILLRACE_CHECK(edge < edges_);
  const size_t index = entry * edges_ + edge;
  if (index >= held_.size()) held_.resize((entry + 1) * edges_);
  return held_[index];
}

void EdgeValues::put(const EdgeValue& value, Held& held) {
  const size_t size = value.text.size();
  MILLRACE_CHECK(size <= std::numeric_limits<uint32_t>::max() / 2);
  if (held.capacity < size) {
    // At least twice as much as before: what a value that grows leaves behind, in all, is less than
    // what it has.
    const size_t capacity = std::max({size, size_t{held.capacity} * 2, kCapacityMin});
    held.at = arena_.take(capacity);
    held.capacity = static_cast<uint32_t>(capacity);
  }
  if (size > 0) std::memcpy(held.at, value.text.data(), size);
  held.size = static_cast<uint32_t>(size);
  held.time = value.time;
  held.is_string = value.is_string;
  held.set = true;
}

}  // namespace millrace::insights
