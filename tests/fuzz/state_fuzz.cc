// SPDX-License-Identifier: Apache-2.0
// Any bytes are loaded as the saved chunk of an insight, of every kind, with windows and without;
// where they are one, what was loaded gives results, and is saved and loaded to the same again.
// Input: a byte that chooses the insight, then the chunk.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/insights/accumulator.h"
#include "engine/insights/encoding.h"
#include "engine/insights/insight.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/unit/insights/every_kind.h"

namespace millrace::fuzz {
namespace {

using insights::Accumulator;
using insights::Decoder;
using insights::Encoder;
using insights::Insight;
using insights::Part;

struct Counted {
  Insight insight;
  Part part;
};

// Those of every_kind.h, and each once more in windows.
std::vector<Counted> all_insights() {
  std::vector<Counted> all;
  for (const Insight& insight : insights::kEveryKind.insights) {
    if (insight.live) continue;
    const Part& part = insights::kEveryKind.parts[insight.part];
    all.push_back({insight, part});
    Counted& windowed = all.emplace_back(all.back());
    windowed.part.window = insights::Windowing{.size_ms = 60'000, .hop_ms = 20'000};
  }
  return all;
}

std::string saved(const Accumulator& accumulator) {
  std::vector<Encoder> chunks(1);
  accumulator.save(chunks);
  return chunks[0].bytes();
}

bool load(std::string_view bytes, Accumulator& accumulator) {
  Decoder chunk(bytes);
  accumulator.load(chunk);
  return chunk.ok() && chunk.at_end();
}

void run(std::string_view bytes) {
  static const std::vector<Counted> all = all_insights();
  if (bytes.empty()) return;
  const Counted& counted = all[static_cast<unsigned char>(bytes[0]) % all.size()];
  const auto loaded = Accumulator::make(counted.insight, counted.part);
  if (!load(bytes.substr(1), *loaded)) return;

  static_cast<void>(loaded->result(insights::kNow));
  const std::string once = saved(*loaded);
  const auto again = Accumulator::make(counted.insight, counted.part);
  MILLRACE_CHECK(load(once, *again));
  MILLRACE_CHECK(saved(*again) == once);
  MILLRACE_CHECK(again->counted() == loaded->counted());
  // As the fleet's report does it.
  again->merge(*loaded);
  static_cast<void>(again->result(insights::kNow));
}

}  // namespace
}  // namespace millrace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  millrace::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
