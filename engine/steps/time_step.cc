// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <utility>

#include "engine/record/value_text.h"
#include "engine/steps/reject_add.h"
#include "engine/steps/shown.h"
#include "engine/steps/step_compiler.h"
#include "engine/steps/time_format.h"

namespace millrace::steps {
namespace {

// What a time step is made of; the formats point to the zone.
struct TimeParts {
  Field field;
  std::optional<Field> into;
  std::unique_ptr<const Zone> zone;
  TimeFormat from;
  TimeFormat as;
  TimeFormat::ReadOptions options;
  RuleId rule;
};

// Writes a moment in another way. Absent and null times stay; what is no time of the form, or lies
// outside the years 1 to 9999, is a dead letter.
class TimeStep final : public Step {
 public:
  explicit TimeStep(TimeParts parts) : parts_(std::move(parts)) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex at = parts_.field.find(document);
    if (at == record::kNoNode) return Verdict::kContinue;
    const record::JsonValue& value = document.node(at).value;
    if (value.kind == record::ValueKind::kNull) return Verdict::kContinue;

    Moment moment;
    const TimeError error = parts_.from.read(value, parts_.options, context.scratch, moment);
    if (error != TimeError::kNone) [[unlikely]]
      return reject(parts_.from, error, document, at, context);
    record::JsonValue written;
    if (!parts_.as.write(moment, context.day_cache, *context.arena, written)) [[unlikely]]
      return reject(parts_.as, TimeError::kRange, document, at, context);

    const record::NodeIndex to = parts_.into ? parts_.into->find_or_add(document) : at;
    if (to == record::kNoNode) [[unlikely]]
      return reject_add(parts_.rule, *parts_.into, document, context);
    document.replace(to, written);
    return Verdict::kContinue;
  }

 private:
  Verdict reject(const TimeFormat& format, TimeError error, const record::Document& document,
                 record::NodeIndex at, StepContext& context) const noexcept {
    append_shown(document, at, context);
    format.append_error(error, context.reason_text);
    return context.reject(parts_.rule, at);
  }

  TimeParts parts_;
};

std::optional<TimeFormat> compile_format(const config::TimeFormat& format, TimeFormat::Use use,
                                         const Zone* zone, StepCompiler& compiler) {
  base::Result<TimeFormat> compiled = TimeFormat::compile(format, use, zone);
  if (compiled.ok()) return std::move(compiled.value());
  const config::Place& place = format.pattern.place;
  compiler.problem(place.line == 0 ? compiler.place() : place, compiled.message());
  return std::nullopt;
}

}  // namespace

CompiledStep compile(const config::TimeStep& step, StepCompiler& compiler) {
  std::unique_ptr<const Zone> zone;
  bool zone_is_good = true;
  if (step.zone != "UTC") {
    base::Result<Zone> found = Zone::find(step.zone);
    zone_is_good = found.ok();
    if (found.ok()) {
      zone = std::make_unique<const Zone>(std::move(found.value()));
    } else {
      compiler.problem(step.zone_place, found.message());
    }
    constexpr auto kPattern = config::TimeFormat::Kind::kPattern;
    if (step.from.kind != kPattern && step.as.kind != kPattern)
      compiler.warning(step.zone_place, "'zone' changes nothing here: it is for patterns");
  }
  auto from = compile_format(step.from, TimeFormat::Use::kRead, zone.get(), compiler);
  auto as = compile_format(step.as, TimeFormat::Use::kWrite, zone.get(), compiler);
  if (!from || !as || !zone_is_good) return nullptr;

  std::optional<Field> into;
  if (step.into) into = compiler.field(*step.into);
  return std::make_unique<TimeStep>(TimeParts{compiler.field(step.field),
                                              std::move(into),
                                              std::move(zone),
                                              std::move(*from),
                                              std::move(*as),
                                              {step.accept_text, step.truncate},
                                              compiler.rule()});
}

}  // namespace millrace::steps
