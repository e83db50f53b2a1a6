// SPDX-License-Identifier: Apache-2.0
#include "engine/record/known_members.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "engine/record/json_names.h"

namespace millrace::record {

KnownMembers::KnownMembers(const NameTable& names)
    : names_(names),
      slots_(std::make_unique<uint16_t[]>(kSlots)),
      texts_(std::make_unique_for_overwrite<char[]>(kTextBytesMax)) {
  members_.reserve(kMembersMax);
  forget_all();
}

void KnownMembers::forget_all() noexcept {
  members_.clear();
  members_.resize(3);  // kNone, kRoot and kGraft: they have no name, so nothing is equal to them
  std::fill_n(slots_.get(), kSlots, uint16_t{0});
  texts_size_ = 0;
  overflows_ = 0;
  names_known_ = names_.size();
}

void KnownMembers::set_next_object(uint32_t number) noexcept {
  // Far from the end, since one document cannot have as many objects as are left then.
  constexpr uint32_t kNumbersMax = uint32_t{1} << 31;
  if (number >= kNumbersMax) [[unlikely]] {
    forget_all();
    number = 0;
  }
  next_object_ = number;
}

uint32_t KnownMembers::find_or_add(uint32_t inside, std::string_view name_text) noexcept {
  if (inside == kNone || name_text.size() > kNameBytesMax) return kNone;
  constexpr uint32_t kOdd = 0x9E3779B1;
  const uint32_t hash = (hash_name(name_text) ^ inside) * kOdd;
  size_t slot = (hash >> 16) % kSlots;
  for (size_t probes = 0; slots_[slot] != 0; ++probes, slot = (slot + 1) % kSlots) {
    const KnownMember& member = members_[slots_[slot]];
    if (member.inside == inside && member.name_text() == name_text) return slots_[slot];
    if (probes == kProbesMax) return ++overflows_, kNone;
  }
  const uint32_t added = add(inside, name_text);
  slots_[slot] = static_cast<uint16_t>(added);
  return added;
}

uint32_t KnownMembers::add(uint32_t inside, std::string_view name_text) noexcept {
  const size_t bytes = std::max(name_text.size() + 1, KnownMember::kHeadBytes);
  if (members_.size() == kMembersMax || texts_size_ + bytes > kTextBytesMax) {
    ++overflows_;
    return kNone;
  }
  char* const text = texts_.get() + texts_size_;
  texts_size_ += bytes;
  std::memset(text, 0, bytes);
  std::memcpy(text, name_text.data(), name_text.size());
  text[name_text.size()] = ':';
  KnownMember& member = members_.emplace_back();
  member.text = text;
  member.name_bytes = static_cast<uint32_t>(name_text.size());
  member.name = names_.find(name_text.substr(1, name_text.size() - 2));
  member.inside = inside;
  std::memcpy(member.head.data(), text, KnownMember::kHeadBytes);
  std::memset(member.mask.data(), 0, KnownMember::kHeadBytes);
  std::memset(member.mask.data(), 0xFF, std::min(name_text.size() + 1, KnownMember::kHeadBytes));
  return static_cast<uint32_t>(members_.size() - 1);
}

}  // namespace millrace::record
