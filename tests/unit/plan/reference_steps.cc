// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/reference_steps.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tests/unit/plan/reference_condition.h"
#include "tests/unit/plan/reference_path.h"

namespace millrace::plan::testing::reference {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;
// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return text;
}

std::string trimmed(const std::string& text) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

// A text of digits with an optional '-', as JSON writes whole numbers.
bool is_whole_text(const std::string& text) {
  return is_number(text) && text.find_first_of(".eE") == std::string::npos;
}

int64_t floor_division(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

std::string padded(int64_t number, size_t digits) {
  std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

bool is_leap_year(int64_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int64_t days_of_month(int64_t year, size_t month) {
  constexpr std::array<int64_t, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays.at(month) + (month == 1 && is_leap_year(year) ? 1 : 0);
}

// Year by year and month by month.
std::string date_of(int64_t days_since_year_1) {
  int64_t days = days_since_year_1;
  int64_t year = 1;
  for (; days >= (is_leap_year(year) ? 366 : 365); ++year) days -= is_leap_year(year) ? 366 : 365;
  size_t month = 0;
  for (; days >= days_of_month(year, month); ++month) days -= days_of_month(year, month);
  return padded(year, 4) + "-" + padded(static_cast<int64_t>(month) + 1, 2) + "-" +
         padded(days + 1, 2);
}

int64_t units_per_second(config::TimeFormat::Kind kind) {
  switch (kind) {
    case config::TimeFormat::Kind::kUnixSeconds:
      return 1;
    case config::TimeFormat::Kind::kUnixMilliseconds:
      return 1'000;
    case config::TimeFormat::Kind::kUnixMicroseconds:
      return 1'000'000;
    default:
      throw std::logic_error("a time format that the reference does not read");
  }
}

// A moment in microseconds, written anew; nothing outside of the years 1 to 9999.
std::optional<Value> write_time(int64_t microseconds, config::TimeFormat::Kind as) {
  const int64_t seconds = floor_division(microseconds, 1'000'000);
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  const int64_t rest = microseconds - seconds * 1'000'000;
  const bool has_millis = as == config::TimeFormat::Kind::kRfc3339Millis;
  if (!has_millis && as != config::TimeFormat::Kind::kRfc3339) {
    const int64_t unit = 1'000'000 / units_per_second(as);
    return scalar(Kind::kNumber, std::to_string(floor_division(microseconds, unit)));
  }
  const int64_t of_day = seconds - floor_division(seconds, kSecondsPerDay) * kSecondsPerDay;
  return text_value(date_of((seconds - kFirstSecond) / kSecondsPerDay) + "T" +
                    padded(of_day / 3600, 2) + ":" + padded(of_day / 60 % 60, 2) + ":" +
                    padded(of_day % 60, 2) + (has_millis ? "." + padded(rest / 1000, 3) : "") +
                    "Z");
}

std::optional<int64_t> read_time(const Value& value, const config::TimeStep& step) {
  const bool is_text = value.is(Kind::kString) && step.accept_text && is_number(value.content);
  if (!value.is(Kind::kNumber) && !is_text) return std::nullopt;
  const int64_t units = units_per_second(step.from.kind);
  const WholeNumber whole = whole_number(is_text ? value.content : value.text);
  if (whole.fraction && !step.truncate) return std::nullopt;
  // More digits are no time of these years; so many of them fit.
  if (whole.digits.size() > 17) return std::nullopt;
  const int64_t size = std::stoll(whole.digits);
  const int64_t most = whole.negative ? -kFirstSecond : kLastSecond;
  if (size / units > most) return std::nullopt;
  return (whole.negative ? -size : size) * (1'000'000 / units);
}

std::optional<Value> cast_to_whole(const Value& value) {
  constexpr size_t kDigitsMax = 1'000;
  if (value.is(Kind::kBoolean)) return scalar(Kind::kNumber, value.text == "true" ? "1" : "0");
  const bool is_text = value.is(Kind::kString) && is_whole_text(value.content);
  if (!value.is(Kind::kNumber) && !is_text) return std::nullopt;
  const WholeNumber whole = whole_number(is_text ? value.content : value.text);
  if (whole.fraction || whole.digits.size() > kDigitsMax) return std::nullopt;
  return scalar(Kind::kNumber, (whole.negative && whole.digits != "0" ? "-" : "") + whole.digits);
}

std::optional<Value> cast_to_number(const Value& value) {
  if (value.is(Kind::kNumber)) return value;
  if (!value.is(Kind::kString) || !is_number(value.content)) return std::nullopt;
  return scalar(Kind::kNumber, value.content);
}

std::optional<Value> cast_to_boolean(const Value& value) {
  if (value.is(Kind::kBoolean)) return value;
  std::optional<bool> is_true;
  if (value.is(Kind::kNumber)) {
    if (compare_numbers(value.text, "1") == 0) is_true = true;
    if (compare_numbers(value.text, "0") == 0) is_true = false;
  } else if (value.is(Kind::kString)) {
    const std::string text = lower(value.content);
    if (text == "true" || text == "1") is_true = true;
    if (text == "false" || text == "0") is_true = false;
  }
  if (!is_true) return std::nullopt;
  return scalar(Kind::kBoolean, *is_true ? "true" : "false");
}

// JSON without white space; texts keep their escapes.
std::string without_space(const Value& value) {
  if (!value.is_container()) return value.text;
  std::string text(1, value.is(Kind::kObject) ? '{' : '[');
  for (const Value& element : value.elements)
    text += (text.size() > 1 ? "," : "") + without_space(element);
  for (const Member& member : value.members)
    text += (text.size() > 1 ? "," : "") + member.name_text + ":" + without_space(member.value);
  return text + (value.is(Kind::kObject) ? '}' : ']');
}

std::optional<Value> cast(const Value& value, config::CastStep::Type to) {
  switch (to) {
    case config::CastStep::Type::kInteger:
      return cast_to_whole(value);
    case config::CastStep::Type::kNumber:
      return cast_to_number(value);
    case config::CastStep::Type::kBoolean:
      return cast_to_boolean(value);
    case config::CastStep::Type::kString:
      break;
  }
  return value.is(Kind::kString) ? value : text_value(without_space(value));
}

// Whether both are written alike.
bool is_same(const Value& a, const Value& b) {
  return a.kind == b.kind && a.text == b.text;
}

std::string masked(const std::string& text, size_t kept) {
  const size_t count = characters(text);
  if (count <= kept) return text;
  std::string_view tail = text;
  while (characters(tail) > kept) {
    do {
      tail.remove_prefix(1);
    } while (!tail.empty() && (static_cast<unsigned char>(tail[0]) & 0xC0U) == 0x80U);
  }
  return std::string(count - kept, '*') + std::string(tail);
}

class Application {
 public:
  Application(bool reject_duplicates, Value& record)
      : reject_duplicates_(reject_duplicates), record_(record) {}

  Verdict operator()(const config::FilterStep& step) const {
    using Action = config::FilterStep::Action;
    const Truth truth = test(step.condition, record_);
    if (truth == Truth::kUndecided) return Verdict::kReject;
    const bool holds = truth == Truth::kTrue;
    if (step.action == Action::kRejectIf) return holds ? Verdict::kReject : Verdict::kContinue;
    return holds == (step.action == Action::kKeepIf) ? Verdict::kContinue : Verdict::kFilter;
  }

  Verdict operator()(const config::RenameStep& step) const {
    for (const auto& [path, name] : step.names) {
      if (find(record_, path) == nullptr) continue;
      Value& object = parent_to_change(record_, path);
      if (object.member(name.value) != nullptr) return Verdict::kReject;
      for (Member& member : object.members) {
        if (member.name != path.parts.back().name) continue;
        member.name = name.value;
        member.name_text = in_quotes(name.value);
        break;
      }
    }
    return Verdict::kContinue;
  }

  Verdict operator()(const config::RemoveStep& step) const {
    for (const config::FieldPath& path : step.fields) remove(path);
    return Verdict::kContinue;
  }

  Verdict operator()(const config::KeepOnlyStep& step) const {
    if (!record_.is(Kind::kObject)) return Verdict::kContinue;
    std::vector<Member> kept;
    for (const config::Text& name : step.members) {
      for (const Member& member : record_.members) {
        if (member.name == name.value) kept.push_back(member);
      }
    }
    record_.members = std::move(kept);
    record_.text.clear();
    return Verdict::kContinue;
  }

  Verdict operator()(const config::TimeStep& step) const {
    const Value* const value = find(record_, step.field);
    if (value == nullptr || value->is(Kind::kNull)) return Verdict::kContinue;
    const std::optional<int64_t> time = read_time(*value, step);
    const std::optional<Value> written =
        time ? write_time(*time, step.as.kind) : std::optional<Value>();
    return written ? put(step.into ? *step.into : step.field, *written) : Verdict::kReject;
  }

  Verdict operator()(const config::AddStep& step) const {
    for (const auto& [path, value] : step.members) {
      const std::string& json = std::get<config::ConstantSource>(value).json;
      if (put(path, constant(json)) == Verdict::kReject) return Verdict::kReject;
    }
    return Verdict::kContinue;
  }

  Verdict operator()(const config::DefaultStep& step) const {
    using When = config::DefaultStep::When;
    for (const auto& [path, json] : step.values) {
      const Value* const value = find(record_, path);
      const bool needs_it = value == nullptr ? step.when != When::kNull
                                             : value->is(Kind::kNull) && step.when != When::kAbsent;
      if (needs_it && put(path, constant(json)) == Verdict::kReject) return Verdict::kReject;
    }
    return Verdict::kContinue;
  }

  Verdict operator()(const config::TextStep& step) const {
    using Change = config::TextStep::Change;
    for (const config::FieldPath& path : step.fields) {
      const Value* const value = find(record_, path);
      if (value == nullptr || !value->is(Kind::kString)) continue;
      const std::string& text = value->content;
      const std::string changed = step.change == Change::kLowercase   ? lower(text)
                                  : step.change == Change::kUppercase ? upper(text)
                                                                      : trimmed(text);
      // What has nothing to change keeps its escapes too.
      if (changed != text) *find_to_change(record_, path) = text_value(changed);
    }
    return Verdict::kContinue;
  }

  Verdict operator()(const config::ReplaceStep&) const {
    throw std::logic_error("the reference does not know 'replace'");
  }

  Verdict operator()(const config::LookupStep& step) const {
    using Unmapped = config::LookupStep::Unmapped;
    const Value* const value = find(record_, step.field);
    if (value == nullptr) return Verdict::kContinue;
    const config::FieldPath& target = step.into ? *step.into : step.field;
    if (!value->is_container()) {
      const std::string key = content_of(*value);
      for (const auto& [text, json] : step.table) {
        if (text == key) return put(target, constant(json));
      }
    }
    if (step.unmapped == Unmapped::kNull) return put(target, scalar(Kind::kNull, "null"));
    return step.unmapped == Unmapped::kReject ? Verdict::kReject : Verdict::kContinue;
  }

  Verdict operator()(const config::CastStep& step) const {
    const Value* const value = find(record_, step.field);
    if (value == nullptr || value->is(Kind::kNull)) return Verdict::kContinue;
    const std::optional<Value> made = cast(*value, step.to);
    if (!made) return Verdict::kReject;
    return is_same(*made, *value) ? Verdict::kContinue : put(step.field, *made);
  }

  Verdict operator()(const config::ValidIpStep& step) const {
    using Version = config::ValidIpStep::Version;
    const Value* const value = find(record_, step.field);
    if (value == nullptr) return Verdict::kContinue;
    const bool is_valid =
        value->is(Kind::kString) && ((step.version != Version::kV6 && is_ipv4(value->content)) ||
                                     (step.version != Version::kV4 && is_ipv6(value->content)));
    if (is_valid) return Verdict::kContinue;
    return step.otherwise ? put(step.field, constant(*step.otherwise)) : Verdict::kReject;
  }

  Verdict operator()(const config::MaskStep& step) const {
    using How = config::MaskStep::How;
    const Value* const value = find(record_, step.field);
    if (value == nullptr) return Verdict::kContinue;
    if (step.how == How::kDrop) {
      remove(step.field);
      return Verdict::kContinue;
    }
    if (value->is(Kind::kNull)) return Verdict::kContinue;
    if (step.how == How::kText) return put(step.field, constant(step.text));
    if (step.how != How::kKeepLast) throw std::logic_error("a mask the reference does not know");
    return put(step.field, text_value(masked(content_of(*value), step.keep_last)));
  }

  Verdict operator()(const config::UnwrapStep& step) const {
    const Value* const value = find(record_, step.field);
    if (value == nullptr) return Verdict::kContinue;
    if (!value->is(Kind::kString)) return Verdict::kReject;
    const Parsed parsed = parse(value->content, reject_duplicates_);
    if (!parsed.error.empty()) return Verdict::kReject;
    return put(step.into ? *step.into : step.field, parsed.value);
  }

  Verdict operator()(const config::ExplodeStep&) const { throw std::logic_error("explode"); }

  Verdict operator()(const config::EmitStep&) const { throw std::logic_error("emit"); }

  Verdict operator()(const config::RouteStep&) const { throw std::logic_error("route"); }

 private:
  // Sets a value that is there, or adds it.
  [[nodiscard]] Verdict put(const config::FieldPath& path, Value value) const {
    Value* const place = find_or_add(record_, path);
    if (place == nullptr) return Verdict::kReject;
    *place = std::move(value);
    return Verdict::kContinue;
  }

  void remove(const config::FieldPath& path) const {
    if (find(record_, path) == nullptr) return;
    Value& parent = parent_to_change(record_, path);
    const config::FieldPath::Part& last = path.parts.back();
    if (last.is_index) {
      parent.elements.erase(parent.elements.begin() + static_cast<std::ptrdiff_t>(last.index));
    } else {
      std::erase_if(parent.members, [&](const Member& member) { return member.name == last.name; });
    }
  }

  bool reject_duplicates_;
  Value& record_;
};

}  // namespace

Verdict apply(const config::StepConfig& step, bool reject_duplicates, Value& record) {
  return std::visit(Application(reject_duplicates, record), step.step);
}

}  // namespace millrace::plan::testing::reference
