// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/idle_poll.h"

#include <array>
#include <chrono>
#include <dlfcn.h>
#include <string>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace millrace::kafka {
namespace {

using Clock = std::chrono::steady_clock;

class IdlePollTest : public testing::Test {
 protected:
  IdlePollTest() { EXPECT_EQ(pipe(ends_.data()), 0); }

  ~IdlePollTest() override {
    for (const int end : ends_) close(end);
  }

  int ask(int timeout_ms = 0) {
    pollfd one{.fd = ends_[0], .events = POLLIN, .revents = 0};
    const int ready = IdlePoll::poll(&one, 1, timeout_ms);
    EXPECT_EQ(ready == 1, (one.revents & POLLIN) != 0);
    return ready;
  }

  Clock::duration time_of_asking() {
    const Clock::time_point began = Clock::now();
    EXPECT_EQ(ask(), 0);
    return Clock::now() - began;
  }

  void write_news() { EXPECT_EQ(write(ends_[1], "x", 1), 1); }

 private:
  std::array<int, 2> ends_{};
};

TEST_F(IdlePollTest, RestsWhereItAskedInVainBefore) {
  std::thread([this] {
    IdlePoll::begin_on_this_thread();
    EXPECT_EQ(ask(), 0);
    EXPECT_GE(time_of_asking(), std::chrono::microseconds(500));
    EXPECT_GE(time_of_asking(), std::chrono::microseconds(500));
  }).join();
}

TEST_F(IdlePollTest, NewsEndTheRest) {
  std::thread([this] {
    IdlePoll::begin_on_this_thread();
    EXPECT_EQ(ask(), 0);
    write_news();
    EXPECT_EQ(ask(), 1);
    EXPECT_EQ(ask(), 1);
  }).join();
}

TEST_F(IdlePollTest, KeepsOtherTimeouts) {
  std::thread([this] {
    IdlePoll::begin_on_this_thread();
    EXPECT_EQ(ask(0), 0);
    const Clock::time_point began = Clock::now();
    EXPECT_EQ(ask(20), 0);
    EXPECT_GE(Clock::now() - began, std::chrono::milliseconds(20));
    write_news();
    EXPECT_EQ(ask(-1), 1);
  }).join();
}

// A thousand rests would be half a second; a thousand looks are over in less even on a machine that
// does a thousand other things.
TEST_F(IdlePollTest, OtherThreadsNeverRest) {
  std::thread([this] {
    const Clock::time_point began = Clock::now();
    for (int i = 0; i < 1'000; ++i) ASSERT_EQ(ask(), 0);
    EXPECT_LT(Clock::now() - began, std::chrono::milliseconds(500));
  }).join();
}

// Else librdkafka would call the C library's.
TEST(IdlePoll, StandsInFrontOfTheLibrarys) {
  void* found = dlsym(RTLD_DEFAULT, "__poll_chk");
  ASSERT_NE(found, nullptr);
  Dl_info info{};
  ASSERT_NE(dladdr(found, &info), 0);
  EXPECT_EQ(std::string(info.dli_fname).find("libc"), std::string::npos) << info.dli_fname;
}

}  // namespace
}  // namespace millrace::kafka
