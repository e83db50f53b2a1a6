// SPDX-License-Identifier: Apache-2.0
#include "engine/base/thread_name.h"

#include <array>
#include <pthread.h>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace millrace::base {
namespace {

std::string name() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

TEST(ThreadName, IsTheThreadsOwn) {
  const std::string before = name();
  std::string inside;
  std::thread thread([&inside] {
    name_this_thread("settle");
    inside = name();
  });
  thread.join();

  EXPECT_EQ(inside, "settle");
  EXPECT_EQ(name(), before);
}

TEST(ThreadName, TakesFifteenCharacters) {
  std::thread([] { name_this_thread("123456789012345"); }).join();
  EXPECT_DEATH(name_this_thread("1234567890123456"), "does not hold");
}

}  // namespace
}  // namespace millrace::base
