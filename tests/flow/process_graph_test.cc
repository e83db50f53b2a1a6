// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/process_graph.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/clock.h"
#include "engine/plan/plan.h"
#include "engine/settlement/lease.h"
#include "tests/flow/flow_fixture.h"

namespace millrace::flow {
namespace {

// A graph and what came out of it. Batches have one record each, and are numbered as they are put.
class ProcessGraphTest : public ::testing::Test {
 protected:
  struct CameOut {
    uint64_t sequence;
    bool here;           // on the thread that puts
    std::string thread;  // its name
  };

  void make(size_t workers) {
    graph_ = std::make_unique<ProcessGraph>(*plan_, limits_, workers, budget_,
                                            [this](BatchInFlight* batch) { out(batch); });
  }

  void put(size_t count, Load load) {
    std::vector<BatchInFlight*> poll;
    for (size_t i = 0; i < count; ++i) poll.push_back(batch());
    graph_->put(poll, load);
  }

  // Holds each `out` of a worker until release().
  void hold() {
    const std::scoped_lock lock(mutex_);
    held_ = true;
  }

  void release() {
    const std::scoped_lock lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }

  void wait_for_out(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return came_out_.size() >= count; });
  }

  // A worker is in an `out` that is held.
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return holding_; });
  }

  // A batch is under way a little longer than its `out` takes.
  void wait_until_empty() {
    while (graph_->under_way() > 0) std::this_thread::yield();
  }

  [[nodiscard]] std::vector<CameOut> came_out() {
    const std::scoped_lock lock(mutex_);
    return came_out_;
  }

  [[nodiscard]] bool in_order() {
    const std::vector<CameOut> all = came_out();
    for (size_t i = 0; i < all.size(); ++i)
      if (all[i].sequence != i) return false;
    return all.size() == batches_.size();
  }

  [[nodiscard]] bool all_processed() const {
    return std::all_of(batches_.begin(), batches_.end(), [](const auto& batch) {
      return batch->batch.outcomes().size() == 1 && batch->batch.outputs().size() == 1;
    });
  }

  // Written in each `out` and nowhere else: ThreadSanitizer reports it if two are called at once,
  // or if one does not see what the last one did.
  size_t outs_ = 0;
  std::unique_ptr<ProcessGraph> graph_;

 private:
  BatchInFlight* batch() {
    auto made = std::make_unique<BatchInFlight>(plan_->declaration());
    made->sequence = batches_.size();
    made->lease = lease_;
    made->batch.open(base::Offset{0}, 0, clock_.now());
    made->batch.append(
        {base::Offset{0}, 0, {}, record::Bytes::of(R"({"n":1,"device":"web"})"), {}});
    made->charged = made->batch.footprint();
    budget_.charge_estimate(made->charged);
    batches_.push_back(std::move(made));
    return batches_.back().get();
  }

  void out(BatchInFlight* batch) {
    ++outs_;
    const bool here = std::this_thread::get_id() == here_;
    std::unique_lock lock(mutex_);
    holding_ = held_ && !here;
    changed_.notify_all();
    changed_.wait(lock, [&] { return here || !held_; });
    std::array<char, 16> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    came_out_.push_back({batch->sequence, here, name.data()});
    changed_.notify_all();
  }

  const std::unique_ptr<const plan::Plan> plan_ = plan::Plan::compile(tests::small_pipeline()).plan;
  plan::OutputLimits limits_ = [this] {
    plan::OutputLimits limits(plan_->output_topics().size());
    for (record::TopicLimits& topic : limits) topic.partitions = 1;
    return limits;
  }();
  const base::FixedClock clock_{base::WallTime(std::chrono::seconds(1'720'655'268))};
  const std::shared_ptr<settlement::Lease> lease_ =
      std::make_shared<settlement::Lease>(base::TopicPartition{"in", 0}, 0, base::Offset{0});
  const std::thread::id here_ = std::this_thread::get_id();
  MemoryBudget budget_{size_t{1} << 30};
  std::vector<std::unique_ptr<BatchInFlight>> batches_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool holding_ = false;
  std::vector<CameOut> came_out_;
};

TEST_F(ProcessGraphTest, ALightPollIsDoneWhenPutReturns) {
  for (const size_t workers : {1U, 2U}) {
    make(workers);
    const size_t before = came_out().size();
    put(3, Load::kLight);

    ASSERT_EQ(came_out().size(), before + 3);
    EXPECT_TRUE(came_out().back().here);
    EXPECT_TRUE(in_order());
    EXPECT_TRUE(all_processed());
    EXPECT_EQ(graph_->under_way(), 0U);
    EXPECT_EQ(graph_->processed(), 3U);
  }
}

TEST_F(ProcessGraphTest, AHeavyPollIsTheWorkers) {
  make(2);
  put(3, Load::kHeavy);
  wait_for_out(3);

  for (const CameOut& one : came_out()) {
    EXPECT_FALSE(one.here);
    EXPECT_EQ(one.thread, "worker");
  }
  EXPECT_TRUE(in_order());
}

// Who waits helps where the workers are not awake yet: often, not always.
TEST_F(ProcessGraphTest, WhoWaitsForTheEndKeepsItsName) {
  for (size_t round = 0; round < 20; ++round) {
    make(2);
    put(50, Load::kHeavy);
    graph_->finish();
  }
  for (const CameOut& one : came_out()) EXPECT_EQ(one.here, one.thread != "worker");
}

TEST_F(ProcessGraphTest, ALightPollBehindBatchesUnderWayWaitsForThem) {
  for (const size_t workers : {1U, 2U}) {
    make(workers);
    const size_t before = came_out().size();
    hold();
    put(2, Load::kHeavy);
    put(2, Load::kLight);
    EXPECT_EQ(came_out().size(), before);
    EXPECT_EQ(graph_->under_way(), 4U);
    release();
    wait_for_out(before + 4);

    EXPECT_FALSE(came_out().back().here);
    EXPECT_TRUE(in_order());
  }
}

// It is out when its `out` has returned, and not when that begins.
TEST_F(ProcessGraphTest, ABatchIsUnderWayWhileItsOutIs) {
  make(2);
  hold();
  put(1, Load::kHeavy);
  wait_until_held();
  EXPECT_EQ(graph_->under_way(), 1U);
  put(1, Load::kLight);
  EXPECT_EQ(came_out().size(), 0U);
  release();
  wait_for_out(2);

  EXPECT_TRUE(in_order());
}

// The sequencer would wait for ever for the numbers of batches that it never gets.
TEST_F(ProcessGraphTest, TheOrderGoesOnBehindLightPolls) {
  make(2);
  for (int round = 0; round < 20; ++round) {
    put(3, Load::kLight);
    put(2, Load::kHeavy);
    put(1, Load::kHeavy);
    wait_until_empty();
  }
  put(1, Load::kLight);

  EXPECT_TRUE(in_order());
  EXPECT_TRUE(all_processed());
  EXPECT_EQ(outs_, 121U);
}

TEST_F(ProcessGraphTest, AnyMixComesOutInOrder) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  size_t put_so_far = 0;
  for (const size_t workers : {1U, 2U, 4U}) {
    make(workers);
    for (int poll = 0; poll < 500; ++poll) {
      const size_t count = 1 + random() % 4;
      put(count, random() % 2 == 0 ? Load::kLight : Load::kHeavy);
      put_so_far += count;
      switch (random() % 4) {
        case 0:
          wait_until_empty();
          break;
        case 1:
          wait_for_out(put_so_far);  // the last batch may still be under way
          break;
        default:
          break;
      }
    }
    graph_->finish();
    ASSERT_TRUE(in_order());
  }
  EXPECT_TRUE(all_processed());
  EXPECT_EQ(outs_, put_so_far);
}

}  // namespace
}  // namespace millrace::flow
