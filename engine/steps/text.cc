// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/record/json_text.h"
#include "engine/steps/made_value.h"
#include "engine/steps/step_compiler.h"

namespace millrace::steps {
namespace {

using Change = config::TextStep::Change;

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// A to Z only: bytes of other characters stay, so that UTF-8 does.
template <char (*change)(char) noexcept>
struct ChangeCase {
  static bool changes(std::string_view text) noexcept {
    return std::any_of(text.begin(), text.end(), [](char c) { return change(c) != c; });
  }

  // Text without escapes. None of the escaped letters change, so that quotes do not matter.
  static record::JsonValue changed_plain(const record::JsonValue& value,
                                         record::Arena& arena) noexcept {
    char* text = arena.take(value.text.size());
    std::transform(value.text.begin(), value.text.end(), text, change);
    return {{text, value.text.size()}, record::ValueKind::kString, false};
  }

  static record::JsonValue changed(std::string& text, record::Arena& arena) noexcept {
    std::transform(text.begin(), text.end(), text.begin(), change);
    return string_value(text, arena);
  }
};

// ASCII white space off both ends.
struct Trim {
  static std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view kSpace = " \t\n\v\f\r";
    const size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(kSpace) + 1);
  }

  static bool changes(std::string_view text) noexcept {
    return trimmed(text).size() != text.size();
  }

  static record::JsonValue changed_plain(const record::JsonValue& value,
                                         record::Arena& arena) noexcept {
    return string_value(trimmed(value.plain()), arena);
  }

  static record::JsonValue changed(std::string& text, record::Arena& arena) noexcept {
    return string_value(trimmed(text), arena);
  }
};

// Changes strings; everything else stays as it is.
template <typename Changer>
class TextStep final : public Step {
 public:
  explicit TextStep(std::vector<Field> fields) : fields_(std::move(fields)) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    for (const Field& field : fields_) {
      const record::NodeIndex at = field.find(document);
      if (at == record::kNoNode) continue;
      const record::JsonValue& value = document.node(at).value;
      if (value.kind != record::ValueKind::kString) continue;
      if (!value.escaped) [[likely]] {
        if (Changer::changes(value.plain()))
          document.replace(at, Changer::changed_plain(value, *context.arena));
        continue;
      }
      // "\u0041" is an A too.
      context.scratch.clear();
      record::append_unescaped(value.text, context.scratch);
      if (Changer::changes(context.scratch))
        document.replace(at, Changer::changed(context.scratch, *context.arena));
    }
    return Verdict::kContinue;
  }

 private:
  std::vector<Field> fields_;
};

}  // namespace

CompiledStep compile(const config::TextStep& step, StepCompiler& compiler) {
  std::vector<Field> fields;
  for (const config::FieldPath& path : step.fields) fields.push_back(compiler.field(path));
  switch (step.change) {
    case Change::kLowercase:
      return std::make_unique<TextStep<ChangeCase<lower>>>(std::move(fields));
    case Change::kUppercase:
      return std::make_unique<TextStep<ChangeCase<upper>>>(std::move(fields));
    case Change::kTrim:
      break;
  }
  return std::make_unique<TextStep<Trim>>(std::move(fields));
}

}  // namespace millrace::steps
