// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "engine/record/document.h"
#include "engine/schema/known_results.h"
#include "engine/schema/program.h"
#include "engine/schema/same_value.h"
#include "engine/schema/whole_number.h"

namespace millrace::schema {

// Runs subschemas on values of a document. Nothing here allocates once the scratch has grown.
//
// What unevaluatedProperties and unevaluatedItems ask for is kept in frames: one bit for each
// member or element of the value at hand, on a stack. A schema that is asked about the same value
// writes into the frame of whoever asks; an alternative writes into one of its own, which is
// merged if it holds.
//
// Threading: one worker. Lifetime: the program outlives it.
class Evaluator {
 public:
  explicit Evaluator(const Program& program);

  // Requires for all below. The document, unedited, outlives them.
  void start(const record::Document& document) noexcept;

  [[nodiscard]] bool holds(SubschemaId id, const record::Node& value) noexcept {
    return holds(program_.subschemas[id], value, kNoFrame);
  }

  // One check by itself, where nobody asks what it evaluates.
  [[nodiscard]] bool holds(const Check& check, const record::Node& value) noexcept {
    return holds(check, value, kNoFrame);
  }

  [[nodiscard]] static bool has_kind(Kinds kinds, const record::JsonValue& value) noexcept {
    if (has_bit(kinds, value.kind)) [[likely]]
      return true;
    return (kinds & kWholeNumbers) != 0 && value.kind == record::ValueKind::kNumber &&
           is_whole(value.text);
  }

  // The member of an object; nullptr where there is none.
  [[nodiscard]] const record::Node* member(const record::Node& object,
                                           record::NameId name) const noexcept;

  [[nodiscard]] bool name_matches(uint32_t pattern, const record::Node& member) noexcept;

  // How many elements match, counted up to one more than the most that are allowed.
  [[nodiscard]] uint64_t count_matches(const Contains& contains,
                                       const record::Node& array) noexcept;

  // The members or elements that an unevaluated* `check` of `subschema` rejects. Requires: all
  // other checks hold.
  void list_rejected(const Subschema& subschema, const Check& check, const record::Node& value,
                     std::vector<record::NodeIndex>& rejected) noexcept;

 private:
  using Frame = size_t;  // where it begins
  static constexpr Frame kNoFrame = std::numeric_limits<Frame>::max();

  [[nodiscard]] bool holds(const Subschema& subschema, const record::Node& value,
                           Frame frame) noexcept;
  [[nodiscard]] bool holds(const Check& check, const record::Node& value, Frame frame) noexcept;
  [[nodiscard]] bool holds_of_string(const Check& check, const record::Node& value) noexcept;

  // Most members and elements are decided here, without a call.
  [[nodiscard, gnu::always_inline]] bool accepts(const Part& part,
                                                 const record::Node& value) noexcept {
    if (!has_kind(part.kinds, value.value)) return false;
    if (!has_bit(part.checked, value.value.kind)) return true;
    return checks_hold(program_.subschemas[part.schema], value, kNoFrame);
  }

  [[nodiscard]] bool checks_hold(const Subschema& subschema, const record::Node& value,
                                 Frame frame) noexcept;
  [[nodiscard]] bool own_frame_holds(const Subschema& subschema, const record::Node& value,
                                     Frame frame) noexcept;
  [[nodiscard]] bool remembered_holds(const Subschema& subschema, const record::Node& value,
                                      Frame frame) noexcept;

  [[nodiscard]] bool members_hold(const Members& members, const record::Node& object,
                                  Frame frame) noexcept;
  [[nodiscard]] bool named_members_hold(const Members& members) noexcept;
  [[nodiscard]] bool other_member_holds(const Members& members, const record::Node& member,
                                        bool declared, bool& evaluated) noexcept;
  [[nodiscard]] bool name_holds(SubschemaId id, const record::Node& member) noexcept;
  [[nodiscard]] bool elements_hold(const Elements& elements, const record::Node& array,
                                   Frame frame) noexcept;
  [[nodiscard]] bool contains_holds(const Contains& contains, const record::Node& array,
                                    Frame frame) noexcept;
  [[nodiscard]] bool dependent_names_hold(const std::vector<DependentNames>& list,
                                          const record::Node& object) const noexcept;
  [[nodiscard]] bool dependent_schemas_hold(const std::vector<DependentSchema>& list,
                                            const record::Node& object, Frame frame) noexcept;
  [[nodiscard]] bool condition_holds(const Condition& condition, const record::Node& value,
                                     Frame frame) noexcept;
  [[nodiscard]] bool any_holds(const std::vector<SubschemaId>& branches, const record::Node& value,
                               Frame frame) noexcept;
  [[nodiscard]] bool one_holds(const std::vector<SubschemaId>& branches, const record::Node& value,
                               Frame frame) noexcept;
  [[nodiscard]] bool alternative_holds(SubschemaId id, const record::Node& value,
                                       Frame frame) noexcept;
  [[nodiscard]] bool rest_holds(SubschemaId id, const record::Node& value, Frame frame) noexcept;

  [[nodiscard]] Frame push_frame(const record::Node& value) noexcept;
  void pop_frame(Frame frame) noexcept;
  void merge_and_pop(Frame from, Frame to) noexcept;
  void mark(Frame frame, size_t position) noexcept;
  [[nodiscard]] bool is_marked(Frame frame, size_t position) const noexcept;

  [[nodiscard]] std::string_view content(const record::Node& string) noexcept;

  const Program& program_;
  const record::Document* document_ = nullptr;
  SameValue same_;
  KnownResults known_;
  std::vector<uint64_t> marks_;
  std::string text_;
};

}  // namespace millrace::schema
