// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

// For tests that something allocates nothing. counting_new.cc replaces operator new and delete for
// the whole program that it is linked into, so such tests are programs of their own.
namespace millrace::tests {

// Calls of operator new so far, on all threads.
[[nodiscard]] size_t allocations();

// The largest size asked for since the last reset.
[[nodiscard]] size_t largest_allocation();
void reset_largest_allocation();

}  // namespace millrace::tests
