// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/record/names.h"

namespace millrace::record {

// The way to a value inside a record, compiled: user.address.city, items[0].sku. Without segments
// it is the record itself.
struct Path {
  struct Segment {
    NameId name = kNoName;  // of a member; kNoName: `index` counts
    uint32_t index = 0;     // of an array's element, from 0
  };

  std::vector<Segment> segments;
  std::string text;  // as the user wrote it, for messages

  // A member of the record's top level.
  [[nodiscard]] bool is_top_level() const {
    return segments.size() == 1 && segments[0].name != kNoName;
  }
};

}  // namespace millrace::record
