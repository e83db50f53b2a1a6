// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/trial_output.h"

#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "engine/base/limits.h"
#include "engine/record/json_writer.h"
#include "engine/record/printable.h"
#include "engine/trial/show_result.h"

namespace millrace::cli {
namespace {

constexpr size_t kBatchRecordsMax = 1000;
constexpr size_t kTextBytesMax = size_t{1} << 20;

}  // namespace

TrialOutput::TrialOutput(const plan::Plan& plan, const plan::Plan* other, Options options)
    : options_(std::move(options)),
      times_(plan),
      run_(plan, options_.times || !options_.json ? &times_ : nullptr),
      other_(other == nullptr ? nullptr : std::make_unique<trial::TrialRun>(*other)) {}

void TrialOutput::add(const record::InputRecord& record, int32_t partition) {
  if (open_ && (partition != partition_ || run_.size() >= kBatchRecordsMax ||
                run_.bytes() >= base::limits::kBatchBytesMax))
    flush();
  if (!open_) {
    now_ = options_.now.value_or(base::SystemClock().now());
    run_.open(options_.topic, partition, record.offset, now_);
    if (other_ != nullptr) other_->open(options_.topic, partition, record.offset, now_);
    partition_ = partition;
    open_ = true;
  }
  record::InputRecord timed = record;
  if (!options_.from_topic) {
    timed.timestamp_ms =
        std::chrono::floor<std::chrono::milliseconds>(now_.time_since_epoch()).count();
  }
  run_.add(timed);
  if (other_ != nullptr) other_->add(timed);
}

void TrialOutput::flush() {
  if (!open_) return;
  open_ = false;
  run_.run();
  if (other_ != nullptr) other_->run();
  for (size_t i = 0; i < run_.size(); ++i) {
    const record::Outcome outcome = run_.result(i).outcome;
    emitted_ += outcome == record::Outcome::kEmitted ? 1 : 0;
    filtered_ += outcome == record::Outcome::kFiltered ? 1 : 0;
    if (other_ == nullptr) {
      show(i);
    } else if (!trial::same(run_.result(i), other_->result(i))) {
      ++differing_;
      show_difference(i);
    }
    if (text_.size() > kTextBytesMax) write();
  }
  records_ += run_.size();
  write();
}

base::ExitCode TrialOutput::finish() {
  flush();
  std::string table = times_.table();
  if (!options_.json && other_ == nullptr && !table.empty()) {
    text_ = "\n" + std::move(table);
    write();
  } else if (options_.times) {
    fmt::print(stderr, "{}", table);
  }
  if (other_ != nullptr) {
    fmt::print(stderr, "{} records, {} differ\n", records_, differing_);
    return differing_ == 0 ? base::ExitCode::kClean : base::ExitCode::kFailed;
  }
  fmt::print(stderr, "{} records: {} emitted, {} filtered, {} dead-lettered\n", records_, emitted_,
             filtered_, records_ - emitted_ - filtered_);
  return base::ExitCode::kClean;
}

void TrialOutput::show(size_t index) {
  if (!options_.json) {
    trial::append_text(run_.result(index), title(index), text_);
    return;
  }
  record::JsonWriter json;
  trial::write_json(run_.result(index), json);
  text_ += json.take();
  text_ += '\n';
}

void TrialOutput::show_difference(size_t index) {
  if (!options_.json) {
    trial::append_difference(run_.result(index), other_->result(index), title(index), text_);
    return;
  }
  record::JsonWriter json;
  json.begin_object();
  json.member("record", records_ + index + 1);
  json.name("before");
  trial::write_json(run_.result(index), json);
  json.name("after");
  trial::write_json(other_->result(index), json);
  json.end_object();
  text_ += json.take();
  text_ += '\n';
}

std::string TrialOutput::title(size_t index) const {
  std::string title = fmt::format("record {}", records_ + index + 1);
  if (options_.from_topic) {
    title +=
        fmt::format(" ({}[{}]@{})", options_.topic, partition_, run_.input(index).offset.value);
  } else if (!label_.empty()) {
    title += fmt::format(" ({})", record::printable(label_));
  }
  return title;
}

void TrialOutput::write() {
  const bool written = std::fwrite(text_.data(), 1, text_.size(), stdout) == text_.size();
  text_.clear();
  if (!written || std::fflush(stdout) != 0)
    throw base::StartupError(base::ExitCode::kFailed, "cannot write to stdout");
}

}  // namespace millrace::cli
