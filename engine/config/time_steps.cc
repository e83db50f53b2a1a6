// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/config/step_readers.h"

namespace millrace::config {
namespace {

using Kind = TimeFormat::Kind;

constexpr size_t kZoneBytesMax = 64;

bool is_number(const TimeFormat& format) {
  return format.kind == Kind::kUnixSeconds || format.kind == Kind::kUnixMilliseconds ||
         format.kind == Kind::kUnixMicroseconds;
}

bool is_zone_name(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
  };
  return !text.empty() && text.size() <= kZoneBytesMax && text.front() != '/' &&
         std::all_of(text.begin(), text.end(), is_allowed);
}

void read_from(const Field& field, TimeStep& step) {
  auto from = read_time_format(field);
  if (!from) return;
  step.from = std::move(*from);
  if (step.parses && is_number(step.from)) {
    field.problem(
        "must be how the text is written: rfc3339, rfc3339_millis or a pattern; numbers "
        "are turned into texts by format_time");
  } else {
    check_readable(field, step.from);
  }
}

void read_as(const Field& field, TimeStep& step) {
  if (!step.parses) {
    set_if(step.as, read_time_format(field));
    return;
  }
  step.as.kind = Kind::kUnixSeconds;
  set_if(step.as.kind, field.choice<Kind>({{"unix_seconds", Kind::kUnixSeconds},
                                           {"unix_milliseconds", Kind::kUnixMilliseconds},
                                           {"unix_microseconds", Kind::kUnixMicroseconds}}));
}

void read_zone(const Field& field, bool formats_known, TimeStep& step) {
  static constexpr std::string_view kExpectation = "the name of a zone, such as Europe/Berlin";
  auto zone = field.text(kExpectation);
  if (!zone) return;
  if (!is_zone_name(zone->value)) {
    field.expected(kExpectation);
  } else if (formats_known && step.from.kind != Kind::kPattern && step.as.kind != Kind::kPattern) {
    field.problem("is the zone of a pattern such as '%F %T'; neither 'from' nor 'as' is one");
  }
  step.zone = std::move(zone->value);
  step.zone_place = std::move(zone->place);
}

void read_accept_text(const Field& field, bool formats_known, TimeStep& step) {
  const auto accepts = field.boolean();
  if (!accepts) return;
  step.accept_text = *accepts;
  if (*accepts && formats_known && !is_number(step.from)) {
    field.problem("is about numbers that come as text; 'from' is a text already");
  }
}

TimeStep read_time_step(const Field& field, bool parses) {
  TimeStep step;
  step.parses = parses;
  auto map = field.map(parses ? "a map such as {field: t, from: rfc3339}"
                              : "a map such as {field: t, from: unix_seconds, as: rfc3339}");
  if (!map) return step;
  set_if(step.field, map->require("field", "write the path of the time").field_path());
  const Field from = map->require(
      "from", parses ? "say how the text is written, such as rfc3339 or '%Y-%m-%d %H:%M:%S'"
                     : "say what the time is now, such as unix_seconds");
  const Field as =
      parses ? map->take("as") : map->require("as", "say what it becomes, such as rfc3339");
  read_from(from, step);
  read_as(as, step);
  const bool formats_known = from.present() && (parses || as.present());
  step.into = read_into(map->take("into"), step.field);
  read_zone(map->take("zone"), formats_known, step);
  read_accept_text(map->take("accept_text"), formats_known, step);
  set_if(step.truncate, map->take("truncate").boolean());
  map->finish();
  return step;
}

}  // namespace

Step read_parse_time(const Field& field, const Context& /*context*/) {
  return read_time_step(field, true);
}

Step read_format_time(const Field& field, const Context& /*context*/) {
  return read_time_step(field, false);
}

}  // namespace millrace::config
