// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "engine/plan/plan.h"

namespace millrace::plan {
namespace {

// One step in words.
struct Describer {
  std::string operator()(const config::KeepIf& step) const {
    return fmt::format("keep if {} is at least version {}; else filtered", step.field.value,
                       step.version_at_least.value);
  }

  std::string operator()(const config::Lowercase& step) const {
    return fmt::format("lowercase {}", step.field.value);
  }

  std::string operator()(const config::Rename& step) const {
    std::string words = "rename";
    for (const auto& [from, to] : step.names)
      words += fmt::format("{} {} to {}", words == "rename" ? "" : ",", from.value, to.value);
    return words;
  }

  std::string operator()(const config::FormatTime& step) const {
    return fmt::format("write {} (Unix {}) as RFC 3339", step.field.value,
                       step.from == config::TimeSource::kUnixSeconds ? "seconds" : "milliseconds");
  }

  std::string operator()(const config::Add& step) const {
    std::string words = "add";
    for (const config::Add::Member& member : step.members) {
      const auto* constant = std::get_if<config::Add::Constant>(&member.value);
      words += fmt::format("{} {} = {}", words == "add" ? "" : ",", member.name.value,
                           constant != nullptr ? constant->json : "now");
    }
    return words;
  }
};

std::string input_words(const config::InputConfig& input) {
  if (input.pattern) return "topics matching " + input.pattern->value;
  std::string words;
  for (const config::Text& topic : input.topics) words += (words.empty() ? "" : ", ") + topic.value;
  return words;
}

}  // namespace

std::string Plan::describe() const {
  std::string words = fmt::format("  read    {} as group {}\n", input_words(config_.input),
                                  config_.input.group.value);
  if (config_.schema) {
    words += fmt::format("  check   {} required members, {} with a type\n",
                         config_.schema->required.size(), config_.schema->properties.size());
  }
  for (const config::StepConfig& step : config_.steps)
    words += fmt::format("  step    {}\n", std::visit(Describer{}, step.step));
  words += fmt::format("  write   {}, key {}\n", config_.output.topic.value,
                       config_.output.key ? config_.output.key->value : "as it came in");
  words += config_.dead_letters.discard
               ? "  reject  counted by reason and discarded\n"
               : fmt::format("  reject  to {}\n", config_.dead_letters.topic.value);
  for (const insights::Insight& insight : declaration_.insights)
    words += fmt::format("  count   {}\n", insight.name);
  return words;
}

}  // namespace millrace::plan
