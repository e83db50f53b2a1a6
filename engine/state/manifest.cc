// SPDX-License-Identifier: Apache-2.0
#include "engine/state/manifest.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <set>

#include "engine/base/check.h"
#include "engine/insights/encoding.h"
#include "engine/insights/stable_hash.h"

namespace millrace::state {
namespace {

using insights::Decoder;
using insights::Encoder;

void write_insight(const Manifest::Insight& insight, Encoder& to) {
  MILLRACE_CHECK(std::has_single_bit(insight.chunks.size()));
  to.text(insight.name);
  to.text(insight.definition);
  to.text(insight.counts);
  to.number(insight.chunks.size());
  for (const Manifest::Chunk& chunk : insight.chunks) {
    to.number(chunk.bytes);
    if (chunk.bytes > 0) to.number(chunk.hash);
  }
}

Manifest::Insight read_insight(Decoder& from) {
  Manifest::Insight insight;
  insight.name = from.text();
  insight.definition = from.text();
  insight.counts = from.text();
  insight.chunks.resize(from.count(1));
  if (insight.name.empty() || !std::has_single_bit(insight.chunks.size())) from.fail();
  for (Manifest::Chunk& chunk : insight.chunks) {
    chunk.bytes = from.number();
    if (chunk.bytes > 0) chunk.hash = from.number();
  }
  return insight;
}

// Name, definition, counts, and one chunk: a byte each at least.
constexpr size_t kInsightBytesMin = 5;

Manifest read_body(Decoder& from) {
  Manifest manifest;
  const uint64_t end = from.number();
  if (end > uint64_t{std::numeric_limits<int64_t>::max()}) from.fail();
  manifest.end.value = static_cast<int64_t>(end);
  manifest.written_ms = from.signed_number();
  manifest.counts = from.text();
  const size_t insights = from.count(kInsightBytesMin);
  std::set<std::string> names;
  for (size_t i = 0; i < insights && from.ok(); ++i) {
    manifest.insights.push_back(read_insight(from));
    if (!names.insert(manifest.insights.back().name).second) from.fail();
  }
  if (!from.at_end()) from.fail();
  return manifest;
}

}  // namespace

const Manifest::Insight* Manifest::find(std::string_view name) const {
  const auto found = std::find_if(insights.begin(), insights.end(),
                                  [name](const Insight& insight) { return insight.name == name; });
  return found == insights.end() ? nullptr : &*found;
}

std::string Manifest::to_bytes() const {
  MILLRACE_CHECK(end.valid());
  Encoder body;
  body.number(static_cast<uint64_t>(end.value));
  body.signed_number(written_ms);
  body.text(counts);
  body.number(insights.size());
  for (const Insight& insight : insights) write_insight(insight, body);
  Encoder whole;
  whole.number(kVersion);
  whole.number(insights::stable_hash(body.bytes()));
  whole.text(body.bytes());
  return whole.bytes();
}

std::optional<Manifest> Manifest::parse(std::string_view bytes, uint64_t& version) {
  Decoder whole(bytes);
  version = whole.number();
  if (version != kVersion) return std::nullopt;
  const uint64_t hash = whole.number();
  const std::string_view body = whole.text();
  if (!whole.ok() || insights::stable_hash(body) != hash) return std::nullopt;
  Decoder from(body);
  Manifest manifest = read_body(from);
  if (!from.ok()) return std::nullopt;
  return manifest;
}

}  // namespace millrace::state
