// SPDX-License-Identifier: Apache-2.0
#include "engine/record/batch.h"

#include "engine/base/check.h"

namespace millrace::record {
namespace {

Bytes copy_into(Arena& arena, Bytes bytes) {
  if (bytes.null()) return {};
  // An empty value has an address of its own too: a failed delivery is told by it.
  if (bytes.size() == 0) return {arena.take(1), 0};
  return Bytes::of(arena.copy(bytes.view()));
}

}  // namespace

void Batch::open(base::Offset range_begin, int32_t partition, base::WallTime now) {
  MILLRACE_CHECK(records_.empty() && range_begin.valid());
  range_begin_ = range_begin;
  range_end_ = range_begin;
  partition_ = partition;
  now_ = now;
}

void Batch::append(const InputRecord& record) {
  MILLRACE_CHECK(record.offset >= range_end_);
  InputRecord copy = record;
  copy.key = copy_into(arena_, record.key);
  copy.value = copy_into(arena_, record.value);
  input_bytes_ += copy.key.size() + copy.value.size();
  if (!record.headers.empty()) [[unlikely]] {
    auto* headers = arena_.take_array<Header>(record.headers.size());
    for (size_t i = 0; i < record.headers.size(); ++i) {
      headers[i].name = arena_.copy(record.headers[i].name);
      headers[i].value = copy_into(arena_, record.headers[i].value);
      input_bytes_ += headers[i].name.size() + headers[i].value.size();
    }
    copy.headers = {headers, record.headers.size()};
  }
  records_.push_back(copy);
  range_end_ = record.offset.next();
}

void Batch::extend(base::Offset end) {
  MILLRACE_CHECK(end >= range_end_);
  range_end_ = end;
}

void Batch::mark_undeliverable(uint32_t record_index, std::string_view reason) {
  MILLRACE_CHECK(record_index < records_.size());
  MILLRACE_CHECK(undeliverable_.empty() || undeliverable_.back().record < record_index);
  undeliverable_.push_back({record_index, arena_.copy(reason)});
}

void Batch::reset() {
  arena_.reset();
  records_.clear();
  outputs_.clear();
  outcomes_.clear();
  undeliverable_.clear();
  range_begin_ = {};
  range_end_ = {};
  input_bytes_ = 0;
}

size_t Batch::footprint() const {
  return arena_.footprint() + records_.capacity() * sizeof(InputRecord) +
         outputs_.capacity() * sizeof(OutputRecord) + outcomes_.capacity() +
         undeliverable_.capacity() * sizeof(Undeliverable);
}

}  // namespace millrace::record
