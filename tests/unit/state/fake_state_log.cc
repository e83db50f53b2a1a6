// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/state/fake_state_log.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

namespace millrace::state {

void FakeStateLog::append(const std::vector<io::CarriedRecord>& records) {
  for (const io::CarriedRecord& record : records)
    partitions_.at(static_cast<size_t>(record.partition.value()))
        .push_back({record.key, record.value});
}

void FakeStateLog::compact(std::mt19937& random) {
  for (std::vector<Record>& records : partitions_) {
    std::map<std::string, size_t> last;
    for (size_t i = 0; i < records.size(); ++i) last[records[i].key] = i;
    std::vector<Record> kept;
    std::set<std::string> left;  // keys of which older records are still there
    for (size_t i = 0; i < records.size(); ++i) {
      const std::string& key = records[i].key;
      if (last[key] != i) {
        if (random() % 3 != 0) continue;
        left.insert(key);
      } else if (!records[i].value && !left.contains(key) && random() % 2 == 0) {
        continue;
      }
      kept.push_back(records[i]);
    }
    records = std::move(kept);
  }
}

FakeStateLog::Record& FakeStateLog::newest(const std::string& key) {
  for (std::vector<Record>& records : partitions_) {
    const auto found = std::find_if(records.rbegin(), records.rend(),
                                    [&key](const Record& record) { return record.key == key; });
    if (found != records.rend()) return *found;
  }
  throw std::out_of_range(key);
}

bool FakeStateLog::has(const std::string& key) {
  return std::any_of(partitions_.begin(), partitions_.end(), [&key](const auto& records) {
    return std::any_of(records.begin(), records.end(),
                       [&key](const Record& record) { return record.key == key; });
  });
}

void FakeStateLog::erase(const std::string& key) {
  for (std::vector<Record>& records : partitions_)
    std::erase_if(records, [&key](const Record& record) { return record.key == key; });
}

size_t FakeStateLog::size() const {
  size_t size = 0;
  for (const auto& records : partitions_) size += records.size();
  return size;
}

base::Status FakeStateLog::read(std::span<const int32_t> partitions, const OnRecord& on_record) {
  if (!fails_with.empty()) return base::Error{fails_with};
  for (const int32_t id : partitions) {
    was_read.push_back(id);
    for (const Record& record : partition(id)) {
      // (Copies, so that whoever keeps a view of them is found out.)
      const std::string key = record.key;
      const std::optional<std::string> value = record.value;
      on_record(key, value ? std::optional<std::string_view>(*value) : std::nullopt);
    }
  }
  return {};
}

}  // namespace millrace::state
