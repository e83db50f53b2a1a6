// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/part_counts.h"

#include "engine/insights/window_counts.h"

namespace millrace::insights {

PartCounts::PartCounts() = default;
PartCounts::PartCounts(PartCounts&&) noexcept = default;
PartCounts::~PartCounts() = default;

PartCounts::PartCounts(const Part& part, Of of) {
  if (part.window && of == Of::kPart) {
    windows = std::make_unique<WindowCounts>(part);
  } else if (!part.edges.empty()) {
    edges = EdgeValues(part.edges.size());
  }
}

void PartCounts::clear() {
  counted = 0;
  missing = 0;
  keys.clear();
  edges.clear();
  hours = {};
  sum.clear();
  range.clear();
  magnitudes.clear();
  if (windows != nullptr) windows->clear();
}

size_t PartCounts::footprint() const {
  return keys.footprint() + edges.footprint() + sum.footprint() + magnitudes.footprint() +
         (windows == nullptr ? 0 : sizeof(*windows) + windows->footprint());
}

}  // namespace millrace::insights
