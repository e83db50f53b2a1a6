// SPDX-License-Identifier: Apache-2.0
#include "engine/record/structural_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <simdjson.h>

#include "engine/base/check.h"

namespace millrace::record {

namespace {

// There is room for documents of this many bytes from the start; room is 4 bytes each.
constexpr size_t kRoomFirst = size_t{64} << 10;
// Room for larger documents is given back when a smaller one comes.
constexpr size_t kRoomKept = size_t{4} << 20;

}  // namespace

StructuralIndex::StructuralIndex() {
  const simdjson::error_code error =
      simdjson::get_active_implementation()->create_dom_parser_implementation(kRoomFirst, 1,
                                                                              stage1_);
  MILLRACE_CHECK(error == simdjson::SUCCESS);
  room_ = stage1_->capacity();
  MILLRACE_CHECK(index(R"({"a": -1} )") == ParseError::kNone);
  constexpr std::array<uint32_t, 6> kExpected{0, 1, 4, 6, 8, 10};
  MILLRACE_CHECK(count() + 1 == kExpected.size());
  MILLRACE_CHECK(std::equal(kExpected.begin(), kExpected.end(), places()));
}

StructuralIndex::~StructuralIndex() = default;

ParseError StructuralIndex::index(std::string_view document) noexcept {
  if (document.empty()) return ParseError::kEmpty;
  // No JSON ends so, and stage 1 for processors without SSE 4.2 may look one byte beyond the end
  // for the rest of a character.
  if (static_cast<unsigned char>(document.back()) >= 0x80) return ParseError::kSyntax;
  if (document.size() > room_ || room_ > kRoomKept) [[unlikely]]
    fit_room(document.size());
  const simdjson::error_code error =
      stage1_->stage1(reinterpret_cast<const uint8_t*>(document.data()), document.size(),
                      simdjson::stage1_mode::regular);
  places_ = stage1_->structural_indexes.get();
  count_ = stage1_->n_structural_indexes;
  if (error == simdjson::SUCCESS) [[likely]]
    return ParseError::kNone;
  return error == simdjson::EMPTY ? ParseError::kEmpty : ParseError::kSyntax;
}

void StructuralIndex::fit_room(size_t bytes) noexcept {
  // Kafka's records end at 2 GiB, and so do the places at 4 GiB.
  MILLRACE_CHECK(bytes <= simdjson::SIMDJSON_MAXSIZE_BYTES);
  const size_t wanted = std::min(std::bit_ceil(std::max(bytes, kRoomFirst)),
                                 size_t{simdjson::SIMDJSON_MAXSIZE_BYTES});
  if (wanted != room_) set_room(wanted);
}

// Out of memory ends the process here as everywhere.
void StructuralIndex::set_room(size_t bytes) noexcept {
  const simdjson::error_code error = stage1_->set_capacity(bytes);
  MILLRACE_CHECK(error == simdjson::SUCCESS);
  room_ = bytes;
}

bool is_utf8(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace millrace::record
