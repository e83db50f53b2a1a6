// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace millrace::record {

// A member name that a plan mentions anywhere, at any depth, as a number: nothing searches for a
// name while records flow.
using NameId = int32_t;

inline constexpr NameId kNoName = -1;

// All names that a plan mentions. Filled while the plan is compiled, then immutable and shared by
// all workers.
class NameTable {
 public:
  NameTable() = default;
  NameTable(const NameTable&) = delete;
  NameTable& operator=(const NameTable&) = delete;

  NameId intern(std::string_view name);

  // kNoName where the plan does not mention it.
  [[nodiscard]] NameId find(std::string_view name) const noexcept;

  [[nodiscard]] std::string_view plain(NameId id) const noexcept {
    return names_[static_cast<size_t>(id)].plain;
  }

  // A name as it stands in JSON.
  struct Text {
    std::string_view quoted;   // "name"
    std::string_view compact;  // ,"name":
    std::string_view spaced;   // , "name": and a space
    bool is_plain = false;     // of printable ASCII
    bool escaped = false;      // with a backslash
  };

  // kPadding bytes that begin anywhere inside one of its texts may be read.
  [[nodiscard]] const Text& text(NameId id) const noexcept {
    return texts_[static_cast<size_t>(id)];
  }

  static constexpr size_t kPadding = 32;

  [[nodiscard]] size_t size() const noexcept { return ids_.size(); }

 private:
  struct Name {
    std::string plain;
    std::string texts;  // padded
  };

  std::deque<Name> names_;  // does not move its elements: ids_ points into it
  std::vector<Text> texts_;
  std::unordered_map<std::string_view, NameId> ids_;
};

}  // namespace millrace::record
