// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace millrace::base {

// Gives the calling thread the name that ps, top, perf and a debugger show it by. A thread that it
// starts later has the same name until it gets its own. The kernel keeps 15 characters; more are a
// programming error. Any thread.
void name_this_thread(const char* name);

}  // namespace millrace::base
