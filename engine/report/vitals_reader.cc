// SPDX-License-Identifier: Apache-2.0
#include "engine/report/vitals_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "engine/record/document.h"
#include "engine/record/json_text.h"

namespace millrace::report {
namespace {

using record::kNoNode;
using record::NodeIndex;
using record::ValueKind;

constexpr int64_t kVersion = 1;

// A value of the document, or nothing: what is asked of nothing, or of a value of another kind, is
// what was there before.
class View {
 public:
  View(const record::Document& document, NodeIndex node) : document_(&document), node_(node) {}

  [[nodiscard]] bool is(ValueKind kind) const {
    return node_ != kNoNode && document_->node(node_).value.kind == kind;
  }

  // The member of an object. Names of ours have nothing that is escaped.
  [[nodiscard]] View operator[](std::string_view name) const {
    if (!is(ValueKind::kObject)) return {*document_, kNoNode};
    for (NodeIndex child = document_->first_child(node_); child != kNoNode;
         child = document_->next_child(child)) {
      const std::string_view text = document_->node(child).name_text;
      if (text.size() == name.size() + 2 && text.substr(1, name.size()) == name)
        return {*document_, child};
    }
    return {*document_, kNoNode};
  }

  // Calls `each` with every element or member.
  template <typename Each>
  void each(ValueKind kind, const Each& each) const {
    if (!is(kind)) return;
    for (NodeIndex child = document_->first_child(node_); child != kNoNode;
         child = document_->next_child(child))
      each(View(*document_, child));
  }

  [[nodiscard]] std::string name() const { return unescaped(document_->node(node_).name_text); }

  void get(std::string& to) const {
    if (is(ValueKind::kString)) to = unescaped(text());
  }

  void get(bool& to) const {
    if (is(ValueKind::kBoolean)) to = text() == "true";
  }

  void get(double& to) const {
    if (const auto value = real()) to = *value;
  }

  void get(std::optional<double>& to) const { to = real(); }

  // Amounts of time are not negative, whatever somebody sends.
  void get(std::chrono::duration<double>& to) const {
    if (const auto value = real(); value && *value >= 0) to = std::chrono::duration<double>(*value);
  }

  template <typename Integer>
  requires std::is_integral_v<Integer>

  void get(Integer& to) const {
    if (const auto value = whole<Integer>()) to = *value;
  }

  void get(std::optional<uint64_t>& to) const { to = whole<uint64_t>(); }

  void get(base::Offset& to) const {
    if (const auto value = whole<int64_t>(); value && *value >= 0) to = base::Offset{*value};
  }

 private:
  [[nodiscard]] std::string_view text() const { return document_->node(node_).value.text; }

  [[nodiscard]] static std::string unescaped(std::string_view string_text) {
    std::string plain;
    record::append_unescaped(string_text, plain);
    return plain;
  }

  template <typename Integer>
  [[nodiscard]] std::optional<Integer> whole() const {
    if (!is(ValueKind::kNumber)) return std::nullopt;
    Integer value{};
    const char* end = text().data() + text().size();
    const auto [rest, error] = std::from_chars(text().data(), end, value);
    if (error != std::errc() || rest != end) return std::nullopt;
    return value;
  }

  [[nodiscard]] std::optional<double> real() const {
    if (!is(ValueKind::kNumber)) return std::nullopt;
    double value = 0;
    const char* end = text().data() + text().size();
    const auto [rest, error] = std::from_chars(text().data(), end, value);
    if (error != std::errc() || rest != end || !std::isfinite(value)) return std::nullopt;
    return value;
  }

  const record::Document* document_;
  NodeIndex node_;
};

// The value whose name the member has; the first of them where it has another.
template <typename Enum, size_t size>
Enum named(const View& view, const std::array<Enum, size>& values) {
  std::string name;
  view.get(name);
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&name](Enum value) { return name_of(value) == name; });
  return found == values.end() ? values.front() : *found;
}

constexpr std::array kPhases{Phase::kRunning, Phase::kDraining, Phase::kFinished};
constexpr std::array kStatuses{Status::kHealthy, Status::kWaiting, Status::kUnhealthy};
constexpr std::array kAlertStates{AlertState::kOk, AlertState::kPending, AlertState::kFiring};

void read_totals(const View& totals, Vitals& vitals) {
  totals["polled"].get(vitals.polled);
  totals["consumed"].get(vitals.consumed);
  totals["emitted"].get(vitals.emitted);
  totals["filtered"].get(vitals.filtered);
  totals["dead_lettered"].get(vitals.dead_lettered);
  totals["copies"].get(vitals.outputs.copies);
  totals["exploded"].get(vitals.outputs.exploded);
  totals["pieces"].get(vitals.outputs.pieces);
  totals["dead_letters_discarded"].get(vitals.outputs.letters_discarded);
  totals["input_bytes"].get(vitals.input_bytes);
  totals["output_bytes"].get(vitals.output_bytes);
  totals["uncommitted"].get(vitals.uncommitted);
}

PartitionVitals read_partition(const View& view) {
  PartitionVitals partition;
  view["topic"].get(partition.id.topic);
  view["partition"].get(partition.id.partition);
  view["ours"].get(partition.ours);
  view["position"].get(partition.position);
  base::Offset end;
  view["end"].get(end);
  if (end.valid()) partition.end = end;
  view["lag"].get(partition.lag);
  view["consumed"].get(partition.consumed);
  view["emitted"].get(partition.emitted);
  view["filtered"].get(partition.filtered);
  view["dead_lettered"].get(partition.dead_lettered);
  partition.status = named(view["status"], kStatuses);
  view["reason"].get(partition.reason);
  view["recounting"].get(partition.recounting);
  return partition;
}

PartitionHealth read_partition_health(const View& view) {
  PartitionHealth health;
  view["topic"].get(health.id.topic);
  view["partition"].get(health.id.partition);
  health.status = named(view["status"], kStatuses);
  view["reason"].get(health.reason);
  view["position"].get(health.position);
  view["lag"].get(health.lag);
  double still = 0;
  view["still_seconds"].get(still);
  constexpr double kMillisecondsMax = 1e15;
  health.still_for = std::chrono::milliseconds(
      static_cast<int64_t>(std::clamp(still * 1000, 0.0, kMillisecondsMax)));
  return health;
}

void read_condition(const View& all, Vitals& vitals) {
  const View health = all["health"];
  vitals.health.status = named(health["status"], kStatuses);
  health["instance"].get(vitals.health.instance);
  health["partitions"].each(ValueKind::kArray, [&vitals](const View& view) {
    PartitionHealth partition = read_partition_health(view);
    if (partition.status != Status::kHealthy)
      vitals.health.partitions.push_back(std::move(partition));
  });
  all["alerts"].each(ValueKind::kArray, [&vitals](const View& view) {
    Alert alert;
    view["name"].get(alert.rule.name);
    alert.state = named(view["state"], kAlertStates);
    view["value"].get(alert.value);
    vitals.alerts.push_back(std::move(alert));
  });
  all["identity_broken"].each(ValueKind::kArray, [&vitals](const View& view) {
    std::string sentence;
    view.get(sentence);
    vitals.identity_broken.push_back(std::move(sentence));
  });
}

void read_samples(const View& samples, Vitals& vitals) {
  samples.each(ValueKind::kArray, [&vitals](const View& view) {
    DeadLetterSample sample;
    view["topic"].get(sample.from.topic);
    view["partition"].get(sample.from.partition);
    view["offset"].get(sample.offset);
    view["time_ms"].get(sample.time_ms);
    view["rule"].get(sample.rule);
    view["masked"].get(sample.masked);
    vitals.samples.push_back(std::move(sample));
  });
}

void read_durations(const View& view, Durations& durations) {
  view["sum_seconds"].get(durations.sum_seconds);
  size_t at = 0;
  view["counts"].each(ValueKind::kArray, [&](const View& count) {
    if (at < durations.counts.size()) count.get(durations.counts[at++]);
  });
}

// Another version may tell other times apart; then its counts say nothing here.
bool has_our_bounds(const View& bounds) {
  size_t at = 0;
  bool same = true;
  bounds.each(ValueKind::kArray, [&](const View& view) {
    double bound = -1;
    view.get(bound);
    same = same && at < Durations::kBounds.size() && bound == Durations::kBounds[at];
    ++at;
  });
  return same && at == Durations::kBounds.size();
}

void read_work(const View& all, Vitals& vitals) {
  const bool comparable = has_our_bounds(all["bounds"]);
  for (size_t stage = 0; comparable && stage < kStages; ++stage)
    read_durations(all["stages"][name_of(static_cast<Stage>(stage))], vitals.stages[stage]);
  const View batches = all["batches"];
  batches["settled"].get(vitals.batches);
  batches["processing"].get(vitals.batches_processing);
  batches["queued"].get(vitals.batches_queued);
  batches["unsettled"].get(vitals.batches_unsettled);
  const View memory = all["memory"];
  memory["limit_bytes"].get(vitals.memory_bytes);
  memory["batch_bytes"].get(vitals.batch_memory_bytes);
  memory["batch_used_bytes"].get(vitals.batch_memory_used);
  memory["state_bytes"].get(vitals.state_bytes);
  memory["budget_spent"].get(vitals.budget_spent);
  memory["rss_bytes"].get(vitals.rss_bytes);
  memory["peak_rss_bytes"].get(vitals.peak_rss_bytes);
  const View commits = all["commits"];
  if (comparable) read_durations(commits, vitals.commits);
  commits["failed"].get(vitals.commits_failed);
  if (const View since = commits["since_seconds"]; since.is(ValueKind::kNumber)) {
    vitals.since_commit.emplace();
    since.get(*vitals.since_commit);
  }
  commits["every_seconds"].get(vitals.commit_every);
}

ClientVitals read_client(const View& view) {
  ClientVitals client;
  view["name"].get(client.name);
  view["brokers_up"].get(client.brokers_up);
  view["brokers"].get(client.brokers);
  view["queued_messages"].get(client.queued_messages);
  view["queued_bytes"].get(client.queued_bytes);
  view["sent_bytes"].get(client.sent_bytes);
  view["received_bytes"].get(client.received_bytes);
  view["requests"].get(client.requests);
  view["request_timeouts"].get(client.request_timeouts);
  view["request_errors"].get(client.request_errors);
  view["round_trip_seconds"].get(client.round_trip_seconds);
  view["throttle_seconds"].get(client.throttle_seconds);
  return client;
}

}  // namespace

base::Result<Vitals> read_vitals(std::string_view json) {
  const record::NameTable names;
  record::Document document(names, {.reject_duplicates = false, .objects_only = true});
  if (const record::ParseError error = document.parse(json); error != record::ParseError::kNone)
    return base::Error{fmt::format("the answer is no JSON object: {}", record::describe(error))};
  const View all(document, document.root());
  int64_t version = 0;
  all["version"].get(version);
  if (version != kVersion || !all["totals"].is(ValueKind::kObject))
    return base::Error{"the answer is JSON, but not the vitals that this version can read"};

  Vitals vitals;
  all["pipeline"].get(vitals.pipeline);
  all["instance"].get(vitals.instance);
  all["program"].get(vitals.version);
  all["guarantee"].get(vitals.guarantee);
  vitals.phase = named(all["phase"], kPhases);
  all["time_ms"].get(vitals.time_ms);
  all["started_ms"].get(vitals.started_ms);
  all["seconds"].get(vitals.elapsed);
  read_totals(all["totals"], vitals);
  all["dead_letters"].each(ValueKind::kObject, [&vitals](const View& count) {
    count.get(vitals.dead_letters[count.name()]);
  });
  all["lag"].get(vitals.lag);
  all["partitions"].each(ValueKind::kArray, [&vitals](const View& view) {
    vitals.partitions.push_back(read_partition(view));
  });
  read_condition(all, vitals);
  read_samples(all["samples"], vitals);
  read_work(all, vitals);
  all["rebalances"].get(vitals.rebalances);
  all["rewinds"].get(vitals.rewinds);
  all["clients"].each(ValueKind::kArray,
                      [&vitals](const View& view) { vitals.clients.push_back(read_client(view)); });
  all["cpu_seconds"].get(vitals.cpu);
  return vitals;
}

}  // namespace millrace::report
