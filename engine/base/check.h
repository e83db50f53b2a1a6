// SPDX-License-Identifier: Apache-2.0
#pragma once

// MILLRACE_CHECK stays on in release builds: a broken invariant ends the process with its place,
// because an engine that goes on with wrong books is worse than one that stops.
namespace millrace::base {

[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace millrace::base

#define MILLRACE_CHECK(condition)                                     \
  do {                                                                \
    if (!(condition)) [[unlikely]]                                    \
      ::millrace::base::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
