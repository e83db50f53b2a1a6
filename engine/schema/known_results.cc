// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/known_results.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace millrace::schema {
namespace {

constexpr size_t kEntriesFirst = 1024;
// A larger table is given back after its document.
constexpr size_t kEntriesKept = size_t{1} << 16U;

uint64_t key_of(SubschemaId schema, record::NodeIndex value) noexcept {
  return (uint64_t{schema} << 32U) | static_cast<uint32_t>(value);
}

}  // namespace

void KnownResults::clear() noexcept {
  if (used_ == 0) return;
  used_ = 0;
  if (entries_.size() > kEntriesKept || round_ == std::numeric_limits<uint32_t>::max()) {
    entries_.clear();
    entries_.shrink_to_fit();
    round_ = 0;
  }
  ++round_;
}

size_t KnownResults::position(uint64_t key) const noexcept {
  const size_t mask = entries_.size() - 1;
  size_t at = (key * 0x9E3779B97F4A7C15U >> 20U) & mask;
  while (entries_[at].round == round_ && entries_[at].key != key) at = (at + 1) & mask;
  return at;
}

std::optional<bool> KnownResults::find(SubschemaId schema, record::NodeIndex value) const noexcept {
  if (used_ == 0) return std::nullopt;
  const Entry& entry = entries_[position(key_of(schema, value))];
  if (entry.round != round_) return std::nullopt;
  return entry.holds;
}

void KnownResults::add(SubschemaId schema, record::NodeIndex value, bool holds) noexcept {
  if ((used_ + 1) * 2 > entries_.size()) grow();
  const uint64_t key = key_of(schema, value);
  entries_[position(key)] = {key, round_, holds};
  ++used_;
}

void KnownResults::grow() noexcept {
  std::vector<Entry> old = std::exchange(entries_, {});
  entries_.resize(std::max(kEntriesFirst, old.size() * 2));
  for (const Entry& entry : old) {
    if (entry.round == round_) entries_[position(entry.key)] = entry;
  }
}

}  // namespace millrace::schema
