// SPDX-License-Identifier: Apache-2.0
#include "engine/embedded/generator.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "engine/base/pause.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/record_sender.h"

namespace millrace::embedded {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr uint64_t kChunk = 1000;
constexpr double kNominalRate = 1000;  // of timestamps, where no rate is set
constexpr std::chrono::milliseconds kAskAgain{10};

}  // namespace

class Generator::Impl {
 public:
  Impl(const config::KafkaConfig& kafka, const GeneratorOptions& options)
      : kafka_(kafka), options_(options), maker_(options.records) {}

  base::Result<GeneratorReport> run(const std::stop_token& stop);

  [[nodiscard]] uint64_t sent() const { return sent_.load(std::memory_order_relaxed); }

 private:
  base::Result<int32_t> find_topic(const std::stop_token& stop);
  [[nodiscard]] uint64_t due(SteadyTime begin) const;
  [[nodiscard]] SteadyTime time_of(SteadyTime begin, uint64_t number) const;
  [[nodiscard]] int64_t timestamp(uint64_t number) const;
  base::Status send_until_done(kafka::RecordSender& sender, const kafka::Patience& patience);

  const config::KafkaConfig kafka_;
  const GeneratorOptions options_;
  RecordMaker maker_;
  int32_t partitions_ = 1;
  // Written by run(), read by whoever shows progress; may be a little behind.
  std::atomic<uint64_t> sent_{0};
};

base::Result<int32_t> Generator::Impl::find_topic(const std::stop_token& stop) {
  auto admin = kafka::Admin::create(kafka_, kafka::Side::kOutput);
  if (!admin.ok()) return admin.error();
  const auto patience = kafka::Patience::at_most(options_.wait, stop);
  auto partitions = admin.value()->partition_count(options_.topic, patience);
  if (!partitions.ok() || partitions.value() > 0) return partitions;
  auto created = admin.value()->create_topic(
      {options_.topic, options_.partitions, options_.replication}, patience);
  if (!created.ok()) return created.error();
  // The broker that answers next may not have heard of the new topic yet.
  base::Status known = admin.value()->wait_for_topics({&options_.topic, 1}, patience);
  if (!known.ok()) return base::Error{known.message()};
  return admin.value()->partition_count(options_.topic, patience);
}

// How many records should have been sent by now. From the beginning every time, so that the rate
// does not drift and a late wake-up is made up for.
uint64_t Generator::Impl::due(SteadyTime begin) const {
  if (options_.records_per_second <= 0) return options_.count;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  const double number = std::floor(elapsed.count() * options_.records_per_second) + 1;
  return number >= 1e18 ? options_.count : std::min(options_.count, static_cast<uint64_t>(number));
}

SteadyTime Generator::Impl::time_of(SteadyTime begin, uint64_t number) const {
  const std::chrono::duration<double> after(static_cast<double>(number) /
                                            options_.records_per_second);
  return begin + std::chrono::ceil<std::chrono::steady_clock::duration>(after);
}

int64_t Generator::Impl::timestamp(uint64_t number) const {
  if (!options_.start_time) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::floor<std::chrono::seconds>(now).count();
  }
  const double rate = options_.records_per_second > 0 ? options_.records_per_second : kNominalRate;
  return *options_.start_time + static_cast<int64_t>(static_cast<double>(number) / rate);
}

base::Status Generator::Impl::send_until_done(kafka::RecordSender& sender,
                                              const kafka::Patience& patience) {
  const SteadyTime begin = std::chrono::steady_clock::now();
  uint64_t number = 0;
  while (number < options_.count && !patience.stop.stop_requested()) {
    uint64_t allowed = std::min(kChunk, due(begin) - number);
    if (allowed == 0) {
      // What lingers is not sent later because nothing follows: the client has its own thread.
      base::pause_until(time_of(begin, number), patience.stop);
      continue;
    }
    if (options_.may_send) {
      allowed = std::min(allowed, options_.may_send(allowed));
      if (allowed == 0) {
        base::pause_until(std::chrono::steady_clock::now() + kAskAgain, patience.stop);
        continue;
      }
    }
    for (const uint64_t end = number + allowed; number < end; ++number) {
      const MadeRecord made = maker_.next(timestamp(number));
      const record::Bytes value = made.value ? record::Bytes::of(*made.value) : record::Bytes();
      const auto partition = static_cast<int32_t>(number % static_cast<uint64_t>(partitions_));
      base::Status status =
          sender.send(partition, record::Bytes::of(made.key), value, {}, patience);
      if (!status.ok()) {
        if (patience.stop.stop_requested()) return {};
        return status;
      }
    }
    sent_.store(number, std::memory_order_relaxed);
  }
  return {};
}

base::Result<GeneratorReport> Generator::Impl::run(const std::stop_token& stop) {
  auto partitions = find_topic(stop);
  if (!partitions.ok()) return partitions.error();
  partitions_ = partitions.value();
  auto sender = kafka::RecordSender::create(kafka_, options_.topic);
  if (!sender.ok()) return sender.error();
  const SteadyTime begin = std::chrono::steady_clock::now();
  base::Status status = send_until_done(*sender.value(), {SteadyTime::max(), stop});
  // What was made is sent, also after a stop, but not for ever.
  if (status.ok()) status = sender.value()->flush(kafka::Patience::at_most(options_.wait));
  if (!status.ok()) return base::Error{status.message()};
  GeneratorReport report;
  report.sent = sender.value()->acknowledged();
  std::copy(maker_.tally().begin(), maker_.tally().end(), report.by_defect.begin());
  report.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  return report;
}

Generator::Generator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Generator::~Generator() = default;

base::Result<std::unique_ptr<Generator>> Generator::create(const config::KafkaConfig& kafka,
                                                           const GeneratorOptions& options) {
  if (options.partitions < 1) return base::Error{"a topic has at least one partition"};
  if (options.records.defects.total() > DefectShares::kWhole) {
    return base::Error{"the defects' shares come to more than 100%"};
  }
  return std::unique_ptr<Generator>(new Generator(std::make_unique<Impl>(kafka, options)));
}

base::Result<GeneratorReport> Generator::run(const std::stop_token& stop) {
  return impl_->run(stop);
}

uint64_t Generator::sent() const {
  return impl_->sent();
}

}  // namespace millrace::embedded
