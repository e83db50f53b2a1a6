// SPDX-License-Identifier: Apache-2.0
#include "bench/scaling/logins.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "bench/scaling/check.h"
#include "engine/config/load.h"
#include "engine/insights/encoding.h"
#include "engine/insights/stable_hash.h"

namespace millrace::bench {
namespace {

// Of a power of two, so that no batch spans the border of an epoch.
constexpr size_t kBatch = 1024;
constexpr int64_t kDay = 86'400;
constexpr int64_t kBegin = 1'720'656'000;  // 2024-07-11T00:00:00Z
constexpr std::array<std::string_view, 2> kDevices{"android", "iOS"};
constexpr std::array<std::string_view, 5> kVersions{"2.3.0", "2.3.1", "2.4.0", "2.4.1", "2.5.0"};
// 1.04 / sqrt(2^14), of a HyperLogLog with so many registers.
constexpr double kStandardError = 0.0081;
constexpr uint64_t kWithoutDevice = 20;  // one in so many

std::optional<std::string> variable(const std::string& name) {
  if (name == "BENCH_BROKERS") return "localhost:9092";
  if (name == "BENCH_GUARANTEE") return "exactly_once";
  if (name == "BENCH_NAME" || name == "BENCH_INPUT" || name == "BENCH_OUTPUT" ||
      name == "BENCH_DEAD_LETTERS")
    return "logins-" + std::to_string(name.size());
  return std::nullopt;  // the others have defaults
}

template <typename Problems>
void none(const Problems& problems) {
  for (const config::Problem& problem : problems)
    fmt::print(stderr, "{}\n", config::to_string(problem));
  check(problems.empty(), "bench/end_to_end/job.yaml is refused");
}

}  // namespace

std::unique_ptr<const plan::Plan> job() {
  const config::Loaded loaded =
      config::load_file(MILLRACE_SOURCE_DIR "/bench/end_to_end/job.yaml", variable);
  none(loaded.problems);
  plan::Plan::Compiled compiled = plan::Plan::compile(loaded.config);
  none(compiled.problems);
  check(compiled.plan != nullptr, "bench/end_to_end/job.yaml has no plan");
  return std::move(compiled.plan);
}

void Account::add(const Account& other, uint64_t times) {
  records += other.records * times;
  emitted += other.emitted * times;
  dead_lettered += other.dead_lettered * times;
  for (const auto& [device, count] : other.by_device) by_device[device] += count * times;
  for (const auto& [key, count] : other.by_version_and_device)
    by_version_and_device[key] += count * times;
  for (size_t hour = 0; hour < by_hour.size(); ++hour) by_hour[hour] += other.by_hour[hour] * times;
  for (const auto& [first, counts] : other.by_user) {
    std::vector<uint32_t>& users = by_user[first];
    users.resize(counts.size());
    for (size_t i = 0; i < counts.size(); ++i) users[i] += counts[i] * static_cast<uint32_t>(times);
  }
}

uint64_t Account::records_of(uint64_t user) const {
  const auto after = by_user.upper_bound(user);
  if (after == by_user.begin()) return 0;
  const auto& [first, counts] = *std::prev(after);
  return user - first < counts.size() ? counts[user - first] : 0;
}

uint64_t Account::different_users() const {
  uint64_t users = 0;
  for (const auto& [first, counts] : by_user)
    users += counts.size() - static_cast<size_t>(std::count(counts.begin(), counts.end(), 0U));
  return users;
}

std::string user_id(uint64_t user) {
  return fmt::format("59cc1bb4-8037-4475-b1e4-{:012}", user);
}

Logins::Logins(const plan::Plan& plan, uint64_t seed, uint64_t first_user, uint64_t users)
    : plan_(plan),
      first_user_(first_user),
      users_(users),
      random_(seed),
      processor_(plan, plan::OutputLimits(plan.output_topics().size())),
      shard_(plan.declaration()),
      state_(std::make_unique<insights::State>(plan.declaration())) {
  state_->cover(base::Offset{0}, base::Offset{0}, 0);
  account_.by_user[first_user].resize(users);
}

uint64_t Logins::draw(uint64_t bound) {
  return random_() % bound;
}

void Logins::count(uint64_t records) {
  for (uint64_t i = 0; i < records; ++i) {
    if (seen_ < users_) {
      add_record(first_user_ + seen_++, true);
    } else {
      // The smallest of three draws: few users have many records.
      const uint64_t user = std::min({draw(users_), draw(users_), draw(users_)});
      add_record(first_user_ + user, false);
    }
  }
  close_batch();
}

void Logins::count_each(uint64_t users) {
  std::vector<uint64_t> all(users_);
  for (uint64_t i = 0; i < users_; ++i) all[i] = first_user_ + i;
  for (uint64_t i = 0; i < users; ++i) {
    std::swap(all[i], all[i + draw(users_ - i)]);
    add_record(all[i], true);
  }
  close_batch();
}

void Logins::add_record(uint64_t user, bool always_emitted) {
  const std::string_view device = kDevices[draw(kDevices.size())];
  const std::string_view version = kVersions[draw(kVersions.size())];
  const int64_t second = static_cast<int64_t>(draw(kDay));
  const bool emitted = always_emitted || draw(kWithoutDevice) != 0;
  text_.clear();
  fmt::format_to(std::back_inserter(text_),
                 R"({{"user_id": "{}", "app_version": "{}", "ip": "1.1.177.19", "locale": "CT", )"
                 R"("device_id": "8792a520-f2d6-45e9-87f3-{:012}", "timestamp": {})",
                 user_id(user), version, next_, kBegin + second);
  if (emitted) fmt::format_to(std::back_inserter(text_), R"(, "device_type": "{}")", device);
  text_ += '}';
  if (batch_.records().empty()) {
    batch_.reset();
    batch_.open(base::Offset{next_}, 0, base::WallTime{std::chrono::seconds{kBegin}});
  }
  record::InputRecord input;
  input.offset = base::Offset{next_++};
  input.value = record::Bytes::of(text_);
  batch_.append(input);

  ++account_.records;
  if (emitted) {
    ++account_.emitted;
    ++account_.by_device[std::string(device)];
    ++account_.by_version_and_device[fmt::format("{} {}", version, device)];
    ++account_.by_hour[static_cast<size_t>(second / 3'600)];
    ++account_.by_user[first_user_][user - first_user_];
  } else {
    ++account_.dead_lettered;
  }
  if (static_cast<size_t>(next_) % kBatch == 0) close_batch();
}

void Logins::close_batch() {
  if (batch_.records().empty()) return;
  shard_.clear();
  processor_.process(batch_, "in", shard_);
  state_->cover(batch_.range_begin(), batch_.range_end(), batch_.records().size());
  state_->add(shard_, batch_.range_begin());
  batch_.reset();
}

namespace {

void check_rows(const insights::CountByResult& result,
                const std::map<std::string, uint64_t>& expected) {
  std::map<std::string, uint64_t> rows;
  for (const insights::CountByResult::Row& row : result.rows)
    rows[fmt::format("{}", fmt::join(row.values, " "))] = row.count;
  check(rows == expected, "the counts by key are not what was sent");
}

void check_top(const insights::TopResult& result, const Account& account) {
  std::vector<std::pair<uint64_t, uint64_t>> users;  // records, user
  for (const auto& [first, counts] : account.by_user) {
    for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] > 0) users.emplace_back(counts[i], first + i);
    }
  }
  const size_t shown = std::min(result.items.size(), users.size());
  check(shown == std::min<size_t>(10, users.size()), "there are not ten top users");
  std::partial_sort(users.begin(), users.begin() + static_cast<ptrdiff_t>(shown), users.end(),
                    [](const auto& a, const auto& b) {
                      return a.first != b.first ? a.first > b.first : a.second < b.second;
                    });
  const bool exact = std::all_of(result.items.begin(), result.items.end(),
                                 [](const auto& item) { return item.error == 0; });
  for (size_t i = 0; i < shown; ++i) {
    const insights::TopResult::Item& item = result.items[i];
    check(item.values.size() == 1, "a top user has no id");
    const auto user = std::stoull(item.values[0].substr(item.values[0].rfind('-') + 1));
    const uint64_t records = account.records_of(user);
    check(item.count - item.error <= records && records <= item.count && records > 0,
          "the records of a top user are not between their bounds");
    if (exact) {
      check(item.count == users[i].first && user == users[i].second,
            "the top users are not those with the most records");
    }
  }
}

}  // namespace

double check_state(const insights::State& state, const Account& account) {
  check(state.emitted() == account.emitted, "the emitted records are not what was sent");
  check(state.filtered() == 0, "records were filtered");
  check(state.dead_lettered() == account.dead_lettered, "the dead letters are not what was sent");
  double off = 0;
  for (const insights::Result& result : state.results()) {
    check(result.counted == account.emitted && result.missing == 0 && result.not_kept == 0,
          "an insight counted something else than what was emitted");
    if (const auto* const rows = std::get_if<insights::CountByResult>(&result.value)) {
      check_rows(*rows, result.insight->fields.size() == 1 ? account.by_device
                                                           : account.by_version_and_device);
    } else if (const auto* const hours = std::get_if<insights::HoursResult>(&result.value)) {
      check(hours->counts == account.by_hour, "the hours of the day are not what was sent");
    } else if (const auto* const top = std::get_if<insights::TopResult>(&result.value)) {
      check_top(*top, account);
    } else if (const auto* const users = std::get_if<insights::DistinctResult>(&result.value)) {
      const auto different = static_cast<double>(account.different_users());
      off = static_cast<double>(users->value) / different - 1;
      check(users->exact ? off == 0 : std::abs(off) <= 4 * kStandardError,
            "the number of different users is too far off");
    } else {
      check(false, "there is an insight that nobody checks");
    }
  }
  return off;
}

uint64_t fingerprint(const insights::State& state) {
  constexpr size_t kChunks = 64;
  insights::Encoder all;
  state.save_counts(all);
  for (size_t i = 0; i < state.declaration().insights.size(); ++i) {
    state.save_insight(i, all);
    std::vector<insights::Encoder> chunks(kChunks);
    state.accumulator(i).save(chunks);
    for (const insights::Encoder& chunk : chunks) all.number(insights::stable_hash(chunk.bytes()));
  }
  return insights::stable_hash(all.bytes());
}

}  // namespace millrace::bench
