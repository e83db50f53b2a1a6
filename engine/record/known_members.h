// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/record/names.h"

namespace millrace::record {

// A member that was met before: a name inside the objects that stand at one place of the records.
// Records of a topic mostly have one shape, so what followed a member last time follows it again,
// and one comparison recognises it.
struct KnownMember {
  static constexpr size_t kHeadBytes = 16;

  std::array<uint64_t, 2> head{};     // of the name in quotes and its colon; 0 beyond their end
  std::array<uint64_t, 2> mask{};     // the bits of `head` that count
  const char* text = nullptr;         // all of the name in quotes and the colon
  uint32_t name_bytes = 0;            // without the colon; 0 is equal to nothing
  NameId name = kNoName;              // where the plan mentions it
  uint32_t next = 0;                  // the member that followed last time
  uint32_t first = 0;                 // the first member of the objects in its value, last time
  uint32_t inside = 0;                // whose value the object is in
  uint32_t last_object = UINT32_MAX;  // the number of the object that it was met in last

  // Whether it stands at `at`, with its colon behind it. `colon` is how far behind `at` the next
  // token begins. Requires: the bytes up to and with the colon can be read, and kHeadBytes.
  [[nodiscard]] bool stands_at(const char* at, uint32_t colon) const noexcept {
    if (colon != name_bytes) return false;
    std::array<uint64_t, 2> found;
    std::memcpy(found.data(), at, kHeadBytes);
    if ((((found[0] ^ head[0]) & mask[0]) | ((found[1] ^ head[1]) & mask[1])) != 0) return false;
    return name_bytes < kHeadBytes ||
           std::memcmp(at + kHeadBytes, text + kHeadBytes, name_bytes + 1 - kHeadBytes) == 0;
  }

  [[nodiscard]] std::string_view name_text() const noexcept { return {text, name_bytes}; }
};

// The members that a worker has met, by number. What is not here costs a search, never a different
// result. Its size is bounded: where records bring ever new names it begins afresh now and then.
//
// Threading: one worker.
class KnownMembers {
 public:
  static constexpr uint32_t kNone = 0;  // no member: whatever is inside is not known either
  static constexpr uint32_t kRoot = 1;  // of which the members of the record's top level are inside
  static constexpr uint32_t kGraft = 2;  // the same of texts that are parsed into a record

  explicit KnownMembers(const NameTable& names);

  // Between documents.
  void begin_document() noexcept {
    if (overflows_ >= kOverflowsMax || names_.size() != names_known_) [[unlikely]]
      forget_all();
  }

  // The number of the member with this name, in quotes and without escapes, inside `inside`; kNone
  // where it cannot be remembered.
  [[nodiscard]] uint32_t find_or_add(uint32_t inside, std::string_view name_text) noexcept;

  // Does not move: every number's member stays where it is.
  [[nodiscard]] KnownMember* members() noexcept { return members_.data(); }

  // Of the objects of a document, in any order; no two of one worker have the same.
  [[nodiscard]] uint32_t next_object() const noexcept { return next_object_; }

  void set_next_object(uint32_t number) noexcept;

  [[nodiscard]] size_t size() const noexcept { return members_.size(); }

 private:
  static constexpr size_t kMembersMax = 4096;
  static constexpr size_t kSlots = 2 * kMembersMax;
  static constexpr size_t kNameBytesMax = 128;
  static constexpr size_t kTextBytesMax = size_t{96} << 10;
  static constexpr size_t kProbesMax = 16;
  // This many names that found no room, and all begins afresh: the shape of records has changed.
  static constexpr uint32_t kOverflowsMax = 64 << 10;

  uint32_t add(uint32_t inside, std::string_view name_text) noexcept;
  void forget_all() noexcept;

  const NameTable& names_;
  size_t names_known_ = 0;  // size of names_ when the members were found there
  std::vector<KnownMember> members_;
  std::unique_ptr<uint16_t[]> slots_;  // an open-addressing table of numbers, 0 where free
  std::unique_ptr<char[]> texts_;
  size_t texts_size_ = 0;
  uint32_t overflows_ = 0;
  uint32_t next_object_ = 0;
};

}  // namespace millrace::record
