// SPDX-License-Identifier: Apache-2.0
#include "engine/report/text_blocks.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "engine/insights/text_table.h"

namespace millrace::report {
namespace {

using insights::grouped;
using insights::printable;
using insights::share;
using insights::TextTable;
using Align = TextTable::Align;

constexpr size_t kInsightRowsMax = 20;

}  // namespace

std::string wrapped(std::string_view sentence) {
  std::string text;
  std::string line(kIndent, ' ');
  for (bool first = true; !sentence.empty(); first = false) {
    const std::string_view word = sentence.substr(0, sentence.find(' '));
    sentence.remove_prefix(std::min(sentence.size(), word.size() + 1));
    if (!first && insights::display_width(line) + 1 + insights::display_width(word) > kColumns) {
      text += line + '\n';
      line = std::string(kIndent * 2, ' ').append(word);
      continue;
    }
    if (!first) line += ' ';
    line += word;
  }
  return text + line + '\n';
}

std::string safe_sentence(std::string_view text) {
  return wrapped(printable(text, 2000));
}

std::string insights_block(const char* title, const std::vector<insights::Result>& results) {
  if (results.empty()) return {};
  std::string text = fmt::format("\n{}\n", title);
  for (size_t i = 0; i < results.size(); ++i) {
    if (i > 0) text += '\n';
    text += insights::to_text(results[i], kInsightRowsMax);
  }
  return text;
}

std::string counted_lines(const Counted& counted) {
  const CountedTotals totals = totals_of(counted);
  std::string text = wrapped(fmt::format(
      "consumed {} = emitted {} + filtered {} + dead-lettered {}", grouped(totals.records),
      grouped(totals.emitted), grouped(totals.filtered), grouped(totals.dead_lettered)));
  text += wrapped(fmt::format("offsets {} = consumed {} + gaps {}", grouped(totals.offsets),
                              grouped(totals.records), grouped(totals.gaps)));
  for (const StateAccount& account : counted.partitions) {
    if (account.error.empty()) continue;
    text += safe_sentence(fmt::format("{}/{} is not in it: {}", account.id.topic,
                                      account.id.partition, account.error));
  }
  return text;
}

std::string dead_letters_block(const Given& given, const std::string& words) {
  const std::map<std::string, uint64_t>& by_rule = given.dead_letters;
  if (by_rule.empty()) return {};
  std::vector<std::pair<std::string, uint64_t>> sorted(by_rule.begin(), by_rule.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  uint64_t all = 0;
  for (const auto& [rule, count] : sorted) all += count;
  TextTable table({Align::kLeft, Align::kRight, Align::kRight});
  for (const auto& [rule, count] : sorted) {
    table.add_row({printable(rule, kColumns - 24), grouped(count), share(count, all)});
  }
  return "\ndead letters by rule" + words + "\n" + table.to_text(kIndent);
}

}  // namespace millrace::report
