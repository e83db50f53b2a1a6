// SPDX-License-Identifier: Apache-2.0
#include "engine/state/state_key.h"

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/insights/stable_hash.h"
#include "engine/state/decimal_number.h"

namespace millrace::state {
namespace {

std::string escaped(std::string_view group) {
  std::string text;
  text.reserve(group.size());
  for (const char c : group) {
    if (c == '%') {
      text += "%25";
    } else if (c == '/') {
      text += "%2F";
    } else {
      text += c;
    }
  }
  return text;
}

// Takes what is before the next slash, and the slash; all that is left where there is none.
std::string_view take_part(std::optional<std::string_view>& rest) {
  const size_t slash = rest->find('/');
  const std::string_view part = rest->substr(0, slash);
  if (slash == std::string_view::npos) {
    rest.reset();
  } else {
    rest->remove_prefix(slash + 1);
  }
  return part;
}

// "7" is number 7 of the first piece, "7.1" that of the second.
template <typename Integer>
bool read_number(std::string_view text, std::optional<Integer>& number, uint32_t* piece) {
  const size_t dot = text.find('.');
  number = decimal_number<Integer>(text.substr(0, dot));
  if (dot == std::string_view::npos) return number.has_value();
  const auto read = decimal_number<uint32_t>(text.substr(dot + 1));
  if (!number || !read || *read == 0 || piece == nullptr) return false;
  *piece = *read;
  return true;
}

}  // namespace

std::string StateKey::to_text(std::string_view group) const {
  MILLRACE_CHECK(chunk.has_value() == !insight.empty());
  const std::string of = piece == 0 ? std::string() : fmt::format(".{}", piece);
  if (!chunk) return fmt::format("{}/{}/{}{}", escaped(group), id.topic, id.partition, of);
  return fmt::format("{}/{}/{}/{}{}/{}", escaped(group), id.topic, id.partition, *chunk, of,
                     insight);
}

std::optional<StateKey> StateKey::parse(std::string_view group, std::string_view text) {
  std::optional<std::string_view> rest = text;
  if (take_part(rest) != escaped(group) || !rest) return std::nullopt;
  StateKey key;
  key.id.topic = take_part(rest);
  if (key.id.topic.empty() || !rest) return std::nullopt;
  const std::string_view partition_text = take_part(rest);
  std::optional<int32_t> partition;
  if (!read_number(partition_text, partition, rest ? nullptr : &key.piece)) return std::nullopt;
  key.id.partition = *partition;
  if (!rest) return key;
  if (!read_number(take_part(rest), key.chunk, &key.piece) || !rest || rest->empty())
    return std::nullopt;
  key.insight = *rest;
  return key;
}

int32_t log_partition(const base::TopicPartition& input, int32_t log_partitions) {
  MILLRACE_CHECK(log_partitions > 0);
  const uint64_t hash = insights::stable_hash(fmt::format("{}/{}", input.topic, input.partition));
  return static_cast<int32_t>(hash % static_cast<uint64_t>(log_partitions));
}

}  // namespace millrace::state
