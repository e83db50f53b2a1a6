// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/state/restore.h"
#include "engine/state/state_key.h"
#include "engine/state/state_writer.h"
#include "tests/unit/state/counted_state.h"
#include "tests/unit/state/fake_state_log.h"

// Histories by chance: partitions of several groups count, write, are refused, crash and move, and
// the topic is cleaned. What is restored is always what was written last and for certain.
namespace millrace::state {
namespace {

constexpr int32_t kLogPartitions = 3;

// One input partition of one group, as its owner has it.
class Owner {
 public:
  Owner(const StateTopic& topic, const base::TopicPartition& id, FakeStateLog& log)
      : topic_(topic), id_(id), log_(log) {
    restart();
  }

  // A new owner: from the topic alone.
  void restart() {
    auto restored = restore(log_, std::vector{id_}, declaration(), {topic_, {}});
    Restored found = std::move(restored.value().at(id_));
    ASSERT_EQ(found.error, "") << id_.topic;
    ASSERT_EQ(found.state == nullptr, !confirmed_.has_value()) << id_.topic;
    writer_.emplace(topic_, id_);
    if (found.state == nullptr) {
      counted_.emplace();
      return;
    }
    ASSERT_TRUE(saved(*found.state) == *confirmed_) << id_.topic << ": another state";
    writer_->resume(found.manifest);
    counted_.emplace(std::move(found.state));
  }

  void count(std::mt19937& random) {
    // Few records mostly; now and then enough for more chunks.
    if (random() % 10 == 0) {
      counted_->count(names(std::to_string(random() % 100), random() % 3'000, 250));
    } else {
      counted_->count_random(random, random() % 50, 300);
    }
  }

  void write(std::mt19937& random) {
    const auto records = writer_->write(counted_->state(), 1'000);
    switch (random() % 4) {
      case 0:
        writer_->refuse();
        break;
      case 1:  // it succeeds, and nobody hears of it
        log_.append(records);
        confirmed_ = saved(counted_->state());
        restart();
        break;
      case 2:  // it does not, and nobody hears of it
        restart();
        break;
      default:
        log_.append(records);
        writer_->confirm();
        confirmed_ = saved(counted_->state());
    }
  }

  [[nodiscard]] const std::optional<std::string>& confirmed() const { return confirmed_; }

 private:
  const StateTopic topic_;
  const base::TopicPartition id_;
  FakeStateLog& log_;
  std::optional<StateWriter> writer_;
  std::optional<Counted> counted_;
  std::optional<std::string> confirmed_;  // what was written last, saved()
};

TEST(History, WhatIsRestoredIsWhatWasWrittenLast) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE("random seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> groups{"logins", "logins/2", "logins%2F2"};
  const std::vector<base::TopicPartition> ids{{"user", 0}, {"user", 1}, {"user.login", 0}};
  FakeStateLog log(kLogPartitions);
  std::map<std::string, std::map<base::TopicPartition, std::unique_ptr<Owner>>> owners;
  for (const std::string& group : groups) {
    for (const base::TopicPartition& id : ids) {
      owners[group][id] =
          std::make_unique<Owner>(StateTopic{"t.state", group, kLogPartitions}, id, log);
    }
  }

  for (int step = 0; step < 600 && !HasFatalFailure(); ++step) {
    Owner& owner = *owners[groups[random() % groups.size()]][ids[random() % ids.size()]];
    const auto what = random() % 20;
    if (what < 10) owner.count(random);
    if (what >= 10 && what < 18) owner.write(random);
    if (what == 18) owner.restart();
    if (what == 19) log.compact(random);
  }

  // The same from a log that was cleaned and from one that was not.
  for (int round = 0; round < 3; ++round, log.compact(random)) {
    for (const auto& [group, partitions] : owners) {
      const auto all = restore_all(log, declaration(), {{"t.state", group, kLogPartitions}, {}});
      for (const auto& [id, owner] : partitions) {
        const auto found = all.value().find(id);
        ASSERT_EQ(found != all.value().end(), owner->confirmed().has_value());
        if (found == all.value().end()) continue;
        ASSERT_EQ(found->second.error, "");
        EXPECT_TRUE(saved(*found->second.state) == *owner->confirmed()) << group << ' ' << id.topic;
      }
    }
  }
}

// Insights come, go, change and are reset between the runs; the others stay what they were.
TEST(History, InsightsThatStayAreNotTouchedByThoseThatDoNot) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE("random seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const StateTopic topic{"t.state", "g", 1};
  const base::TopicPartition id{"user", 0};
  FakeStateLog log(1);
  std::map<std::string, std::string> written;      // saved() of each insight in the topic
  std::map<std::string, std::string> definitions;  // of these
  base::Offset end{0};
  const auto some = [&random] {
    std::vector<std::string> chosen;
    for (const char* const name : {"users", "top", "distinct", "sum", "count"}) {
      if (random() % 3 == 0) chosen.emplace_back(name);
    }
    return chosen;
  };
  for (int run = 0; run < 40; ++run) {
    const insights::Declaration now = changed({.without = some(), .redefined = some()});
    std::set<std::string> reset;
    for (const insights::Insight& insight : now.insights) {
      const auto before = definitions.find(insight.name);
      const bool other = before != definitions.end() && before->second != insight.definition;
      if (other || random() % 10 == 0) reset.insert(insight.name);
    }
    auto restored = restore(log, std::vector{id}, now, {topic, reset});
    Restored found = std::move(restored.value().at(id));
    ASSERT_EQ(found.error, "");
    ASSERT_EQ(found.state == nullptr, run == 0);
    StateWriter writer(topic, id);
    writer.resume(found.manifest);
    Counted counted = found.state == nullptr ? Counted(now) : Counted(std::move(found.state));
    ASSERT_EQ(counted.end(), end);
    for (const insights::Insight& insight : now.insights) {
      const size_t index = index_of(now, insight.name);
      if (insight.live || reset.contains(insight.name) || !written.contains(insight.name)) {
        EXPECT_EQ(counted.state().accumulator(index).counted(), 0U) << insight.name;
        EXPECT_EQ(counted.state().begin(index), end) << insight.name;
      } else {
        EXPECT_TRUE(saved(counted.state(), insight.name) == written[insight.name]) << insight.name;
      }
    }
    counted.count_random(random, random() % 3'000, 2'000);
    log.append(writer.write(counted.state(), 1));
    if (random() % 3 == 0) log.compact(random);
    end = counted.end();
    written.clear();
    definitions.clear();
    for (const insights::Insight& insight : now.insights) {
      if (insight.live) continue;
      written[insight.name] = saved(counted.state(), insight.name);
      definitions[insight.name] = insight.definition;
    }
    // Of those that are gone the topic has nothing left.
    auto& records = log.partition(0);
    for (const char* const name : {"users", "top", "distinct", "sum", "count"}) {
      const std::string key = StateKey{.id = id, .chunk = 0, .insight = name}.to_text("g");
      if (written.contains(name)) {
        EXPECT_TRUE(log.newest(key).value.has_value()) << name;
      } else if (log.has(key)) {
        EXPECT_FALSE(log.newest(key).value.has_value()) << name;
      }
    }
    ASSERT_FALSE(records.empty());
  }
}

}  // namespace
}  // namespace millrace::state
