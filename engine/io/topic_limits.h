// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/record/topic_limits.h"

namespace millrace::io {

using record::TopicLimits;

}  // namespace millrace::io
