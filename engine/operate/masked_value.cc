// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/masked_value.h"

#include <fmt/format.h>

#include "engine/record/document.h"
#include "engine/record/masked_json.h"

namespace millrace::operate {
namespace {

constexpr size_t kShownMax = 200;
constexpr size_t kParsedMax = size_t{64} << 10;

}  // namespace

std::string masked_value(record::Bytes value, const record::NameTable& names) {
  if (value.null()) return "(a tombstone)";
  if (value.size() > kParsedMax) return fmt::format("({} bytes)", value.size());
  record::Document document(names, {.reject_duplicates = false, .objects_only = false});
  if (document.parse(value.view()) != record::ParseError::kNone)
    return fmt::format("({} bytes, no JSON)", value.size());
  return record::masked_json(document, kShownMax);
}

}  // namespace millrace::operate
