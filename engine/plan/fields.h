// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/record/json_walk.h"

namespace millrace::plan {

// A member name that the plan mentions, numbered when the plan is compiled: no step searches for a
// name while records flow.
struct FieldId {
  uint32_t index = 0;

  auto operator<=>(const FieldId&) const = default;
};

// All names that a plan mentions. Immutable once the plan is compiled.
class FieldNames {
 public:
  FieldId intern(std::string_view name);

  // kNone where the plan does not mention it.
  [[nodiscard]] int32_t find(std::string_view name) const noexcept;

  [[nodiscard]] std::string_view name(FieldId id) const noexcept { return names_[id.index].plain; }

  // As a JSON string, with its quotes.
  [[nodiscard]] std::string_view text(FieldId id) const noexcept { return names_[id.index].text; }

  [[nodiscard]] size_t size() const noexcept { return names_.size(); }

  static constexpr int32_t kNone = -1;

 private:
  struct Name {
    std::string plain;
    std::string text;
  };

  std::deque<Name> names_;  // does not move its elements: ids_ points into it
  std::unordered_map<std::string_view, uint32_t> ids_;
};

// The record at hand: its members as they came in, and as the steps have made them so far.
//
// Threading: one worker. Lifetime: views of what was loaded; nothing is owned.
class Fields {
 public:
  explicit Fields(const FieldNames& names);

  // Starts a record. Requires: no two members of one name; they outlive the use of this record.
  void load(std::span<const record::Member> members) noexcept;

  // The value as it came in; nullptr where the record lacks it.
  [[nodiscard]] const record::JsonValue* input(FieldId id) const noexcept {
    const int32_t at = input_at_[id.index];
    return at == FieldNames::kNone ? nullptr : &members_[static_cast<size_t>(at)].value;
  }

  // The value as the steps before have left it; nullptr where there is none.
  [[nodiscard]] const record::JsonValue* get(FieldId id) const noexcept {
    const int32_t at = at_[id.index];
    return at == FieldNames::kNone ? nullptr : &fields_[static_cast<size_t>(at)].value;
  }

  // Replaces the member's value at its place, or appends the member.
  void set(FieldId id, const record::JsonValue& value) noexcept;

  // Requires: get(from) != nullptr and get(to) == nullptr.
  void rename(FieldId from, FieldId to) noexcept;

  // The record as compact JSON: exactly encoded_size() bytes.
  [[nodiscard]] size_t encoded_size() const noexcept;
  void encode(char* to) const noexcept;

 private:
  struct Field {
    std::string_view name_text;
    record::JsonValue value;
  };

  // Which name the last record had at a position: records of one topic mostly have one shape, so
  // that one comparison usually tells which field a member is.
  struct Position {
    std::string name;
    int32_t id = FieldNames::kNone;
  };

  [[nodiscard]] int32_t identify(size_t position, std::string_view name) noexcept;

  const FieldNames& names_;
  std::span<const record::Member> members_;
  std::vector<Field> fields_;
  std::vector<int32_t> input_at_;  // by field id: index into members_, or kNone
  std::vector<int32_t> at_;        // by field id: index into fields_, or kNone
  std::vector<Position> shape_;
};

}  // namespace millrace::plan
