// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "engine/app/pipeline.h"
#include "engine/operate/topic_setup.h"

namespace millrace::app {

// Every topic that the pipeline uses, the input's first: what it reads, what records, insights and
// alerts go to, where state is kept, and what a replay of dead letters needs. An input that is a
// pattern names none. Requires: the pipeline has a plan.
[[nodiscard]] std::vector<operate::TopicNeed> topic_needs(const Pipeline& pipeline);

}  // namespace millrace::app
