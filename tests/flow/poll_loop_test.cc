// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/poll_loop.h"

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/clock.h"
#include "engine/flow/batch_pool.h"
#include "engine/flow/books.h"
#include "engine/flow/deliver_inbox.h"
#include "engine/flow/memory_budget.h"
#include "engine/flow/poll_inbox.h"
#include "engine/flow/restorer.h"
#include "engine/plan/plan.h"
#include "tests/flow/fakes.h"
#include "tests/flow/flow_fixture.h"

namespace millrace::flow {
namespace {

using std::chrono::milliseconds;

// A poll loop over a fake source; what it dispatches is noted and goes back to the pool.
class PollLoopTest : public ::testing::Test {
 protected:
  struct Dispatched {
    size_t batches = 0;
    size_t records = 0;
    Load load = Load::kHeavy;
  };

  PollLoopTest() {
    options_.batch_wait = milliseconds{5};
    options_.until.emplace();
  }

  // Partition `number` holds these, and is read to its end.
  void add(int32_t number, std::vector<tests::FakeRecord> records) {
    (*options_.until)[{"in", number}] = base::Offset{static_cast<int64_t>(records.size())};
    source_.add_partition("in", number, std::move(records));
  }

  void run() {
    loop_ = std::make_unique<PollLoop>(
        PollLoop::Parts{source_, books_, restorer_, pool_, budget_, deliver_, inbox_, clock_},
        options_,
        [this](std::span<BatchInFlight* const> batches, Load load) { dispatch(batches, load); },
        [this](base::ExitCode, const std::string& why) { failed_ = why; });
    ASSERT_TRUE(loop_->subscribe().ok());
    loop_->run();
    EXPECT_EQ(failed_, "");
  }

  tests::FakeGroup group_;
  tests::FakeSource source_{group_};
  PollLoop::Options options_;
  PollInbox inbox_;
  std::unique_ptr<PollLoop> loop_;
  std::vector<Dispatched> dispatched_;

 private:
  void dispatch(std::span<BatchInFlight* const> batches, Load load) {
    Dispatched noted{.batches = batches.size(), .load = load};
    for (BatchInFlight* batch : batches) {
      noted.records += batch->batch.records().size();
      batch->charged = budget_.confirm(batch->charged, 0);
      pool_.recycle(batch);
    }
    dispatched_.push_back(noted);
  }

  const std::unique_ptr<const plan::Plan> plan_ = plan::Plan::compile(tests::small_pipeline()).plan;
  MemoryBudget budget_{size_t{256} << 20};
  BatchPool pool_{plan_->declaration(), budget_};
  Books books_{plan_->declaration(), SettleAt::kAcknowledgement, nullptr, 0, {}};
  Restorer restorer_{plan_->declaration(), books_, nullptr};
  DeliverInbox deliver_;
  const base::FixedClock clock_{base::WallTime(std::chrono::seconds(1'720'655'268))};
  std::string failed_;
};

std::vector<tests::FakeRecord> large_records(int64_t count, size_t bytes) {
  std::vector<tests::FakeRecord> made = tests::records(0, count);
  for (tests::FakeRecord& record : made)
    record.value->insert(1, "\"text\":\"" + std::string(bytes, 'x') + "\",");
  return made;
}

TEST_F(PollLoopTest, APollOfAFewRecordsIsLight) {
  add(0, tests::records(0, 20));
  add(1, tests::records(1, 30));
  run();

  ASSERT_EQ(dispatched_.size(), 1U);
  EXPECT_EQ(dispatched_[0].batches, 2U);
  EXPECT_EQ(dispatched_[0].records, 50U);
  EXPECT_EQ(dispatched_[0].load, Load::kLight);
  EXPECT_EQ(loop_->dispatched(), 2U);
}

// The whole of it counts, and not what each batch has.
TEST_F(PollLoopTest, APollOfManyRecordsIsHeavyHoweverTheyAreSpread) {
  for (int32_t partition = 0; partition < 6; ++partition)
    add(partition, tests::records(partition, 100));
  run();

  ASSERT_EQ(dispatched_.size(), 1U);
  EXPECT_EQ(dispatched_[0].batches, 6U);
  EXPECT_EQ(dispatched_[0].records, 600U);
  EXPECT_EQ(dispatched_[0].load, Load::kHeavy);
}

TEST_F(PollLoopTest, APollOfManyBytesIsHeavy) {
  add(0, large_records(3, PollLoop::kLightBytes / 2));
  run();

  ASSERT_EQ(dispatched_.size(), 1U);
  EXPECT_EQ(dispatched_[0].load, Load::kHeavy);
}

// More waits to be read: workers can have this meanwhile.
TEST_F(PollLoopTest, APollThatIsFullIsHeavyHoweverSmallItMayBe) {
  options_.batch_records_max = 10;
  add(0, tests::records(0, 45));
  run();

  ASSERT_EQ(dispatched_.size(), 5U);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(dispatched_[i].records, 10U);
    EXPECT_EQ(dispatched_[i].load, Load::kHeavy);
  }
  EXPECT_EQ(dispatched_[4].records, 5U);
  EXPECT_EQ(dispatched_[4].load, Load::kLight);
}

TEST_F(PollLoopTest, AStopEndsALongWait) {
  options_.batch_wait = std::chrono::hours{1};
  add(0, tests::records(0, 20));
  options_.until.reset();
  std::thread stopper([this] {
    while (source_.times_polled < 25) std::this_thread::yield();
    inbox_.stop();
  });
  run();
  stopper.join();

  ASSERT_EQ(dispatched_.size(), 1U);
  EXPECT_EQ(dispatched_[0].records, 20U);
}

}  // namespace
}  // namespace millrace::flow
