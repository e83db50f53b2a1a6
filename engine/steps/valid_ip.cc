// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string_view>
#include <utility>

#include "engine/record/value_text.h"
#include "engine/steps/constant.h"
#include "engine/steps/ip_address.h"
#include "engine/steps/shown.h"
#include "engine/steps/step_compiler.h"

namespace millrace::steps {
namespace {

using record::ValueKind;
using Version = config::ValidIpStep::Version;

bool is_address(Version version, std::string_view text) noexcept {
  switch (version) {
    case Version::kV4:
      return parse_ipv4(text).has_value();
    case Version::kV6:
      return parse_ipv6(text).has_value();
    case Version::kAny:
      break;
  }
  return parse_ip(text).has_value();
}

std::string_view predicate(Version version) noexcept {
  switch (version) {
    case Version::kV4:
      return " is not an IPv4 address";
    case Version::kV6:
      return " is not an IPv6 address";
    case Version::kAny:
      break;
  }
  return " is not an IP address";
}

// Puts a marker in the place of what is no address, or rejects the record.
class ValidIpStep final : public Step {
 public:
  ValidIpStep(Field field, Version version, std::optional<Constant> marker, RuleId rule)
      : field_(std::move(field)), version_(version), marker_(std::move(marker)), rule_(rule) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex node = field_.find(document);
    if (node == record::kNoNode) return Verdict::kContinue;
    const record::JsonValue& value = document.node(node).value;
    if (value.kind == ValueKind::kString &&
        is_address(version_, record::content(value, context.scratch))) [[likely]]
      return Verdict::kContinue;
    if (marker_) {
      marker_->put(document, node);
      return Verdict::kContinue;
    }
    append_shown(document, node, context);
    context.reason_text += predicate(version_);
    return context.reject(rule_, node);
  }

 private:
  Field field_;
  Version version_;
  std::optional<Constant> marker_;  // JSON text
  RuleId rule_;
};

}  // namespace

CompiledStep compile(const config::ValidIpStep& step, StepCompiler& compiler) {
  Field field = compiler.field(step.field);
  std::optional<Constant> marker;
  if (step.otherwise) {
    marker = Constant::compile(*step.otherwise, field, compiler.place(), compiler);
    if (!marker) return nullptr;
  }
  const RuleId rule = marker ? RuleId{} : compiler.rule();
  return std::make_unique<ValidIpStep>(std::move(field), step.version, std::move(marker), rule);
}

}  // namespace millrace::steps
