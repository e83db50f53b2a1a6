// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/insights/encoding.h"
#include "engine/insights/stable_hash.h"
#include "engine/state/restore.h"
#include "engine/state/state_key.h"
#include "engine/state/state_writer.h"
#include "tests/unit/state/counted_state.h"
#include "tests/unit/state/fake_state_log.h"

// Whatever is wrong with a record of the topic, a restore says so, and what to do, and that helps.
namespace millrace::state {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const StateTopic kTopic{"logins.state", "logins", 4};
const base::TopicPartition kPartition{"user-login", 3};
const char* const kDamaged = "the state in topic logins.state cannot be taken up: ";

class Damage : public ::testing::Test {
 protected:
  // Two writes, so that each record has an older one.
  Damage() {
    counted_.count(names("user", 2'500, 200));
    write();
    counted_.count(names("more", 1'000, 200));
    write();
  }

  void write() {
    log_.append(writer_.write(counted_.state(), 1'000));
    writer_.confirm();
  }

  Restored restore_it(const std::set<std::string>& reset = {}) {
    auto restored = restore(log_, std::vector{kPartition}, declaration(), {kTopic, reset});
    return std::move(restored.value().at(kPartition));
  }

  static std::string key(const std::string& insight, uint32_t chunk) {
    return StateKey{.id = kPartition, .chunk = chunk, .insight = insight}.to_text("logins");
  }

  // The newest record of each key but the manifest's.
  std::set<std::string> chunk_keys() {
    std::set<std::string> keys;
    for (const auto& record : log_.partition(log_partition(kPartition, kTopic.partitions)))
      keys.insert(record.key);
    keys.erase(manifest_);
    return keys;
  }

  // That insight alone is lost, and what the sentence says brings the others back.
  void expect_one_lost(const std::string& insight, const std::string& why) {
    const Restored restored = restore_it();
    EXPECT_EQ(restored.state, nullptr);
    EXPECT_THAT(
        restored.error,
        AllOf(StartsWith(kDamaged + ("insight " + insight + " is damaged: ")), HasSubstr(why),
              EndsWith("'millrace run FILE --reset-insight " + insight +
                       "' begins them anew at offset 3500")));
    Restored again = restore_it({insight});
    ASSERT_EQ(again.error, "");
    for (const insights::Insight& other : declaration().insights) {
      if (other.live || other.name == insight) continue;
      EXPECT_EQ(saved(*again.state, other.name), saved(counted_.state(), other.name));
    }
    expect_to_go_on(std::move(again));
  }

  // What is written from then on is whole.
  void expect_to_go_on(Restored restored) {
    StateWriter writer(kTopic, kPartition);
    writer.resume(restored.manifest);
    Counted on = restored.state == nullptr ? Counted() : Counted(std::move(restored.state));
    on.count({"anna"});
    log_.append(writer.write(on.state(), 2'000));
    const Restored again = restore_it();
    ASSERT_EQ(again.error, "");
    EXPECT_EQ(saved(*again.state), saved(on.state()));
  }

  // Nothing can be used, and naming all insights helps.
  void expect_all_lost(const std::string& error) {
    std::set<std::string> all;
    std::string options;
    for (const insights::Insight& insight : declaration().insights) {
      if (insight.live) continue;
      all.insert(insight.name);
      options += " --reset-insight " + insight.name;
    }
    const Restored restored = restore_it();
    EXPECT_EQ(restored.state, nullptr);
    EXPECT_FALSE(restored.given_up);
    EXPECT_EQ(restored.error,
              "the state in topic logins.state " + error +
                  ". What all insights counted has to be let go: 'millrace run FILE" + options +
                  "' begins them anew");
    EXPECT_EQ(restore_it({"users"}).error, restored.error);
    Restored anew = restore_it(all);
    EXPECT_EQ(anew.error, "");
    EXPECT_EQ(anew.state, nullptr);
    EXPECT_TRUE(anew.given_up);
    EXPECT_THAT(anew.notes, ::testing::ElementsAre("the state in topic logins.state " + error +
                                                   "; all insights begin anew."));
    expect_to_go_on(std::move(anew));
  }

  FakeStateLog log_{4};
  Counted counted_;
  StateWriter writer_{kTopic, kPartition};
  const std::string manifest_ = StateKey{.id = kPartition}.to_text("logins");
};

TEST_F(Damage, IsWhatTheOthersTestAndNotThere) {
  EXPECT_EQ(restore_it().error, "");
  EXPECT_EQ(saved(*restore_it().state), saved(counted_.state()));
  EXPECT_EQ(chunk_keys().size(), 7U + 3 + 3) << "users and top in four chunks each";
}

TEST_F(Damage, EveryMissingChunkIsFound) {
  const FakeStateLog whole = log_;
  for (const std::string& key : chunk_keys()) {
    log_ = whole;
    log_.erase(key);
    expect_one_lost(key.substr(key.rfind('/') + 1), "is missing");
  }
}

TEST_F(Damage, EveryBuriedChunkIsFound) {
  const FakeStateLog whole = log_;
  for (const std::string& key : chunk_keys()) {
    log_ = whole;
    log_.newest(key).value = std::nullopt;
    expect_one_lost(key.substr(key.rfind('/') + 1), "is missing");
  }
}

TEST_F(Damage, EveryFlippedBitIsFound) {
  const FakeStateLog whole = log_;
  for (const std::string& key : chunk_keys()) {
    log_ = whole;
    std::string& value = log_.newest(key).value.value();
    value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 4);
    expect_one_lost(key.substr(key.rfind('/') + 1), "is not what was written");
  }
}

TEST_F(Damage, EveryCutChunkIsFound) {
  const FakeStateLog whole = log_;
  for (const std::string& key : chunk_keys()) {
    log_ = whole;
    log_.newest(key).value.value().pop_back();
    expect_one_lost(key.substr(key.rfind('/') + 1), "is missing");
  }
}

// The one of the write before.
TEST_F(Damage, EveryOldChunkIsFound) {
  const FakeStateLog whole = log_;
  size_t olds = 0;
  for (const std::string& key : chunk_keys()) {
    log_ = whole;
    auto& records = log_.partition(log_partition(kPartition, kTopic.partitions));
    const size_t size = records.size();
    std::vector<FakeStateLog::Record> kept;
    for (const auto& record : records) {
      const bool again = std::any_of(
          kept.begin(), kept.end(), [&](const auto& earlier) { return earlier.key == record.key; });
      if (record.key != key || !again) kept.push_back(record);
    }
    records = kept;
    if (records.size() == size) continue;  // it was written once
    ++olds;
    // Shorter than what should be there, or of the same length.
    expect_one_lost(key.substr(key.rfind('/') + 1), "is ");
  }
  EXPECT_EQ(olds, 7U + 1 + 1);
}

TEST_F(Damage, SeveralInsightsAreNamedTogether) {
  log_.erase(key("users", 2));
  log_.erase(key("sum", 0));
  log_.erase(key("users", 1));

  EXPECT_EQ(
      restore_it().error,
      kDamaged + std::string("insight users is damaged: chunk 1 of 4 is missing; insight sum is "
                             "damaged: chunk 0 of 1 is missing. Go back to what was declared, or "
                             "let go what these insights counted: 'millrace run FILE "
                             "--reset-insight users --reset-insight sum' begins them anew at "
                             "offset 3500"));
  EXPECT_THAT(restore_it({"users"}).error, Not(HasSubstr("users")));
  EXPECT_EQ(restore_it({"users", "sum"}).error, "");
}

TEST_F(Damage, AnInsightThatIsNotDeclaredIsNotLookedAt) {
  log_.erase(key("users", 2));
  const insights::Declaration after = changed({.without = {"users"}});

  auto restored = restore(log_, std::vector{kPartition}, after, {kTopic, {}});

  EXPECT_EQ(restored.value().at(kPartition).error, "");
}

TEST_F(Damage, AMissingManifestIsFound) {
  log_.erase(manifest_);
  expect_all_lost("is damaged: its manifest is missing");
}

TEST_F(Damage, ABuriedManifestIsFound) {
  log_.newest(manifest_).value = std::nullopt;
  expect_all_lost("is damaged: its manifest is missing");
}

TEST_F(Damage, AFlippedBitInTheManifestIsFound) {
  std::string& value = log_.newest(manifest_).value.value();
  value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
  expect_all_lost("is damaged: its manifest cannot be read");
}

// The one of the write before: some chunks are newer than it says.
TEST_F(Damage, AnOldManifestIsFound) {
  auto& records = log_.partition(log_partition(kPartition, kTopic.partitions));
  ASSERT_EQ(records.back().key, manifest_);
  records.pop_back();

  const Restored restored = restore_it();
  EXPECT_EQ(restored.state, nullptr);
  EXPECT_THAT(restored.error, AllOf(HasSubstr("insight users is damaged"),
                                    HasSubstr("insight sum is damaged"), HasSubstr("offset 2500")));
}

TEST_F(Damage, ANewerProgramsStateIsNotTouched) {
  log_.newest(manifest_).value.value()[0] = 7;
  expect_all_lost(
      "is of format 7, which a newer version of this program wrote; this one knows format 1");
}

// A manifest whose hash is right, of which one member is not what it should be.
class WrongManifest : public Damage {
 protected:
  template <typename Change>
  void change(const Change& change) {
    std::string& value = log_.newest(manifest_).value.value();
    uint64_t version = 0;
    Manifest manifest = Manifest::parse(value, version).value();
    change(manifest);
    value = manifest.to_bytes();
  }
};

TEST_F(WrongManifest, CountsThatCannotBeReadAreDamage) {
  change([](Manifest& manifest) { manifest.counts.pop_back(); });
  expect_all_lost("is damaged: its counts cannot be read");
}

TEST_F(WrongManifest, CountsWithSomethingBehindAreDamage) {
  change([](Manifest& manifest) { manifest.counts += '\0'; });
  expect_all_lost("is damaged: its counts cannot be read");
}

TEST_F(WrongManifest, AnEndThatIsNotTheCountsIsDamage) {
  change([](Manifest& manifest) { manifest.end = manifest.end.next(); });
  expect_all_lost("is damaged: its counts cannot be read");
}

TEST_F(WrongManifest, AnInsightsCountsThatCannotBeReadAreDamage) {
  change([](Manifest& manifest) { manifest.insights[1].counts.pop_back(); });
  expect_one_lost("users", "its counts cannot be read");
}

TEST_F(WrongManifest, AnInsightsCountsWithSomethingBehindAreDamage) {
  change([](Manifest& manifest) { manifest.insights[1].counts += '\0'; });
  expect_one_lost("users", "its counts cannot be read");
}

TEST_F(WrongManifest, AChunkWithSomethingBehindIsDamage) {
  std::string& value = log_.newest(key("users", 3)).value.value();
  value += '\0';
  change([&](Manifest& manifest) {
    manifest.insights[1].chunks[3] = {insights::stable_hash(value), value.size()};
  });
  expect_one_lost("users", "chunk 3 of 4 cannot be read");
}

TEST_F(WrongManifest, AChunkThatIsSaidToHoldNothingIsDamage) {
  change([](Manifest& manifest) { manifest.insights[1].chunks[3] = {}; });
  expect_one_lost("users", "chunk 3 of 4 cannot be read");
}

// Nothing may take time or memory by what is only said.
TEST_F(WrongManifest, AChunkThatIsSaidToBeHugeIsDamage) {
  change([](Manifest& manifest) {
    for (Manifest::Insight& insight : manifest.insights) insight.chunks[0].bytes = ~uint64_t{0};
  });

  EXPECT_THAT(restore_it().error, HasSubstr("insight sum is damaged: chunk 0 of 1 is missing"));
  Restored restored = restore_it({"count", "users", "distinct", "top", "hours", "sum", "sizes"});
  ASSERT_EQ(restored.error, "");
  expect_to_go_on(std::move(restored));
}

}  // namespace
}  // namespace millrace::state
