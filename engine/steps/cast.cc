// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/record/json_text.h"
#include "engine/record/value_text.h"
#include "engine/steps/made_value.h"
#include "engine/steps/shown.h"
#include "engine/steps/step_compiler.h"
#include "engine/steps/text_map.h"
#include "engine/steps/whole_number.h"

namespace millrace::steps {
namespace {

using record::JsonValue;
using record::ValueKind;
using Type = config::CastStep::Type;

// Numbers with more digits than this are not written out from an exponent.
constexpr size_t kIntegerDigitsMax = 1'000;

bool is_container(ValueKind kind) noexcept {
  return kind == ValueKind::kObject || kind == ValueKind::kArray;
}

// -?(0|[1-9][0-9]*), which is also how JSON writes integers.
bool is_integer_text(std::string_view text) noexcept {
  return record::is_json_number(text) && text.find_first_of(".eE") == std::string_view::npos;
}

// A JSON number as an integer without point and exponent, of any size; nothing where it has a
// fraction, or too many digits to be written out.
std::optional<JsonValue> integer_of(std::string_view number, record::Arena& arena) noexcept {
  if (is_integer_text(number) && number != "-0")
    return JsonValue{number, ValueKind::kNumber, false};
  if (const WholePart whole = whole_part(number); !whole.too_large) {
    if (whole.fraction) return std::nullopt;
    if (whole.value == 0) return JsonValue{"0", ValueKind::kNumber, false};
  }
  const std::optional<IntegerDigits> digits = integer_digits(number);
  if (!digits || digits->size() > kIntegerDigitsMax) return std::nullopt;
  char* text = arena.take(digits->size() + 1);
  const char* end = digits->write(text);
  return JsonValue{{text, static_cast<size_t>(end - text)}, ValueKind::kNumber, false};
}

std::optional<JsonValue> to_integer(const JsonValue& value, StepContext& context) noexcept {
  switch (value.kind) {
    case ValueKind::kBoolean:
      return value_of(value.text == "true" ? "1" : "0");
    case ValueKind::kNumber:
      return integer_of(value.text, *context.arena);
    case ValueKind::kString: {
      const std::string_view text = record::content(value, context.scratch);
      if (!is_integer_text(text)) return std::nullopt;
      if (text == "-0") return value_of("0");
      return value_of(value.escaped ? context.arena->copy(text) : text);
    }
    default:
      return std::nullopt;
  }
}

std::optional<JsonValue> to_number(const JsonValue& value, StepContext& context) noexcept {
  if (value.kind == ValueKind::kNumber) return value;
  if (value.kind != ValueKind::kString) return std::nullopt;
  const std::string_view text = record::content(value, context.scratch);
  if (!record::is_json_number(text)) return std::nullopt;
  return value_of(value.escaped ? context.arena->copy(text) : text);
}

std::optional<JsonValue> to_boolean(const JsonValue& value, StepContext& context) noexcept {
  if (value.kind == ValueKind::kBoolean) return value;
  if (value.kind == ValueKind::kNumber) {
    const WholePart whole = whole_part(value.text);
    if (whole.fraction || whole.too_large || (whole.value != 0 && whole.value != 1))
      return std::nullopt;
    return value_of(whole.value == 1 ? "true" : "false");
  }
  if (value.kind != ValueKind::kString) return std::nullopt;
  const std::string_view text = record::content(value, context.scratch);
  if (text == "1" || equal_ignoring_case(text, "true")) return value_of("true");
  if (text == "0" || equal_ignoring_case(text, "false")) return value_of("false");
  return std::nullopt;
}

// JSON without the white space between its tokens.
void append_compact(std::string_view json, std::string& to) {
  bool in_string = false;
  bool escaped = false;
  for (const char c : json) {
    if (in_string) {
      in_string = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else {
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
      in_string = c == '"';
    }
    to += c;
  }
}

// Makes values be of one type. Null and absent values stay; what cannot be of the type is a dead
// letter.
class CastStep final : public Step {
 public:
  CastStep(Field field, Type type, RuleId rule)
      : field_(std::move(field)), type_(type), rule_(rule) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex at = field_.find(document);
    if (at == record::kNoNode) return Verdict::kContinue;
    const JsonValue& value = document.node(at).value;
    if (value.kind == ValueKind::kNull) return Verdict::kContinue;
    const std::optional<JsonValue> cast = converted(value, context);
    if (!cast) [[unlikely]]
      return reject(document, at, context);
    if (cast->text.data() != value.text.data() || cast->kind != value.kind)
      document.replace(at, *cast);
    return Verdict::kContinue;
  }

 private:
  [[nodiscard]] std::optional<JsonValue> converted(const JsonValue& value,
                                                   StepContext& context) const noexcept {
    switch (type_) {
      case Type::kInteger:
        return to_integer(value, context);
      case Type::kNumber:
        return to_number(value, context);
      case Type::kBoolean:
      case Type::kString:
        break;
    }
    return to_boolean(value, context);
  }

  Verdict reject(const record::Document& document, record::NodeIndex at,
                 StepContext& context) const noexcept {
    append_shown(document, at, context);
    switch (type_) {
      case Type::kInteger:
        context.reason_text += " is not a whole number";
        break;
      case Type::kNumber:
        context.reason_text += " is not a number";
        break;
      case Type::kBoolean:
      case Type::kString:
        context.reason_text += " is neither true nor false";
        break;
    }
    return context.reject(rule_, at);
  }

  Field field_;
  Type type_;
  RuleId rule_;
};

// Everything can be a string: numbers keep their text, containers are their compact JSON.
class CastToStringStep final : public Step {
 public:
  explicit CastToStringStep(Field field) : field_(std::move(field)) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex at = field_.find(document);
    if (at == record::kNoNode) return Verdict::kContinue;
    const JsonValue& value = document.node(at).value;
    if (value.kind == ValueKind::kNull || value.kind == ValueKind::kString)
      return Verdict::kContinue;
    std::string_view text = value.text;
    if (is_container(value.kind)) {
      context.more_scratch.clear();
      append_compact(document.text_of(at, context.scratch), context.more_scratch);
      text = context.more_scratch;
    }
    document.replace(at, string_value(text, *context.arena));
    return Verdict::kContinue;
  }

 private:
  Field field_;
};

}  // namespace

CompiledStep compile(const config::CastStep& step, StepCompiler& compiler) {
  Field field = compiler.field(step.field);
  if (field.path().segments.empty()) compiler.context().records_are_objects = false;
  if (step.to == Type::kString) return std::make_unique<CastToStringStep>(std::move(field));
  return std::make_unique<CastStep>(std::move(field), step.to, compiler.rule());
}

}  // namespace millrace::steps
