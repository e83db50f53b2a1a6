// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/steps.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/plan/time_text.h"
#include "engine/plan/value_text.h"
#include "engine/plan/version.h"
#include "engine/record/json_writer.h"

namespace millrace::plan {
namespace {

// Keeps records whose version is at least a given one, filters the others. A record that has no
// version there to compare is a dead letter: dropping it might be wrong, keeping it too.
class KeepIfVersion final : public Step {
 public:
  KeepIfVersion(FieldId field, std::string name, std::string at_least, RuleId rule)
      : field_(field), name_(std::move(name)), at_least_(std::move(at_least)), rule_(rule) {}

  Verdict apply(Fields& fields, StepContext& context) const noexcept override {
    const record::JsonValue* value = fields.get(field_);
    if (value == nullptr) {
      context.reason_text = fmt::format("'{}' is absent", name_);
      return context.reject(rule_);
    }
    const std::string_view version = content(*value, context.scratch);
    if (value->kind != record::ValueKind::kString || !is_version(version)) {
      append_shown(*value, context.reason_text);
      context.reason_text += " is not a version";
      return context.reject(rule_);
    }
    return compare_versions(version, at_least_) >= 0 ? Verdict::kContinue : Verdict::kFilter;
  }

 private:
  FieldId field_;
  std::string name_;
  std::string at_least_;
  RuleId rule_;
};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

// Lower-cases A to Z of a string; other letters, and values that are no strings, stay as they are.
class LowercaseStep final : public Step {
 public:
  explicit LowercaseStep(FieldId field) : field_(field) {}

  Verdict apply(Fields& fields, StepContext& context) const noexcept override {
    const record::JsonValue* value = fields.get(field_);
    if (value == nullptr || value->kind != record::ValueKind::kString) return Verdict::kContinue;
    record::JsonValue lowered = *value;
    if (value->escaped) {
      // "\u0041" is an A as well: resolve the escapes first.
      context.scratch.clear();
      record::append_unescaped(value->text, context.scratch);
      std::transform(context.scratch.begin(), context.scratch.end(), context.scratch.begin(),
                     lower);
      std::string text;
      record::append_json_string(context.scratch, text);
      lowered.text = context.arena->copy(text);
      lowered.escaped = text.find('\\') != std::string::npos;
    } else if (std::any_of(value->text.begin(), value->text.end(), is_upper)) {
      char* text = context.arena->take(value->text.size());
      std::transform(value->text.begin(), value->text.end(), text, lower);
      lowered.text = {text, value->text.size()};
    } else {
      return Verdict::kContinue;
    }
    fields.set(field_, lowered);
    return Verdict::kContinue;
  }

 private:
  FieldId field_;
};

// Renames members. A name that is already taken is a dead letter: one of the two values would be
// lost. Absent members are nothing to rename.
class RenameStep final : public Step {
 public:
  struct Pair {
    FieldId from;
    FieldId to;
    std::string to_name;
  };

  RenameStep(std::vector<Pair> pairs, RuleId rule) : pairs_(std::move(pairs)), rule_(rule) {}

  Verdict apply(Fields& fields, StepContext& context) const noexcept override {
    for (const Pair& pair : pairs_) {
      if (fields.get(pair.from) == nullptr) continue;
      if (fields.get(pair.to) != nullptr) {
        context.reason_text = fmt::format("'{}' is already there", pair.to_name);
        return context.reject(rule_);
      }
      fields.rename(pair.from, pair.to);
    }
    return Verdict::kContinue;
  }

 private:
  std::vector<Pair> pairs_;
  RuleId rule_;
};

// Writes a Unix time as RFC 3339 in UTC. An absent or null time stays; one that is no whole number
// of the unit, or lies outside the years 1 to 9999, is a dead letter.
class FormatTimeStep final : public Step {
 public:
  FormatTimeStep(FieldId field, config::TimeSource from, RuleId rule)
      : field_(field),
        per_second_(from == config::TimeSource::kUnixSeconds ? 1 : 1000),
        rule_(rule) {}

  Verdict apply(Fields& fields, StepContext& context) const noexcept override {
    const record::JsonValue* value = fields.get(field_);
    if (value == nullptr || value->kind == record::ValueKind::kNull) return Verdict::kContinue;
    const auto time =
        value->kind == record::ValueKind::kNumber ? integral_value(value->text) : std::nullopt;
    if (!time) {
      append_shown(*value, context.reason_text);
      context.reason_text += per_second_ == 1 ? " is not a whole number of Unix seconds"
                                              : " is not a whole number of Unix milliseconds";
      return context.reject(rule_);
    }
    // Rounds down, also before 1970.
    const int64_t seconds = *time / per_second_ - (*time % per_second_ < 0 ? 1 : 0);
    if (seconds < kUnixSecondsMin || seconds > kUnixSecondsMax) {
      append_shown(*value, context.reason_text);
      context.reason_text += " lies outside the years 1 to 9999";
      return context.reject(rule_);
    }
    char* text = context.arena->take(kRfc3339Bytes + 2);
    text[0] = '"';
    write_rfc3339(seconds, text + 1);
    text[kRfc3339Bytes + 1] = '"';
    fields.set(field_, {{text, kRfc3339Bytes + 2}, record::ValueKind::kString, false});
    return Verdict::kContinue;
  }

 private:
  FieldId field_;
  int64_t per_second_;
  RuleId rule_;
};

record::ValueKind kind_of(std::string_view json) {
  switch (json.front()) {
    case '"':
      return record::ValueKind::kString;
    case '{':
      return record::ValueKind::kObject;
    case '[':
      return record::ValueKind::kArray;
    case 't':
    case 'f':
      return record::ValueKind::kBoolean;
    case 'n':
      return record::ValueKind::kNull;
    default:
      return record::ValueKind::kNumber;
  }
}

// Adds members, or replaces those that are there.
class AddStep final : public Step {
 public:
  struct Member {
    FieldId field;
    std::string constant;  // JSON text; empty: now
    config::TimeFormat now = config::TimeFormat::kRfc3339;
  };

  explicit AddStep(std::vector<Member> members) : members_(std::move(members)) {}

  Verdict apply(Fields& fields, StepContext& context) const noexcept override {
    for (const Member& member : members_) {
      const std::string_view text =
          member.constant.empty() ? now(member.now, context) : std::string_view(member.constant);
      const record::ValueKind kind = kind_of(text);
      const bool escaped =
          kind == record::ValueKind::kString && text.find('\\') != std::string_view::npos;
      fields.set(member.field, {text, kind, escaped});
    }
    return Verdict::kContinue;
  }

 private:
  static std::string_view now(config::TimeFormat format, const StepContext& context) noexcept {
    switch (format) {
      case config::TimeFormat::kRfc3339:
        return context.now_rfc3339;
      case config::TimeFormat::kUnixSeconds:
        return context.now_unix_seconds;
      case config::TimeFormat::kUnixMilliseconds:
        return context.now_unix_milliseconds;
    }
    return context.now_rfc3339;
  }

  std::vector<Member> members_;
};

// Makes one kind of step out of its configuration.
struct Compiler {
  size_t number;
  FieldNames& names;
  std::vector<std::string>& rules;

  RuleId rule(std::string_view kind) const {
    rules.push_back(fmt::format("step:{}:{}", number, kind));
    return RuleId{static_cast<uint32_t>(rules.size() - 1)};
  }

  std::unique_ptr<Step> operator()(const config::KeepIf& step) const {
    return std::make_unique<KeepIfVersion>(names.intern(step.field.value), step.field.value,
                                           step.version_at_least.value, rule("keep_if"));
  }

  std::unique_ptr<Step> operator()(const config::Lowercase& step) const {
    return std::make_unique<LowercaseStep>(names.intern(step.field.value));
  }

  std::unique_ptr<Step> operator()(const config::Rename& step) const {
    std::vector<RenameStep::Pair> pairs;
    for (const auto& [from, to] : step.names)
      pairs.push_back({names.intern(from.value), names.intern(to.value), to.value});
    return std::make_unique<RenameStep>(std::move(pairs), rule("rename"));
  }

  std::unique_ptr<Step> operator()(const config::FormatTime& step) const {
    return std::make_unique<FormatTimeStep>(names.intern(step.field.value), step.from,
                                            rule("format_time"));
  }

  std::unique_ptr<Step> operator()(const config::Add& step) const {
    std::vector<AddStep::Member> members;
    for (const config::Add::Member& member : step.members) {
      AddStep::Member compiled{names.intern(member.name.value), {}, {}};
      if (const auto* constant = std::get_if<config::Add::Constant>(&member.value)) {
        compiled.constant = constant->json;
      } else {
        compiled.now = std::get<config::Add::Now>(member.value).as;
      }
      members.push_back(std::move(compiled));
    }
    return std::make_unique<AddStep>(std::move(members));
  }
};

}  // namespace

std::unique_ptr<Step> compile_step(const config::StepConfig& step, size_t number, FieldNames& names,
                                   std::vector<std::string>& rules) {
  return std::visit(Compiler{number, names, rules}, step.step);
}

}  // namespace millrace::plan
