// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/limits.h"
#include "engine/config/csv.h"
#include "engine/config/json_constant.h"
#include "engine/config/place_at.h"
#include "engine/config/read_file.h"
#include "engine/config/step_readers.h"
#include "engine/config/utf8.h"

namespace millrace::config {
namespace {

using Table = std::vector<std::pair<std::string, std::string>>;

// A file with more wrong rows is not the file that was meant.
constexpr size_t kRowProblemsMax = 20;

Table read_inline_table(const Field& field, const Context& context) {
  Table table;
  if (!field.map("a map of texts and what they become")) return table;
  if (field.node().members.empty()) field.problem("is empty; write {text: value}");
  for (const auto& [key, value] : field.node().members) {
    const Field mapped(value.get(), field.path() + "." + key.value, key.place, context.problems);
    if (auto json = mapped.json()) table.emplace_back(key.value, std::move(*json));
  }
  return table;
}

// Reads the rows of one CSV file; every problem has its line there.
class CsvTable {
 public:
  CsvTable(const std::string& file, const Context& context) : file_(file), context_(context) {}

  void read(const std::string& text, bool has_header) {
    CsvReader rows(text);
    for (bool is_header = has_header; problems_ <= kRowProblemsMax && rows.has_next();
         is_header = false) {
      const int line = rows.line();
      auto row = rows.next();
      if (!row.ok()) {
        problem(line, row.message());
      } else if (row.value().columns.size() != 2) {
        problem(line, "this row has " + std::to_string(row.value().columns.size()) +
                          " columns, and needs two: a text and what it becomes");
      } else if (!is_header) {
        add(std::move(row.value()));
      }
    }
  }

  // Neither a row nor a problem.
  [[nodiscard]] bool is_empty() const { return table_.empty() && problems_ == 0; }

  Table take() { return std::move(table_); }

 private:
  void add(CsvRow row) {
    std::string& text = row.columns[0];
    const auto [first, is_new] = lines_.emplace(text, row.line);
    if (!is_new) {
      problem(row.line, "the text " + in_quotes(text) + " stands in line " +
                            std::to_string(first->second) + " already");
      return;
    }
    table_.emplace_back(std::move(text), json_string(row.columns[1]));
  }

  void problem(int line, std::string sentence) {
    if (++problems_ > kRowProblemsMax) sentence = "more problems follow in this file";
    context_.problems.add(Place{file_, line, 1}, std::move(sentence));
  }

  const std::string& file_;
  const Context& context_;
  size_t problems_ = 0;
  Table table_;
  std::unordered_map<std::string, int> lines_;
};

Table read_csv(const Field& field, bool has_header, const Context& context) {
  const auto path = field.text("the path of a CSV file");
  if (!path) return {};
  const std::string full = relative_to_file(path->value, context.file);
  const auto contents = read_file(full, base::limits::kLookupFileBytesMax);
  if (!contents.ok()) {
    field.problem("names the file " + in_quotes(full) + ": " + contents.message());
    return {};
  }
  if (const auto invalid = find_invalid_utf8(contents.value())) {
    context.problems.add(place_at(full, contents.value(), *invalid),
                         "the file is not valid UTF-8 here");
    return {};
  }
  CsvTable table(full, context);
  table.read(contents.value(), has_header);
  if (table.is_empty()) field.problem("names the file " + in_quotes(full) + ", which has no rows");
  return table.take();
}

void read_table(MapReader& map, const Context& context, LookupStep& step) {
  const Field table = map.take("table");
  const Field csv = map.take("csv");
  const Field header = map.take("header");
  if (table.present() == csv.present()) {
    context.problems.add(map.place(), std::string("'lookup' needs exactly one of the keys 'table' "
                                                  "and 'csv', and has ") +
                                          (table.present() ? "both" : "none"));
    return;
  }
  const bool has_header = header.boolean().value_or(false);
  if (table.present()) {
    if (header.present()) header.problem("is about the first row of a 'csv'; there is none here");
    step.table = read_inline_table(table, context);
  } else {
    step.table = read_csv(csv, has_header, context);
  }
}

// YAML reads a bare `null` as no value; here it is meant as the word.
std::optional<LookupStep::Unmapped> read_unmapped(const Field& field) {
  if (field.is(NodeKind::kNull)) return LookupStep::Unmapped::kNull;
  return field.choice<LookupStep::Unmapped>({{"keep", LookupStep::Unmapped::kKeep},
                                             {"null", LookupStep::Unmapped::kNull},
                                             {"reject", LookupStep::Unmapped::kReject}});
}

}  // namespace

Step read_lookup(const Field& field, const Context& context) {
  LookupStep step;
  auto map = field.map("a map such as {field: country, table: {DE: Germany}}");
  if (!map) return step;
  set_if(step.field, map->require("field", "write the path of what is looked up").field_path());
  read_table(*map, context, step);
  const Field unmapped = map->take("unmapped");
  if (unmapped.present()) set_if(step.unmapped, read_unmapped(unmapped));
  step.into = read_into(map->take("into"), step.field);
  map->finish();
  return step;
}

}  // namespace millrace::config
