// SPDX-License-Identifier: Apache-2.0
// What grows with the number of partitions and copies, in one process and without Kafka: taking up
// states, writing them down, the report over all of them, and what the range assignor gives to
// whom. The state topic is in memory, so the times are the engine's own; what a broker and a
// network add is bytes over their rates (docs/scaling.md).
//
//   bench_scaling [--quick] [--json FILE] [--rounds N] [--seed N] [--only SECTION] [--commit TEXT]
//
// Every case runs in a process of its own, in random order in each round, and checks its answer: a
// wrong one ends the program. The table shows medians, and in brackets the least and the most.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/scaling/check.h"
#include "bench/scaling/logins.h"
#include "bench/scaling/section.h"

namespace millrace::bench {
namespace {

struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
};

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

struct Measured {
  size_t rounds = 0;
  std::vector<Spread> columns;
};

// By the index of the case.
std::vector<Measured> measure(const Section& section, const Options& options,
                              std::mt19937_64& random) {
  std::vector<std::vector<Numbers>> runs(section.cases.size());
  for (unsigned round = 0; round < options.rounds; ++round) {
    std::vector<size_t> order;
    for (size_t i = 0; i < section.cases.size(); ++i) {
      if (round < section.cases[i].rounds_max) order.push_back(i);
    }
    std::shuffle(order.begin(), order.end(), random);
    for (const size_t i : order) {
      fmt::print(stderr, "{}, round {} of {}: {}", section.name, round + 1, options.rounds,
                 section.cases[i].label);
      runs[i].push_back(run_apart(section.cases[i].measure));
      fmt::print(stderr, ": {:.4g}\n", runs[i].back().front());
    }
  }
  std::vector<Measured> measured;
  for (const std::vector<Numbers>& of_case : runs) {
    Measured& all = measured.emplace_back();
    all.rounds = of_case.size();
    for (size_t column = 0; column < section.columns.size(); ++column) {
      std::vector<double> values;
      for (const Numbers& numbers : of_case) values.push_back(numbers[column]);
      all.columns.push_back(spread_of(std::move(values)));
    }
  }
  return measured;
}

std::string cell(const Column& column, const Spread& spread) {
  const auto shown = [&column](double number) {
    return fmt::format("{:.{}f}", number / column.unit, column.decimals);
  };
  const std::string median = shown(spread.median);
  const std::string least = shown(spread.least);
  const std::string most = shown(spread.most);
  return least == most ? median : fmt::format("{} ({}-{})", median, least, most);
}

void print_table(const Section& section, const std::vector<Measured>& measured) {
  std::vector<std::vector<std::string>> rows(1);
  rows[0].emplace_back("");
  for (const Column& column : section.columns) rows[0].push_back(column.header);
  for (size_t i = 0; i < section.cases.size(); ++i) {
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(section.cases[i].label);
    for (size_t c = 0; c < section.columns.size(); ++c)
      row.push_back(cell(section.columns[c], measured[i].columns[c]));
  }
  std::vector<size_t> widths(rows[0].size());
  for (const auto& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  fmt::print("\n{}\n", section.title);
  for (const auto& row : rows) {
    std::string line = fmt::format("  {:<{}}", row[0], widths[0]);
    for (size_t c = 1; c < row.size(); ++c) line += fmt::format("  {:>{}}", row[c], widths[c]);
    fmt::print("{}\n", line);
  }
  std::fflush(stdout);
}

double first_median(const Section& section, const std::vector<Measured>& measured,
                    const std::string& label) {
  for (size_t i = 0; i < section.cases.size(); ++i) {
    if (section.cases[i].label == label) return measured[i].columns.front().median;
  }
  check(false, "a ratio is of no case");
  return 0;
}

// Of names and labels that have neither quotes nor control characters.
std::string json_of(const Section& section, const std::vector<Measured>& measured) {
  std::string text = fmt::format("  \"{}\": {{", section.name);
  for (size_t i = 0; i < section.cases.size(); ++i) {
    text += fmt::format("{}\n    \"{}\": {{\"rounds\": {}", i == 0 ? "" : ",",
                        section.cases[i].label, measured[i].rounds);
    for (size_t c = 0; c < section.columns.size(); ++c) {
      const Spread& spread = measured[i].columns[c];
      text += fmt::format(", \"{}\": {{\"median\": {:.9g}, \"least\": {:.9g}, \"most\": {:.9g}}}",
                          section.columns[c].name, spread.median, spread.least, spread.most);
    }
    text += "}";
  }
  return text + "\n  }";
}

std::string machine() {
  std::ifstream file("/proc/cpuinfo");
  std::string model = "unknown processor";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    model = line.substr(line.find(':') + 2);
    break;
  }
  return fmt::format("{}, {} cores", model, std::thread::hardware_concurrency());
}

struct Request {
  Options options;
  std::string json;
  std::string only;
  std::string commit = "unknown";
};

int run(const Request& request) {
  const Options& options = request.options;
  const auto began = std::chrono::steady_clock::now();
  const auto plan = job();
  std::mt19937_64 random(options.seed);
  using Make = std::function<Section()>;
  const std::array<std::pair<std::string, Make>, 4> makers{
      {{"restore", [&] { return restore_cases(*plan, options); }},
       {"write", [&] { return write_cases(*plan, options); }},
       {"merge", [&] { return merge_cases(*plan, options); }},
       {"range", [] { return range_cases(); }}}};
  fmt::print("{}; commit {}; seed {}; {} rounds\n", machine(), request.commit, options.seed,
             options.rounds);
  std::string sections;
  std::vector<std::pair<std::string, double>> ratios;
  for (const auto& [name, make] : makers) {
    if (!request.only.empty() && name != request.only) continue;
    fmt::print(stderr, "{}: making its states\n", name);
    const Section section = make();
    const std::vector<Measured> measured = measure(section, options, random);
    print_table(section, measured);
    sections += json_of(section, measured) + ",\n";
    for (const Ratio& ratio : section.ratios) {
      ratios.emplace_back(ratio.name, first_median(section, measured, ratio.of) /
                                          (ratio.over * first_median(section, measured, ratio.to)));
    }
  }
  if (!ratios.empty()) fmt::print("\nratios of the median CPU seconds; 1 is linear\n");
  std::string ratio_members;
  for (const auto& [name, value] : ratios) {
    fmt::print("  {:<46}{:>8.2f}\n", name, value);
    ratio_members +=
        fmt::format("{}\n    \"{}\": {:.4f}", ratio_members.empty() ? "" : ",", name, value);
  }
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began;
  fmt::print(stderr, "All answers are right; {:.0f} s.\n", passed.count());
  if (request.json.empty()) return 0;
  std::ofstream file(request.json);
  file << fmt::format(
      "{{\n  \"commit\": \"{}\",\n  \"machine\": \"{}\",\n  \"seed\": {},\n  \"rounds\": {},\n"
      "  \"quick\": {},\n{}  \"ratios\": {{{}\n  }}\n}}\n",
      request.commit, machine(), options.seed, options.rounds, options.quick, sections,
      ratio_members);
  file.close();
  if (file.good()) return 0;
  fmt::print(stderr, "{} cannot be written.\n", request.json);
  return 1;
}

int main_of(int argc, char** argv) {
  Request request;
  CLI::App app("What grows with partitions and copies, without Kafka");
  app.add_flag("--quick", request.options.quick, "smaller, in under a minute");
  app.add_option("--json", request.json, "also write the numbers there");
  app.add_option("--rounds", request.options.rounds, "how often each case is measured")
      ->check(CLI::Range(1U, 1'000U));
  app.add_option("--seed", request.options.seed, "of the records and of the order");
  app.add_option("--only", request.only, "one section alone")
      ->check(CLI::IsMember({"restore", "write", "merge", "range"}));
  app.add_option("--commit", request.commit, "what was measured, for the table and the file");
  CLI11_PARSE(app, argc, argv);
  return run(request);
}

}  // namespace
}  // namespace millrace::bench

int main(int argc, char** argv) {
  return millrace::bench::main_of(argc, argv);
}
