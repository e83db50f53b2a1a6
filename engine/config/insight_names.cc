// SPDX-License-Identifier: Apache-2.0
#include "engine/config/insight_names.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/config/quantities.h"

namespace millrace::config {
namespace {

// Whether two insights read the same.
bool is_same(const InsightConfig& a, const InsightConfig& b) {
  const auto same_paths = [](const std::vector<FieldPath>& x, const std::vector<FieldPath>& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [](const FieldPath& one, const FieldPath& other) {
                        return path_key(one) == path_key(other);
                      });
  };
  // (Windows of other lengths have other names.)
  return a.kind == b.kind && a.latency == b.latency && same_paths(a.fields, b.fields) &&
         same_paths(a.by, b.by);
}

class Names {
 public:
  explicit Names(Problems& problems) : problems_(problems) {}

  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  void add(const InsightConfig& insight) {
    const auto [first, is_new] = taken_.emplace(insight.name, &insight);
    if (!is_new) add_problem(insight, *first->second);
  }

  void add_numbered(InsightConfig& insight) {
    const auto first = taken_.find(insight.name);
    if (first != taken_.end() && is_same(*first->second, insight)) {
      return add_problem(insight, *first->second);
    }
    const std::string name = insight.name;
    size_t& number = numbers_.emplace(name, 1).first->second;
    while (taken_.contains(insight.name)) insight.name = name + "_" + std::to_string(++number);
    taken_.emplace(insight.name, &insight);
  }

 private:
  void add_problem(const InsightConfig& insight, const InsightConfig& other) {
    problems_.add(insight.place, "two insights are named " + in_quotes(insight.name) +
                                     " (the other in line " + std::to_string(other.place.line) +
                                     "); give one of them a 'name'");
  }

  Problems& problems_;
  std::map<std::string, const InsightConfig*> taken_;
  std::map<std::string, size_t> numbers_;
};

}  // namespace

std::string words_of(const FieldPath& path) {
  std::string words;
  for (const FieldPath::Part& part : path.parts) {
    if (!words.empty()) words += '_';
    words += part.is_index ? std::to_string(part.index) : part.name;
  }
  static constexpr std::string_view kPathCharacters = ".[]\"";
  for (char& c : words) {
    if (kPathCharacters.find(c) != std::string_view::npos) c = '_';
  }
  return words;
}

std::string automatic_name(std::string_view kind, const InsightConfig& insight) {
  std::string name(kind);
  if (insight.latency) name += insight.fields.empty() ? "_latency" : "_latency_of";
  for (const FieldPath& field : insight.fields) name += "_" + words_of(field);
  if (!insight.by.empty()) name += "_by";
  for (const FieldPath& field : insight.by) name += "_" + words_of(field);
  if (!insight.window) return name;
  name += "_per_" + duration_text(insight.window->every);
  if (insight.window->hop != insight.window->every)
    name += "_hop_" + duration_text(insight.window->hop);
  return name;
}

std::vector<InsightConfig> with_names(std::vector<NamedInsight> read, Problems& problems) {
  Names names(problems);
  for (const NamedInsight& one : read) {
    if (!one.may_be_numbered) names.add(one.insight);
  }
  for (NamedInsight& one : read) {
    if (one.may_be_numbered) names.add_numbered(one.insight);
  }
  std::vector<InsightConfig> insights;
  insights.reserve(read.size());
  for (NamedInsight& one : read) insights.push_back(std::move(one.insight));
  return insights;
}

}  // namespace millrace::config
