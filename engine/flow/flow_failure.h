// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "engine/base/startup_error.h"

namespace millrace::flow {

// Ends the run: the exit code and a sentence. The first call counts. Any thread.
using Fail = std::function<void(base::ExitCode, std::string)>;

}  // namespace millrace::flow
