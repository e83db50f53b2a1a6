// SPDX-License-Identifier: Apache-2.0
#include "tests/flow/flow_fixture.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

namespace millrace::tests {

config::InsightConfig& add_insight(config::PipelineConfig& config, config::InsightKind kind,
                                   const char* name, const char* field) {
  config::InsightConfig& insight = config.insights.emplace_back();
  insight.kind = kind;
  insight.name = name;
  if (field != nullptr) insight.fields.push_back(field_path(field));
  insight.exact_up_to = 10'000;
  insight.keys_max = 10'000;
  return insight;
}

config::FieldPath field_path(const char* member) {
  return {{{member, 0, false}}, member, {}};
}

config::PipelineConfig small_pipeline() {
  config::PipelineConfig config;
  config.pipeline.value = "small";
  config.input.topics.push_back({"in", {}});
  config.input.group.value = "group";
  config.schema.emplace();
  config.schema->json = R"({"required": ["n"]})";
  config.output.topic.value = "out";
  config.dead_letters.topic.value = "dead";
  add_insight(config, config::InsightKind::kCountBy, "count_by_device", "device");
  add_insight(config, config::InsightKind::kDistinct, "distinct_user", "user");
  add_insight(config, config::InsightKind::kTop, "top_user", "user").limit = 3;
  return config;
}

std::vector<FakeRecord> records(int32_t partition, int64_t count, int64_t bad_every) {
  static constexpr const char* kDevices[] = {"android", "iOS", "web"};
  std::vector<FakeRecord> made;
  for (int64_t n = 0; n < count; ++n) {
    FakeRecord record;
    record.offset = n;
    const bool bad = bad_every != 0 && n % bad_every == bad_every - 1;
    record.value = fmt::format(R"({{"{}":{},"device":"{}","user":"u{}"}})", bad ? "m" : "n", n,
                               kDevices[(n + partition) % 3], n * 7 % 41);
    made.push_back(std::move(record));
  }
  return made;
}

std::vector<int64_t> numbers(const std::vector<FakeSink::Sent>& sent) {
  std::vector<int64_t> found;
  for (const FakeSink::Sent& one : sent)
    found.push_back(std::atoll(one.value->c_str() + one.value->find(':') + 1));
  return found;
}

FlowFixture::FlowFixture(const config::PipelineConfig& config)
    : plan_(plan::Plan::compile(config).plan), limits_(plan_->output_topics().size()) {
  options.workers = 2;
  options.batch_records_max = 16;
  options.batch_wait = std::chrono::milliseconds(1);
  options.commit_every = std::chrono::milliseconds(10);
  options.until.emplace();
  for (record::TopicLimits& limits : limits_) limits.partitions = 8;
}

void FlowFixture::exactly_once() {
  sink.transactional = true;
  options.settle_at = flow::SettleAt::kCommit;
}

void FlowFixture::durable() {
  options.durable.emplace();
  options.durable->log = &state;
  options.durable->restore.topic = {"small.state", "group", state.partition_count()};
  options.durable->every = std::chrono::milliseconds(20);
  options.durable->commit_prefix = fmt::format("fixture{}", fmt::ptr(this));
  options.durable->now_ms = [] { return int64_t{1'720'655'268'000}; };
}

std::string FlowFixture::insights_json() {
  std::string all;
  for (const insights::Result& result : result_.snapshot.counted.insights) {
    record::JsonWriter writer;
    insights::write_json(result, writer);
    all += fmt::format("{} {} of {}\n{}\n", result.insight->name, result.counted, result.selected,
                       writer.take());
  }
  return all;
}

void FlowFixture::add(int32_t number, std::vector<FakeRecord> from, int64_t end) {
  const int64_t last = from.empty() ? 0 : from.back().offset + 1;
  (*options.until)[{"in", number}] = base::Offset{std::max(end, last)};
  source.add_partition("in", number, std::move(from), end);
}

void FlowFixture::start() {
  flow_ = std::make_unique<flow::Flow>(flow::Flow::Outside{source, sink, committer}, *plan_,
                                       limits_, options, clock_);
  flow_->start([this] {
    const std::scoped_lock lock(mutex_);
    finished_ = true;
    finished_condition_.notify_all();
  });
}

void FlowFixture::wait_until_finished() {
  std::unique_lock lock(mutex_);
  finished_condition_.wait(lock, [this] { return finished_; });
}

flow::Flow::Result& FlowFixture::finish() {
  wait_until_finished();
  result_ = flow_->finish();
  return result_;
}

flow::Flow::Result& FlowFixture::run() {
  start();
  return finish();
}

report::Report FlowFixture::report() {
  report::Report report;
  report.pipeline = "small";
  report.final = true;
  report.partitions = result_.snapshot.accounts;
  report.given = result_.snapshot.given;
  report.counted = result_.snapshot.counted;
  report.ended_by = result_.ended_by;
  return report;
}

std::string FlowFixture::broken() {
  std::string broken;
  for (const std::string& sentence : report::check_identity(report()).broken)
    broken += sentence + "\n";
  return broken;
}

std::string FlowFixture::stable_json() {
  std::string json = report::to_json(report());
  const size_t from = json.find("\"run\"");
  const size_t to = json.find('}', from);
  return json.erase(from, to - from);
}

std::vector<int64_t> FlowFixture::emitted(int32_t partition) const {
  const auto delivered = sink.delivered();
  const auto found = delivered.find({0, partition});
  return found == delivered.end() ? std::vector<int64_t>() : numbers(found->second);
}

}  // namespace millrace::tests
