// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "engine/record/value_text.h"
#include "engine/steps/compile.h"
#include "engine/steps/words.h"

namespace millrace::steps {
namespace {

constexpr size_t kShownBytesMax = 80;

std::string_view before_next(std::string_view words, std::string_view comma) {
  return words.empty() ? std::string_view() : comma;
}

std::string names_of(const std::vector<config::FieldPath>& fields) {
  std::string words;
  for (const config::FieldPath& field : fields) {
    words += before_next(words, ", ");
    words += field.text;
  }
  return words;
}

std::string into(const std::optional<config::FieldPath>& path) {
  return path ? fmt::format(", into {}", path->text) : std::string();
}

struct SourceWords {
  std::string operator()(const config::ConstantSource& source) const {
    if (!source.environment.empty())
      return "the environment variable " + source.environment + " as it was at the start";
    return shortened(source.json);
  }

  std::string operator()(const config::NowSource& source) const {
    return "now as " + describe(source.as);
  }

  std::string operator()(const config::InputSource& source) const {
    using What = config::InputSource::What;
    switch (source.what) {
      case What::kTopic:
        return "the record's topic";
      case What::kPartition:
        return "the record's partition";
      case What::kOffset:
        return "the record's offset";
      case What::kTimestamp:
        return "the record's timestamp as " + describe(source.timestamp_as);
      case What::kKey:
        return "the record's key";
      case What::kHeader:
        break;
    }
    return fmt::format("the record's header '{}'", source.header);
  }
};

// One step in words.
struct StepWords {
  std::string operator()(const config::FilterStep& step) const {
    using Action = config::FilterStep::Action;
    std::string_view action = "keep if";
    if (step.action == Action::kDropIf) action = "drop if";
    if (step.action == Action::kRejectIf) action = "reject if";
    return fmt::format("{} {}", action, describe(step.condition));
  }

  std::string operator()(const config::RenameStep& step) const {
    std::string words;
    for (const auto& [from, to] : step.names)
      words += fmt::format("{}{} to {}", before_next(words, ", "), from.text, to.value);
    return "rename " + words;
  }

  std::string operator()(const config::RemoveStep& step) const {
    return "remove " + names_of(step.fields);
  }

  std::string operator()(const config::KeepOnlyStep& step) const {
    std::string words;
    for (const config::Text& member : step.members)
      words += fmt::format("{}{}", before_next(words, ", "), member.value);
    return "keep only " + words;
  }

  std::string operator()(const config::TimeStep& step) const {
    std::string words = fmt::format("{} {} ({}) as {}", step.parses ? "read" : "write",
                                    step.field.text, describe(step.from), describe(step.as));
    if (step.zone != "UTC") words += " in " + step.zone;
    if (step.accept_text) words += ", also numbers in text";
    if (step.truncate) words += ", fractions cut off";
    return words + into(step.into);
  }

  std::string operator()(const config::AddStep& step) const {
    std::string words;
    for (const config::AddStep::Member& member : step.members)
      words += fmt::format("{}{} = {}", before_next(words, ", "), member.field.text,
                           std::visit(SourceWords{}, member.value));
    return "add " + words;
  }

  std::string operator()(const config::DefaultStep& step) const {
    using When = config::DefaultStep::When;
    std::string_view when = "where absent";
    if (step.when == When::kNull) when = "where null";
    if (step.when == When::kAbsentOrNull) when = "where absent or null";
    std::string words;
    for (const auto& [field, json] : step.values)
      words += fmt::format("{}{} = {}", before_next(words, ", "), field.text, shortened(json));
    return fmt::format("default, {}: {}", when, words);
  }

  std::string operator()(const config::TextStep& step) const {
    using Change = config::TextStep::Change;
    std::string_view change = "lowercase";
    if (step.change == Change::kUppercase) change = "uppercase";
    if (step.change == Change::kTrim) change = "trim";
    return fmt::format("{} {}", change, names_of(step.fields));
  }

  std::string operator()(const config::ReplaceStep& step) const {
    return fmt::format("replace \"{}\" in {} by \"{}\"", shortened(step.pattern.value),
                       step.field.text, shortened(step.with));
  }

  std::string operator()(const config::LookupStep& step) const {
    using Unmapped = config::LookupStep::Unmapped;
    std::string_view unmapped = "kept";
    if (step.unmapped == Unmapped::kNull) unmapped = "null";
    if (step.unmapped == Unmapped::kReject) unmapped = "rejected";
    return fmt::format("look up {} in a table of {}{}; others are {}", step.field.text,
                       step.table.size(), into(step.into), unmapped);
  }

  std::string operator()(const config::CastStep& step) const {
    using Type = config::CastStep::Type;
    std::string_view type = "string";
    if (step.to == Type::kInteger) type = "int";
    if (step.to == Type::kNumber) type = "float";
    if (step.to == Type::kBoolean) type = "bool";
    return fmt::format("cast {} to {}", step.field.text, type);
  }

  std::string operator()(const config::ValidIpStep& step) const {
    using Version = config::ValidIpStep::Version;
    std::string_view version = "IP";
    if (step.version == Version::kV4) version = "IPv4";
    if (step.version == Version::kV6) version = "IPv6";
    return fmt::format("{} must be an {} address; others are {}", step.field.text, version,
                       step.otherwise ? shortened(*step.otherwise) : "rejected");
  }

  std::string operator()(const config::MaskStep& step) const {
    using How = config::MaskStep::How;
    switch (step.how) {
      case How::kDrop:
        return fmt::format("mask {}: dropped", step.field.text);
      case How::kText:
        return fmt::format("mask {} with {}", step.field.text, shortened(step.text));
      case How::kKeepLast:
        return fmt::format("mask {} but for the last {}", step.field.text, step.keep_last);
      case How::kSha256:
        return fmt::format("mask {} by its SHA-256", step.field.text);
      case How::kHmacSha256:
        break;
    }
    return fmt::format("mask {} by its HMAC-SHA-256 with a secret key", step.field.text);
  }

  std::string operator()(const config::UnwrapStep& step) const {
    return fmt::format("unwrap the JSON in {}{}", step.field.text, into(step.into));
  }

  std::string operator()(const config::ExplodeStep& step) const {
    return fmt::format(
        "explode {} into one {} per element; an empty one is {}", step.field.text,
        step.piece == config::ExplodeStep::Piece::kRecord ? "copy of the record" : "record",
        step.empty == config::ExplodeStep::Empty::kFilter ? "filtered" : "rejected");
  }

  std::string operator()(const config::EmitStep& step) const {
    return "emit a copy to " + step.topic.value;
  }

  std::string operator()(const config::RouteStep& step) const {
    std::string words;
    for (const config::RouteStep::Case& one : step.cases) {
      words += fmt::format("{}to {}", before_next(words, ", else "), one.topic.value);
      if (one.condition) words += " if " + describe(*one.condition);
    }
    return "route " + words;
  }
};

}  // namespace

std::string shortened(const std::string& text) {
  const std::string_view shown = record::cut_text(text, kShownBytesMax);
  return shown.size() == text.size() ? text : std::string(shown) + "…";
}

std::string describe(const config::TimeFormat& format) {
  using Kind = config::TimeFormat::Kind;
  switch (format.kind) {
    case Kind::kUnixSeconds:
      return "Unix seconds";
    case Kind::kUnixMilliseconds:
      return "Unix milliseconds";
    case Kind::kUnixMicroseconds:
      return "Unix microseconds";
    case Kind::kRfc3339:
      return "RFC 3339";
    case Kind::kRfc3339Millis:
      return "RFC 3339 with milliseconds";
    case Kind::kPattern:
      break;
  }
  return fmt::format("\"{}\"", format.pattern.value);
}

std::string describe(const config::StepConfig& step) {
  return std::visit(StepWords{}, step.step);
}

}  // namespace millrace::steps
