// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/insights/encoding.h"
#include "engine/insights/insight.h"
#include "engine/record/arena.h"
#include "engine/record/json_writer.h"

namespace millrace::insights {

// A scalar of a record, as it is kept for a key: the content of a string (cut by cut_key()), or the
// JSON text of a number, true, false or null.
struct EdgeValue {
  std::string_view text;
  bool is_string = false;
  int64_t time = 0;  // the record's Kafka timestamp, Unix milliseconds: orders what different
                     // partitions have (ties: the greater text)
};

struct OwnedEdgeValue {
  std::string text;
  bool is_string = false;
  int64_t time = 0;
};

[[nodiscard]] OwnedEdgeValue owned(const EdgeValue& value);

void write_json(const OwnedEdgeValue& value, record::JsonWriter& writer);

// The edge values of the keys of a table, by the numbers of the keys' entries. Memory is taken for
// values only, and a value that is replaced by one that is no longer takes none. clear() keeps it
// (as an arena does), so that a recycled shard allocates nothing in the steady state.
//
// Threading: one owner at a time.
class EdgeValues {
 public:
  // For `edges` values of each entry.
  explicit EdgeValues(size_t edges = 0);

  // Of a new record, in offset order: a first value stays, a last one is replaced.
  void set(size_t entry, size_t edge, Edge which, const EdgeValue& value);

  // Of another partition's record: the earlier (first) or later (last) one by time is kept. Of
  // equal times it is the greater text, of equal texts the string.
  void merge(size_t entry, size_t edge, Edge which, const EdgeValue& value);

  // Nothing where none was set. Its text is valid until the next call of another method.
  [[nodiscard]] std::optional<EdgeValue> get(size_t entry, size_t edge) const;

  void clear();

  // All values of an entry, as they are; load() into one that has none. What no record can have had
  // fails.
  void save(size_t entry, Encoder& to) const;
  void load(size_t entry, Decoder& from);

  // About as many bytes as save() writes for all entries.
  [[nodiscard]] size_t saved_size() const;

  [[nodiscard]] size_t footprint() const;

 private:
  struct Held {
    char* at = nullptr;
    uint32_t size = 0;
    uint32_t capacity = 0;
    int64_t time = 0;
    bool is_string = false;
    bool set = false;
  };

  [[nodiscard]] Held& at(size_t entry, size_t edge);
  void put(const EdgeValue& value, Held& held);

  size_t edges_;
  std::vector<Held> held_;  // entry * edges_ + edge
  record::Arena arena_{record::Arena::kSmallChunkBytes};
};

}  // namespace millrace::insights
