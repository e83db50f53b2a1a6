// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/finding.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/record/json_writer.h"
#include "engine/record/printable.h"

namespace millrace::operate {

const char* name_of(Finding::Weight weight) {
  switch (weight) {
    case Finding::Weight::kGood:
      return "good";
    case Finding::Weight::kUnknown:
      return "unknown";
    case Finding::Weight::kWarning:
      return "warning";
    case Finding::Weight::kError:
      return "error";
  }
  return "";
}

std::string to_text(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{:<8} {:<12} {}\n", name_of(finding.weight), finding.about,
                        record::printable(finding.text));
    if (!finding.todo.empty())
      text += fmt::format("{:22}to do: {}\n", "", record::printable(finding.todo));
  }
  const auto count = [&](Finding::Weight weight) {
    return std::count_if(findings.begin(), findings.end(),
                         [&](const Finding& one) { return one.weight == weight; });
  };
  return text + fmt::format("errors={} warnings={} unknown={} good={}\n",
                            count(Finding::Weight::kError), count(Finding::Weight::kWarning),
                            count(Finding::Weight::kUnknown), count(Finding::Weight::kGood));
}

std::string to_json(const std::string& pipeline, const std::vector<Finding>& findings) {
  record::JsonWriter json;
  json.begin_object();
  json.member("version", 1);
  json.member("pipeline", pipeline);
  json.name("findings");
  json.begin_array();
  for (const Finding& finding : findings) {
    json.begin_object();
    json.member("weight", name_of(finding.weight));
    json.member("about", finding.about);
    json.member("text", finding.text);
    json.member("todo", finding.todo);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take() + '\n';
}

bool any_error(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& one) { return one.weight == Finding::Weight::kError; });
}

}  // namespace millrace::operate
