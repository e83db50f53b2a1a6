// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/message.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace millrace::kafka {
namespace {

record::Bytes bytes(const void* data, size_t size) {
  return {static_cast<const char*>(data), data == nullptr ? 0 : size};
}

// Whether the record can have headers. To ask librdkafka costs an allocation and 900 instructions,
// also where there are none: two fifths of what the poll thread does for a record. In a batch of
// today's format (2, of Kafka 0.11) the number of headers follows the value, as a varint: a zero is
// one byte. Where the format is an older one, records have no headers and whatever stands there
// gives the right answer; a byte in the page of the value's last one can be read in any case.
__attribute__((no_sanitize("address"))) bool may_have_headers(const rd_kafka_message_t& message) {
  constexpr uintptr_t kPage = 4096;
  const char* end = static_cast<const char*>(message.payload) + message.len;
  if (message.payload == nullptr || message.len == 0) return true;
  if (reinterpret_cast<uintptr_t>(end) % kPage == 0) return true;
  return *end != 0;
}

rd::Headers make_headers(std::span<const record::Header> headers) {
  if (headers.empty()) return nullptr;
  rd::Headers list(rd_kafka_headers_new(headers.size()));
  for (const record::Header& header : headers) {
    rd_kafka_header_add(list.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  }
  return list;
}

}  // namespace

void show(const rd_kafka_message_t& message, std::vector<record::Header>& headers,
          record::InputRecord& record) {
  record.offset = base::Offset{message.offset};
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  record.timestamp_ms = rd_kafka_message_timestamp(&message, &type);
  record.key = bytes(message.key, message.key_len);
  record.value = bytes(message.payload, message.len);
  headers.clear();
  rd_kafka_headers_t* list = nullptr;
  if (may_have_headers(message) &&
      rd_kafka_message_headers(&message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0;
         rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      headers.push_back({name, bytes(value, size)});
    }
  }
  record.headers = headers;
}

rd_kafka_resp_err_t produce(rd_kafka_t* producer, const Outgoing& record) {
  rd::Headers headers = make_headers(record.headers);
  std::array<rd_kafka_vu_t, 8> fields{};
  fields[0].vtype = RD_KAFKA_VTYPE_RKT;
  fields[0].u.rkt = record.topic;
  fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  fields[1].u.i32 = record.partition;
  // The C API takes pointers to what it will not change.
  fields[2].vtype = RD_KAFKA_VTYPE_VALUE;
  fields[2].u.mem.ptr = const_cast<char*>(record.value.data());
  fields[2].u.mem.size = record.value.size();
  fields[3].vtype = RD_KAFKA_VTYPE_KEY;
  fields[3].u.mem.ptr = const_cast<char*>(record.key.data());
  fields[3].u.mem.size = record.key.size();
  fields[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
  fields[4].u.ptr = record.opaque;
  fields[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  fields[5].u.i = record.flags;
  fields[6].vtype = RD_KAFKA_VTYPE_HEADERS;
  fields[6].u.headers = headers.get();
  fields[7].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  fields[7].u.i64 = std::max<int64_t>(record.timestamp_ms, 0);  // 0: now
  const rd::Error error(rd_kafka_produceva(producer, fields.data(), fields.size()));
  if (error != nullptr) return rd_kafka_error_code(error.get());
  static_cast<void>(headers.release());  // taken over, on success only
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace millrace::kafka
