// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/topic_record.h"

#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/insights/largest_rows.h"
#include "engine/insights/utc_text.h"
#include "engine/record/json_writer.h"

namespace millrace::insights {
namespace {

using record::JsonWriter;

// All that a record can speak of.
struct Subject {
  const Insight& insight;
  const Part& part;
  uint64_t not_kept = 0;
  std::string_view pipeline;
  bool final = false;
  // Of a window.
  std::optional<WindowOrigin> window = std::nullopt;
  int64_t start = 0;
  // Of a total.
  size_t partitions = 0;

  // The same for all windows of an insight, so that their texts are in the order of their times.
  [[nodiscard]] std::string time_text(int64_t time) const {
    return utc_text(
        time, part.window->hop_ms % 1000 == 0 ? Precision::kSeconds : Precision::kMilliseconds);
  }

  [[nodiscard]] std::string start_text() const { return time_text(start); }

  [[nodiscard]] std::string end_text() const { return time_text(start + part.window->size_ms); }
};

// A part of a key: a slash in it is none between parts.
void append_key_part(std::string_view text, std::string& key) {
  key += '/';
  for (const char c : text) {
    if (c == '/') {
      key += "%2F";
    } else if (c == '%') {
      key += "%25";
    } else {
      key += c;
    }
  }
}

std::string key_of(const Subject& subject) {
  if (!subject.window) return subject.insight.name;
  return fmt::format("{}/{}/{}/{}", subject.insight.name, subject.window->topic,
                     subject.window->partition, subject.start_text());
}

void not_shown_member(size_t rows, JsonWriter& writer) {
  if (rows > 0) writer.member("not_shown", rows);
}

// A kind's whole JSON.
void write_result(const Subject& subject, const ResultValue& value, JsonWriter& writer) {
  Result result;
  result.insight = &subject.insight;
  result.part = &subject.part;
  result.value = value;
  write_json(result, writer);
}

// A kind's result as one value: the number, where that is all there is to it.
void write_value(const Subject& subject, const ResultValue& value, JsonWriter& writer) {
  const bool is_number =
      std::holds_alternative<CountResult>(value) || std::holds_alternative<NumberResult>(value);
  if (is_number) {
    MILLRACE_CHECK(write_member(subject.insight, subject.part, value, "value", writer));
    return;
  }
  writer.begin_object();
  write_members(subject.insight, subject.part, value, writer);
  writer.end_object();
}

void write_member_of_result(const Subject& subject, const ResultValue& value, const char* name,
                            JsonWriter& writer) {
  if (!write_member(subject.insight, subject.part, value, name, writer)) writer.null();
}

void write_source(const Subject& subject, const ResultValue& value, RecordSource source,
                  JsonWriter& writer) {
  const auto of_result = [&](const char* name) {
    write_member_of_result(subject, value, name, writer);
  };
  switch (source) {
    case RecordSource::kCounts:
      return of_result("counts");
    case RecordSource::kValue:
      return of_result("value");
    case RecordSource::kItems:
      return of_result("items");
    case RecordSource::kValues:
      return of_result("values");
    case RecordSource::kLow:
      return of_result("low");
    case RecordSource::kHigh:
      return of_result("high");
    case RecordSource::kExact:
      return of_result("exact");
    case RecordSource::kBy:
      return of_result("by");
    case RecordSource::kNotKept:
      return writer.number(subject.not_kept);
    case RecordSource::kPipeline:
      return writer.string(subject.pipeline);
    case RecordSource::kInsight:
      return writer.string(subject.insight.name);
    case RecordSource::kTopic:
      return subject.window ? writer.string(subject.window->topic) : writer.null();
    case RecordSource::kPartition:
      return subject.window ? writer.number(subject.window->partition) : writer.null();
    case RecordSource::kPartitions:
      return subject.window ? writer.number(1) : writer.number(uint64_t{subject.partitions});
    case RecordSource::kWindowStart:
      return subject.window ? writer.string(subject.start_text()) : writer.null();
    case RecordSource::kWindowEnd:
      return subject.window ? writer.string(subject.end_text()) : writer.null();
    case RecordSource::kFinal:
      return writer.boolean(subject.final);
    case RecordSource::kResult:
      return write_result(subject, value, writer);
  }
}

// What stands before the value in the usual shape.
void write_head(const Subject& subject, JsonWriter& writer) {
  writer.member("pipeline", subject.pipeline);
  writer.member("insight", subject.insight.name);
  if (!subject.window) return writer.member("partitions", subject.partitions);
  writer.member("topic", subject.window->topic);
  writer.member("partition", subject.window->partition);
  writer.name("window");
  writer.begin_object();
  writer.member("start", subject.start_text());
  writer.member("end", subject.end_text());
  writer.end_object();
}

void write_tail(const Subject& subject, size_t not_shown, JsonWriter& writer) {
  if (subject.not_kept > 0) writer.member("not_kept", subject.not_kept);
  not_shown_member(not_shown, writer);
  writer.member("final", subject.final);
}

std::string to_json(const Subject& subject, const ResultValue& value, size_t not_shown) {
  JsonWriter writer;
  writer.begin_object();
  const std::vector<RecordMember>& members = subject.insight.output->members;
  if (members.empty()) {
    write_head(subject, writer);
    writer.name("value");
    write_value(subject, value, writer);
    write_tail(subject, not_shown, writer);
  } else {
    for (const RecordMember& member : members) {
      writer.name(member.name);
      write_source(subject, value, member.source, writer);
    }
    not_shown_member(not_shown, writer);
  }
  writer.end_object();
  return writer.take();
}

// All in one record, with as many rows as fit.
TopicRecord one_record(const Subject& subject, const ResultValue& value, size_t bytes_max) {
  TopicRecord record{subject.insight.output->topic, key_of(subject), to_json(subject, value, 0)};
  const auto fits = [&](const std::string& json) {
    return record.key.size() + json.size() <= bytes_max;
  };
  if (fits(record.value)) return record;
  const std::vector<size_t> order = rows_by_size(value);
  if (order.empty()) return record;
  size_t shown = 0;
  record.value = to_json(subject, with_rows(value, order, 0), order.size());
  // The most that fit, found by halving.
  for (size_t too_many = order.size(); shown + 1 < too_many;) {
    const size_t rows = shown + (too_many - shown) / 2;
    std::string json = to_json(subject, with_rows(value, order, rows), order.size() - rows);
    if (fits(json)) {
      shown = rows;
      record.value = std::move(json);
    } else {
      too_many = rows;
    }
  }
  return record;
}

// A record for each group of a kind that has some.
class GroupRecords {
 public:
  explicit GroupRecords(const Subject& subject) : subject_(subject), key_(key_of(subject)) {}

  // The same shape for all: what a group's value is, `write` writes.
  template <typename Row, typename Write>
  void add(const Row& row, const Write& write) {
    JsonWriter writer;
    writer.begin_object();
    write_head(subject_, writer);
    writer.name("group");
    writer.begin_object();
    std::string key = key_;
    for (size_t i = 0; i < row.values.size(); ++i) {
      writer.member(subject_.insight.fields[i].c_str(), row.values[i]);
      append_key_part(row.values[i], key);
    }
    writer.end_object();
    writer.name("value");
    write(writer);
    write_tail(subject_, 0, writer);
    writer.end_object();
    records_.push_back({subject_.insight.output->topic, std::move(key), writer.take()});
  }

  [[nodiscard]] std::vector<TopicRecord> take() { return std::move(records_); }

 private:
  const Subject& subject_;
  std::string key_;
  std::vector<TopicRecord> records_;
};

// False where the kind has no groups.
bool add_groups(const Subject& subject, const ResultValue& value, GroupRecords& records) {
  if (const auto* const counts = std::get_if<CountByResult>(&value)) {
    for (const auto& row : counts->rows)
      records.add(row, [&row](JsonWriter& writer) { writer.number(row.count); });
    return true;
  }
  if (const auto* const distinct = std::get_if<DistinctByResult>(&value)) {
    for (const auto& row : distinct->rows)
      records.add(row, [&](JsonWriter& writer) { write_value(subject, row.distinct, writer); });
    return true;
  }
  if (const auto* const edges = std::get_if<EdgeResult>(&value)) {
    for (const auto& row : edges->rows)
      records.add(row, [&row](JsonWriter& writer) { write_json(row.value, writer); });
    return true;
  }
  return false;
}

}  // namespace

std::vector<TopicRecord> window_records(const Declaration& declaration, const ClosedWindow& window,
                                        const WindowOrigin& origin, size_t bytes_max) {
  const Insight& insight = declaration.insights[window.insight];
  MILLRACE_CHECK(insight.output.has_value());
  Subject subject{.insight = insight,
                  .part = declaration.parts[insight.part],
                  .not_kept = window.not_kept,
                  .pipeline = origin.pipeline,
                  .final = true,
                  .window = origin,
                  .start = window.start};
  if (insight.output->members.empty()) {
    GroupRecords records(subject);
    if (add_groups(subject, window.value, records)) return records.take();
  }
  return {one_record(subject, window.value, bytes_max)};
}

TopicRecord total_record(const Result& total, const TotalOrigin& origin, size_t bytes_max) {
  MILLRACE_CHECK(total.insight->output.has_value() && !total.part->window);
  const Subject subject{.insight = *total.insight,
                        .part = *total.part,
                        .not_kept = total.not_kept,
                        .pipeline = origin.pipeline,
                        .final = origin.final,
                        .partitions = origin.partitions};
  return one_record(subject, total.value, bytes_max);
}

}  // namespace millrace::insights
