// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/replay_progress.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace millrace::operate {
namespace {

constexpr std::string_view kBegin = R"({"version":1,"done":")";
constexpr std::string_view kMiddle = R"(","last":[)";
constexpr std::string_view kNewest = R"(],"newest":)";

// Takes texts apart from the front; once something is not there, `good` is false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool take(std::string_view what) {
    if (!rest_.starts_with(what)) return false;
    rest_.remove_prefix(what.size());
    return true;
  }

  void expect(std::string_view what) { good_ = take(what) && good_; }

  int64_t number() {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    good_ = good_ && error == std::errc{};
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return value;
  }

  [[nodiscard]] bool good() const { return good_; }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

base::Status ReplayProgress::take(std::string_view key, std::string_view value) {
  const auto wrong = [key] {
    return base::Error{fmt::format("the record {} is no progress of a replay", key)};
  };
  const size_t chunk_at = key.rfind('/');
  const size_t partition_at =
      chunk_at == std::string_view::npos || chunk_at == 0 ? chunk_at : key.rfind('/', chunk_at - 1);
  if (chunk_at == std::string_view::npos || partition_at == std::string_view::npos) return wrong();
  Scanner number(key.substr(partition_at + 1));
  const int64_t partition = number.number();
  number.expect("/");
  const int64_t index = number.number();
  if (!number.good() || !number.at_end()) return wrong();

  Chunk chunk;
  Scanner scanner(value);
  scanner.expect(kBegin);
  do {
    const int64_t first = scanner.number();
    const int64_t last = scanner.take("-") ? scanner.number() : first;
    if (!scanner.good() || first < 0 || last < first || last >= kChunk) return wrong();
    for (int64_t i = first; i <= last; ++i) chunk.bits.set(static_cast<size_t>(i));
  } while (scanner.take(","));
  scanner.expect(kMiddle);
  chunk.last_offset = scanner.number();
  scanner.expect(",");
  chunk.last_timestamp_ms = scanner.number();
  if (scanner.take(kNewest)) {
    chunk.newest_ms = scanner.number();
    scanner.expect("}");
  } else {
    scanner.expect("]}");
  }
  if (!scanner.good() || !scanner.at_end()) return wrong();
  const base::TopicPartition id{std::string(key.substr(0, partition_at)),
                                static_cast<int32_t>(partition)};
  const auto [known, is_new] = chunks_.try_emplace({id, index}, chunk);
  if (is_new) return {};
  Chunk& merged = known->second;
  merged.bits |= chunk.bits;
  if (chunk.last_offset >= merged.last_offset) {
    merged.last_offset = chunk.last_offset;
    merged.last_timestamp_ms = chunk.last_timestamp_ms;
  }
  if (merged.newest_ms && chunk.newest_ms) {
    merged.newest_ms = std::max(*merged.newest_ms, *chunk.newest_ms);
  } else {
    merged.newest_ms.reset();
  }
  return {};
}

const ReplayProgress::Chunk* ReplayProgress::find(const base::TopicPartition& partition,
                                                  int64_t offset) const {
  const auto found = chunks_.find({partition, offset / kChunk});
  return found == chunks_.end() ? nullptr : &found->second;
}

bool ReplayProgress::done(const base::TopicPartition& partition, int64_t offset) const {
  const Chunk* const chunk = find(partition, offset);
  return chunk != nullptr && chunk->bits.test(static_cast<size_t>(offset % kChunk));
}

bool ReplayProgress::contradicts(const base::TopicPartition& partition, int64_t offset,
                                 int64_t timestamp_ms) const {
  const Chunk* const chunk = find(partition, offset);
  if (chunk == nullptr || !chunk->bits.test(static_cast<size_t>(offset % kChunk))) return false;
  return (chunk->last_offset == offset && chunk->last_timestamp_ms != timestamp_ms) ||
         (chunk->newest_ms && timestamp_ms > *chunk->newest_ms);
}

std::optional<int64_t> ReplayProgress::highest(const base::TopicPartition& partition) const {
  std::optional<int64_t> highest;
  for (auto at = chunks_.lower_bound({partition, 0});
       at != chunks_.end() && at->first.first == partition; ++at) {
    highest = at->second.last_offset;
  }
  return highest;
}

void ReplayProgress::mark(const base::TopicPartition& partition, int64_t offset,
                          int64_t timestamp_ms) {
  const Place place{partition, offset / kChunk};
  const auto [known, is_new] = chunks_.try_emplace(place);
  Chunk& chunk = known->second;
  if (is_new) chunk.newest_ms = timestamp_ms;
  if (chunk.newest_ms) chunk.newest_ms = std::max(*chunk.newest_ms, timestamp_ms);
  chunk.bits.set(static_cast<size_t>(offset % kChunk));
  if (offset >= chunk.last_offset) {
    chunk.last_offset = offset;
    chunk.last_timestamp_ms = timestamp_ms;
  }
  changed_.insert(place);
}

std::string ReplayProgress::to_text(const Chunk& chunk) {
  std::string text(kBegin);
  bool first = true;
  for (size_t i = 0; i < chunk.bits.size(); ++i) {
    if (!chunk.bits.test(i)) continue;
    const size_t begin = i;
    while (i + 1 < chunk.bits.size() && chunk.bits.test(i + 1)) ++i;
    text += first ? "" : ",";
    text += begin == i ? fmt::format("{}", begin) : fmt::format("{}-{}", begin, i);
    first = false;
  }
  text += fmt::format("{}{},{}", kMiddle, chunk.last_offset, chunk.last_timestamp_ms);
  return text + (chunk.newest_ms ? fmt::format("{}{}}}", kNewest, *chunk.newest_ms) : "]}");
}

std::vector<std::pair<std::string, std::string>> ReplayProgress::take_changes() {
  std::vector<std::pair<std::string, std::string>> records;
  for (const Place& place : changed_) {
    records.emplace_back(
        fmt::format("{}/{}/{}", place.first.topic, place.first.partition, place.second),
        to_text(chunks_.at(place)));
  }
  changed_.clear();
  return records;
}

uint64_t ReplayProgress::count() const {
  uint64_t count = 0;
  for (const auto& [place, chunk] : chunks_) count += chunk.bits.count();
  return count;
}

}  // namespace millrace::operate
