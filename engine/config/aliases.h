// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/config/load.h"
#include "engine/config/problems.h"
#include "engine/config/yaml_node.h"

namespace millrace::config {

// The environment variables by which older pipelines were set up (BOOTSTRAP_SERVERS, CONSUMER_*,
// PRODUCER_*, LOGGER_LEVEL) fill what a pipeline's file leaves out: the tree with their values in
// the keys' places. A value stands at the place "environment variable NAME" and is treated as a
// secret: no message shows it. An empty variable is none.
//
// Requires: `root` is a map. docs/configuration.md has the table of names.
[[nodiscard]] NodePointer with_aliases(NodePointer root, const std::string& file,
                                       const Environment& environment, Problems& problems);

}  // namespace millrace::config
