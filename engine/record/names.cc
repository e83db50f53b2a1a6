// SPDX-License-Identifier: Apache-2.0
#include "engine/record/names.h"

#include <string>
#include <string_view>

#include "engine/record/ascii_text.h"
#include "engine/record/json_writer.h"

namespace millrace::record {

NameId NameTable::intern(std::string_view name) {
  if (const NameId known = find(name); known != kNoName) return known;
  const auto id = static_cast<NameId>(names_.size());
  Name& added = names_.emplace_back();
  added.plain = name;
  std::string quoted;
  append_json_string(name, quoted);
  const std::string compact = ',' + quoted + ':';
  added.texts = compact + ", " + quoted + ": ";
  const size_t size = added.texts.size();
  added.texts.append(kPadding, '\0');
  const std::string_view texts = std::string_view(added.texts).substr(0, size);
  texts_.push_back({texts.substr(1, quoted.size()), texts.substr(0, compact.size()),
                    texts.substr(compact.size()), is_printable_ascii(quoted),
                    quoted.find('\\') != std::string::npos});
  ids_.emplace(added.plain, id);
  return id;
}

NameId NameTable::find(std::string_view name) const noexcept {
  const auto found = ids_.find(name);
  return found == ids_.end() ? kNoName : found->second;
}

}  // namespace millrace::record
