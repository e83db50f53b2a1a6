// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/insights/results.h"
#include "engine/insights/state.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"
#include "engine/record/batch.h"

namespace millrace::bench {

// The plan of bench/end_to_end/job.yaml, with its five insights.
[[nodiscard]] std::unique_ptr<const plan::Plan> job();

// What the records of one or more partitions come to, counted beside the engine and by none of its
// code.
struct Account {
  uint64_t records = 0;
  uint64_t emitted = 0;
  uint64_t dead_lettered = 0;
  std::map<std::string, uint64_t> by_device;
  std::map<std::string, uint64_t> by_version_and_device;  // "2.3.0 android"
  std::array<uint64_t, 24> by_hour{};
  // Emitted records of each user, by the first of those that come one after the other.
  std::map<uint64_t, std::vector<uint32_t>> by_user;

  [[nodiscard]] uint64_t records_of(uint64_t user) const;
  [[nodiscard]] uint64_t different_users() const;

  // Adds `times` partitions like `other`. Requires: the same users, or none of them.
  void add(const Account& other, uint64_t times = 1);
};

// One partition of logins: each of the users once, then more of them by chance, few of them often,
// and 1 record in 20 of those without a device type. They are JSON, and go through the plan.
class Logins {
 public:
  // Users `first_user` up to `first_user` + `users`. Lifetime: the plan outlives it.
  Logins(const plan::Plan& plan, uint64_t seed, uint64_t first_user, uint64_t users);

  void count(uint64_t records);

  // A record each of `users` users, chosen by chance.
  void count_each(uint64_t users);

  [[nodiscard]] const insights::State& state() const { return *state_; }

  [[nodiscard]] const Account& account() const { return account_; }

 private:
  void add_record(uint64_t user, bool always_emitted);
  void close_batch();
  [[nodiscard]] uint64_t draw(uint64_t bound);

  const plan::Plan& plan_;
  const uint64_t first_user_;
  const uint64_t users_;
  uint64_t seen_ = 0;  // users, from the first on
  int64_t next_ = 0;
  std::mt19937_64 random_;
  plan::Processor processor_;
  record::Batch batch_;
  insights::Shard shard_;
  std::string text_;
  std::unique_ptr<insights::State> state_;
  Account account_;
};

// The text of a user's id: 36 bytes.
[[nodiscard]] std::string user_id(uint64_t user);

// Ends the program unless `state` says what `account` has: counts exactly, the top users between
// their bounds, the number of different users within four standard errors, which by chance alone is
// missed once in 16,000 times. Returns by how much that number is off, as a share of it: the engine
// promises 1.6 % in 95 of 100 cases.
double check_state(const insights::State& state, const Account& account);

// A number that equal states share: of all that is written down of them.
[[nodiscard]] uint64_t fingerprint(const insights::State& state);

}  // namespace millrace::bench
