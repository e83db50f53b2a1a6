// SPDX-License-Identifier: Apache-2.0
#include "tests/counting_new.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

// Written by every operator new, read by the test; no order with anything else.
std::atomic<size_t> count{0};
std::atomic<size_t> largest{0};

void* counted(size_t bytes) {
  count.fetch_add(1, std::memory_order_relaxed);
  if (bytes > largest.load(std::memory_order_relaxed))
    largest.store(bytes, std::memory_order_relaxed);
  return std::malloc(bytes);
}

}  // namespace

// In a file of its own the compiler cannot see free() on what a `new` returned, and warn. Every
// form is replaced, or a sanitizer would find the pairs mixed.
void* operator new(size_t bytes) {
  void* const memory = counted(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new[](size_t bytes) {
  return operator new(bytes);
}

void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  return counted(bytes);
}

void* operator new[](size_t bytes, const std::nothrow_t&) noexcept {
  return counted(bytes);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

void operator delete[](void* memory) noexcept {
  std::free(memory);
}

void operator delete[](void* memory, size_t) noexcept {
  std::free(memory);
}

void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

namespace millrace::tests {

size_t allocations() {
  return count.load(std::memory_order_relaxed);
}

size_t largest_allocation() {
  return largest.load(std::memory_order_relaxed);
}

void reset_largest_allocation() {
  largest.store(0, std::memory_order_relaxed);
}

}  // namespace millrace::tests
