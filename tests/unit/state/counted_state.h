// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/insights/state.h"

// States that something was counted in.
namespace millrace::state {

// Every kind of part, live and not; "users" and "top" have a key for each user.
[[nodiscard]] const insights::Declaration& declaration();

// The same without some of the insights, and with other definitions or names of others: by name.
struct Change {
  std::vector<std::string> without = {};
  std::vector<std::string> redefined = {};
  std::vector<std::string> renamed = {};  // with "_2" behind the name
};

[[nodiscard]] insights::Declaration changed(const Change& change);

// The input of one partition, and what its insights are after some of it.
class Counted {
 public:
  explicit Counted(const insights::Declaration& of = declaration(), int64_t begin = 0);

  // Goes on with a restored state.
  explicit Counted(std::unique_ptr<insights::State> state) : state_(std::move(state)) {}

  // Counts a record of each of these users, with a time, an amount and an address made of the name.
  void count(const std::vector<std::string>& users);

  // Counts so many records of so many users by chance.
  void count_random(std::mt19937& random, size_t records, size_t users);

  [[nodiscard]] const insights::State& state() const { return *state_; }

  [[nodiscard]] base::Offset end() const { return state_->coverage().end; }

 private:
  std::unique_ptr<insights::State> state_;
};

// `count` different names of `bytes` each, beginning with `prefix`.
[[nodiscard]] std::vector<std::string> names(const std::string& prefix, size_t count, size_t bytes);

// All that a state holds but for what is live, as bytes: equal for equal states, and for no others.
// In kSavedChunks chunks: in how many it was written, if not in more, makes no difference.
inline constexpr size_t kSavedChunks = 64;
[[nodiscard]] std::string saved(const insights::State& state);
// Of one insight, by name.
[[nodiscard]] std::string saved(const insights::State& state, const std::string& insight);

[[nodiscard]] size_t index_of(const insights::Declaration& of, const std::string& insight);

}  // namespace millrace::state
