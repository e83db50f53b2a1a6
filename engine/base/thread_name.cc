// SPDX-License-Identifier: Apache-2.0
#include "engine/base/thread_name.h"

#include <pthread.h>

#include "engine/base/check.h"

namespace millrace::base {

void name_this_thread(const char* name) {
  MILLRACE_CHECK(pthread_setname_np(pthread_self(), name) == 0);
}

}  // namespace millrace::base
