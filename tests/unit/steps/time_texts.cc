// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/steps/time_texts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/record/arena.h"
#include "engine/steps/made_value.h"

namespace millrace::steps {

config::TimeFormat time_format(std::string_view text) {
  using Kind = config::TimeFormat::Kind;
  if (text == "unix_seconds") return {Kind::kUnixSeconds, {}};
  if (text == "unix_milliseconds") return {Kind::kUnixMilliseconds, {}};
  if (text == "unix_microseconds") return {Kind::kUnixMicroseconds, {}};
  if (text == "rfc3339") return {Kind::kRfc3339, {}};
  if (text == "rfc3339_millis") return {Kind::kRfc3339Millis, {}};
  return {Kind::kPattern, {std::string(text), {"file.yaml", 7, 3}}};
}

TimeTexts::TimeTexts(std::string_view format, const Zone* zone) {
  auto reader = TimeFormat::compile(time_format(format), TimeFormat::Use::kRead, zone);
  if (reader.ok()) reader_ = std::move(reader.value());
  auto writer = TimeFormat::compile(time_format(format), TimeFormat::Use::kWrite, zone);
  EXPECT_TRUE(writer.ok()) << format;
  if (writer.ok()) writer_ = std::move(writer.value());
}

std::string TimeTexts::read(std::string_view json, TimeFormat::ReadOptions options) const {
  if (!reader_) return "not compiled";
  std::string scratch;
  Moment moment;
  switch (reader_->read(value_of(json), options, scratch, moment)) {
    case TimeError::kForm:
      return "form";
    case TimeError::kRange:
      return "range";
    case TimeError::kNoSuchTime:
      return "no such time";
    case TimeError::kNone:
      break;
  }
  if (moment.nanoseconds == 0) return std::to_string(moment.seconds);
  std::string text = fmt::format("{}.{:09}", moment.seconds, moment.nanoseconds);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

std::string TimeTexts::write(const Moment& moment) const {
  record::Arena arena;
  DayCache day_cache;
  record::JsonValue value;
  if (!writer_ || !writer_->write(moment, day_cache, arena, value)) return "range";
  EXPECT_EQ(value.kind, writer_->value_kind());
  EXPECT_EQ(value.escaped, value.text.find('\\') != std::string_view::npos);
  EXPECT_LE(value.text.size(), writer_->written_bytes_max());
  return std::string(value.text);
}

std::string compile_error(std::string_view format, TimeFormat::Use use) {
  const auto compiled = TimeFormat::compile(time_format(format), use, nullptr);
  return compiled.ok() ? "" : compiled.message();
}

}  // namespace millrace::steps
