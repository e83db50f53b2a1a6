// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace millrace::app {

// The least max.message.bytes of a dead-letter topic: the provenance of a dead letter always fits,
// since topic and pipeline names, rule id, pointers and reason text are bounded, and with their
// headers stay below this.
inline constexpr size_t kDeadLetterBytesMin = 4096;

}  // namespace millrace::app
