// SPDX-License-Identifier: Apache-2.0
#include "engine/record/names.h"

#include <string>
#include <string_view>

#include "engine/record/json_text.h"
#include "engine/record/json_writer.h"

namespace millrace::record {

NameId NameTable::intern(std::string_view name) {
  if (const NameId known = find(name); known != kNoName) return known;
  const auto id = static_cast<NameId>(names_.size());
  Name& added = names_.emplace_back();
  added.plain = name;
  append_json_string(name, added.padded_text);
  const size_t size = added.padded_text.size();
  added.padded_text.append(kPadding, '\0');
  const std::string_view text(added.padded_text.data(), size);
  texts_.push_back({text, is_printable_ascii(text)});
  ids_.emplace(added.plain, id);
  return id;
}

NameId NameTable::find(std::string_view name) const noexcept {
  const auto found = ids_.find(name);
  return found == ids_.end() ? kNoName : found->second;
}

}  // namespace millrace::record
