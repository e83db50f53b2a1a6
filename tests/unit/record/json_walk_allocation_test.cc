// SPDX-License-Identifier: Apache-2.0
// A program of its own, because it replaces operator new for all of it.
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "engine/record/json_walk.h"

namespace {

// Written by every operator new, read by the test's only thread; no order with anything else.
std::atomic<size_t> allocations{0};
std::atomic<size_t> largest{0};

void* counted(size_t bytes) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (bytes > largest.load(std::memory_order_relaxed)) {
    largest.store(bytes, std::memory_order_relaxed);
  }
  return std::malloc(bytes);
}

}  // namespace

// Not inlined: the compiler would then see free() on what a `new` returned, and warn.
[[gnu::noinline]] void* operator new(size_t bytes) {
  void* const memory = counted(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

[[gnu::noinline]] void* operator new[](size_t bytes) {
  return operator new(bytes);
}

void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  return counted(bytes);
}

void* operator new[](size_t bytes, const std::nothrow_t&) noexcept {
  return counted(bytes);
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete[](void* memory) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete[](void* memory, size_t) noexcept {
  std::free(memory);
}

namespace millrace::record {
namespace {

std::string many_members(int count) {
  std::string text = "{\"\\u0061\":[{\"b\":1,\"\\u0063\":[]}]";
  for (int i = 0; i < count; ++i) {
    text.append(",\"k").append(std::to_string(i % 900)).append("\":\"x\\n\"");
  }
  return text + "}";
}

TEST(JsonWalkAllocation, StopsOnceTheWalkerHasSeenTheLargestRecord) {
  for (const bool reject_duplicates : {false, true}) {
    JsonWalker walker({.reject_duplicates = reject_duplicates});
    const std::string large = many_members(1000);
    const std::string small = many_members(5);
    const std::string broken = large.substr(0, large.size() - 1) + "]";
    for (const std::string& text : {large, small, broken}) (void)walker.walk(text);
    const size_t before = allocations.load();

    for (int i = 0; i < 1000; ++i) {
      (void)walker.walk(large);
      (void)walker.walk(small);
      (void)walker.walk(broken);
      (void)walker.walk("");
    }

    EXPECT_EQ(before, allocations.load());
  }
}

TEST(JsonWalkAllocation, GivesRoomForAHugeDocumentBackAfterIt) {
  JsonWalker walker({.reject_duplicates = true});
  std::string huge = "{\"\\u0061\":{\"b\":0";
  for (int i = 0; i < 1'000'000; ++i) huge.append(",\"").append(std::to_string(i)).append("\":0");
  huge += "}}";
  const std::string medium = many_members(9'000);  // over the room a walker starts with
  (void)walker.walk(medium);
  ASSERT_EQ(ParseError::kNone, walker.walk(huge));
  ASSERT_EQ(ParseError::kNone, walker.walk("{}"));
  largest.store(0);

  ASSERT_EQ(ParseError::kDuplicateMember, walker.walk(medium));

  // Four bytes for each of the document's: the large room was gone, the new one is not larger than
  // it must be.
  EXPECT_GE(largest.load(), 4 * medium.size());
  EXPECT_LT(largest.load(), 16 * medium.size());
}

}  // namespace
}  // namespace millrace::record
