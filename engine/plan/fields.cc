// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/fields.h"

#include <algorithm>
#include <cstring>

#include "engine/record/json_writer.h"

namespace millrace::plan {
namespace {

// Positions beyond this are looked up by name each time.
constexpr size_t kShapePositionsMax = 64;
// Longer names too, so that remembered names take no more than a few KiB.
constexpr size_t kShapeNameBytesMax = 128;

char* put(std::string_view text, char* to) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

}  // namespace

FieldId FieldNames::intern(std::string_view name) {
  if (const int32_t known = find(name); known != kNone)
    return FieldId{static_cast<uint32_t>(known)};
  Name added{std::string(name), {}};
  record::append_json_string(name, added.text);
  const auto id = static_cast<uint32_t>(names_.size());
  names_.push_back(std::move(added));
  ids_.emplace(names_.back().plain, id);
  return FieldId{id};
}

int32_t FieldNames::find(std::string_view name) const noexcept {
  const auto found = ids_.find(name);
  return found == ids_.end() ? kNone : static_cast<int32_t>(found->second);
}

Fields::Fields(const FieldNames& names)
    : names_(names),
      input_at_(names.size(), FieldNames::kNone),
      at_(names.size(), FieldNames::kNone) {}

int32_t Fields::identify(size_t position, std::string_view name) noexcept {
  if (position >= kShapePositionsMax || name.size() > kShapeNameBytesMax) [[unlikely]]
    return names_.find(name);
  if (position >= shape_.size()) shape_.resize(position + 1);
  Position& expected = shape_[position];
  if (expected.name != name || name.empty()) [[unlikely]] {
    expected.name.assign(name);
    expected.id = names_.find(name);
  }
  return expected.id;
}

void Fields::load(std::span<const record::Member> members) noexcept {
  members_ = members;
  std::fill(input_at_.begin(), input_at_.end(), FieldNames::kNone);
  fields_.resize(members.size());
  for (size_t i = 0; i < members.size(); ++i) {
    fields_[i] = {members[i].name_text, members[i].value};
    if (const int32_t id = identify(i, members[i].name); id != FieldNames::kNone)
      input_at_[static_cast<size_t>(id)] = static_cast<int32_t>(i);
  }
  at_ = input_at_;
}

void Fields::set(FieldId id, const record::JsonValue& value) noexcept {
  int32_t& at = at_[id.index];
  if (at == FieldNames::kNone) {
    at = static_cast<int32_t>(fields_.size());
    fields_.push_back({names_.text(id), value});
  } else {
    fields_[static_cast<size_t>(at)].value = value;
  }
}

void Fields::rename(FieldId from, FieldId to) noexcept {
  const int32_t at = at_[from.index];
  at_[from.index] = FieldNames::kNone;
  at_[to.index] = at;
  fields_[static_cast<size_t>(at)].name_text = names_.text(to);
}

size_t Fields::encoded_size() const noexcept {
  size_t size = fields_.empty() ? 2 : 1;  // the brackets and the commas between the members
  for (const Field& field : fields_) size += field.name_text.size() + field.value.text.size() + 2;
  return size;
}

void Fields::encode(char* to) const noexcept {
  *to++ = '{';
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (i > 0) *to++ = ',';
    to = put(fields_[i].name_text, to);
    *to++ = ':';
    to = put(fields_[i].value.text, to);
  }
  *to = '}';
}

}  // namespace millrace::plan
