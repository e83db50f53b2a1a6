// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "engine/record/json_writer.h"
#include "engine/steps/constant.h"
#include "engine/steps/made_value.h"
#include "engine/steps/reject_add.h"
#include "engine/steps/step_compiler.h"
#include "engine/steps/time_format.h"

namespace millrace::steps {
namespace {

using record::JsonValue;
using What = config::InputSource::What;

JsonValue number_value(int64_t number, record::Arena& arena) noexcept {
  constexpr size_t kBytesMax = 20;
  char* text = arena.reserve(kBytesMax);
  const auto size = static_cast<size_t>(std::to_chars(text, text + kBytesMax, number).ptr - text);
  arena.claim(size);
  return {{text, size}, record::ValueKind::kNumber, false};
}

// Bytes as text: null where there are none, U+FFFD where they are no UTF-8.
JsonValue bytes_value(record::Bytes bytes, record::Arena& arena) noexcept {
  if (bytes.null()) return value_of("null");
  const std::string_view text = bytes.view();
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii ? string_value(text, arena) : string_value(record::repair_utf8(text), arena);
}

// The last header of the name.
record::Bytes header_of(const record::InputRecord& input, std::string_view name) noexcept {
  const auto last =
      std::find_if(input.headers.rbegin(), input.headers.rend(),
                   [name](const record::Header& header) { return header.name == name; });
  return last == input.headers.rend() ? record::Bytes() : last->value;
}

// The time of the batch.
struct Now {
  TimeFormat as;
};

// Something of the input record beside its value.
struct OfInput {
  What what;
  std::string header;
  std::optional<TimeFormat> timestamp_as;  // kTimestamp
};

JsonValue value_from(const Now& now, StepContext& context) noexcept {
  const std::string_view text = context.now_texts.text(now.as, context.now, context.day_cache);
  return value_of(text.empty() ? "null" : text);
}

// Null where the record has no timestamp, or one outside of what can be written: the producer set
// it, and nobody should lose a record by it.
JsonValue timestamp_value(const TimeFormat& as, StepContext& context) noexcept {
  const int64_t milliseconds = context.input->timestamp_ms;
  const int64_t seconds = floor_divide(milliseconds, 1'000);
  JsonValue value = value_of("null");
  if (milliseconds == -1 || !in_range(seconds)) return value;
  const Moment moment{seconds, static_cast<uint32_t>(milliseconds - seconds * 1'000) * 1'000'000};
  if (!as.write(moment, context.day_cache, *context.arena, value)) return value_of("null");
  return value;
}

JsonValue value_from(const OfInput& source, StepContext& context) noexcept {
  switch (source.what) {
    case What::kTopic:
      return string_value(context.topic, *context.arena);
    case What::kPartition:
      return number_value(context.partition, *context.arena);
    case What::kOffset:
      return number_value(context.input->offset.value, *context.arena);
    case What::kTimestamp:
      return timestamp_value(*source.timestamp_as, context);
    case What::kKey:
      return bytes_value(context.input->key, *context.arena);
    case What::kHeader:
      break;
  }
  return bytes_value(header_of(*context.input, source.header), *context.arena);
}

// Adds members, or replaces those that are there.
class AddStep final : public Step {
 public:
  struct Member {
    Field field;
    std::variant<Constant, Now, OfInput> source;
  };

  AddStep(std::vector<Member> members, std::optional<RuleId> rule)
      : members_(std::move(members)), rule_(rule) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    for (const Member& member : members_) {
      const record::NodeIndex at = member.field.find_or_add(document);
      if (at == record::kNoNode) [[unlikely]] {
        if (!rule_) continue;
        return reject_add(*rule_, member.field, document, context);
      }
      if (const auto* constant = std::get_if<Constant>(&member.source)) {
        constant->put(document, at);
      } else if (const auto* now = std::get_if<Now>(&member.source)) {
        document.replace(at, value_from(*now, context));
      } else {
        document.replace(at, value_from(std::get<OfInput>(member.source), context));
      }
    }
    return Verdict::kContinue;
  }

 private:
  std::vector<Member> members_;  // does not grow: now_texts knows its formats by their address
  std::optional<RuleId> rule_;   // none: nothing can be in the way
};

// Compiles a member's source; nothing where there was a problem.
struct SourceCompiler {
  const config::FieldPath& path;
  const Field& field;
  StepCompiler& compiler;

  using Source = std::optional<decltype(AddStep::Member::source)>;

  Source operator()(const config::ConstantSource& source) const {
    auto constant = Constant::compile(source.json, field, path.place, compiler);
    if (!constant) return std::nullopt;
    return std::move(*constant);
  }

  Source operator()(const config::NowSource& source) const {
    auto format = compiled(source.as);
    if (!format) return std::nullopt;
    return Now{std::move(*format)};
  }

  Source operator()(const config::InputSource& source) const {
    OfInput compiled_source{source.what, source.header, std::nullopt};
    if (source.what == What::kTimestamp) {
      compiled_source.timestamp_as = compiled(source.timestamp_as);
      if (!compiled_source.timestamp_as) return std::nullopt;
    }
    return compiled_source;
  }

  [[nodiscard]] std::optional<TimeFormat> compiled(const config::TimeFormat& format) const {
    auto result = TimeFormat::compile(format, TimeFormat::Use::kWrite, nullptr);
    if (result.ok()) return std::move(result.value());
    const config::Place& place = format.pattern.place;
    compiler.problem(place.line == 0 ? path.place : place, result.message());
    return std::nullopt;
  }
};

}  // namespace

CompiledStep compile(const config::AddStep& step, StepCompiler& compiler) {
  std::vector<AddStep::Member> members;
  bool can_fail = false;
  for (const config::AddStep::Member& member : step.members) {
    const Field field = compiler.field(member.field);
    auto source = std::visit(SourceCompiler{member.field, field, compiler}, member.value);
    if (!source) continue;
    can_fail = can_fail || can_fail_to_add(field, compiler.context());
    members.push_back({field, std::move(*source)});
  }
  if (members.size() != step.members.size()) return nullptr;
  std::optional<RuleId> rule;
  if (can_fail) rule = compiler.rule();
  return std::make_unique<AddStep>(std::move(members), rule);
}

}  // namespace millrace::steps
