// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace millrace::cli {

// The text of config/user-login.yaml, built into the program so that the demo needs no file; with
// the guarantee that the embedded broker can keep.
extern const char* const kDemoPipeline;

}  // namespace millrace::cli
