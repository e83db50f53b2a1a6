// SPDX-License-Identifier: Apache-2.0
#include "engine/record/topic_limits.h"

namespace millrace::record {

size_t sent_size(const OutputRecord& output) noexcept {
  size_t size = kRecordOverheadBytes + output.key.size() + output.value.size();
  for (const Header& header : output.headers)
    size += kHeaderOverheadBytes + header.name.size() + header.value.size();
  return size;
}

}  // namespace millrace::record
