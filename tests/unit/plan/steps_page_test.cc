// SPDX-License-Identifier: Apache-2.0
// Every example of docs/steps.md is true: a block of steps, and behind it a block of records with
// what the steps make of each. The page says how they are written ("What holds for all steps").
#include <cstddef>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

constexpr std::string_view kPage = "docs/steps.md";

struct Line {
  size_t number = 0;  // of the page, from 1
  std::string text;
};

// A block of the page: what follows the back quotes, and its lines.
struct Block {
  std::string kind;
  size_t number = 0;
  std::vector<Line> lines;
};

struct Example {
  Block steps;
  std::vector<Line> records;
};

std::vector<Block> read_blocks() {
  std::ifstream page(std::string(MILLRACE_SOURCE_DIR) + "/" + std::string(kPage));
  std::vector<Block> blocks;
  bool inside = false;
  size_t number = 0;
  for (std::string text; std::getline(page, text);) {
    ++number;
    if (text.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({text.substr(3), number, {}});
    } else if (inside) {
      blocks.back().lines.push_back({number, text});
    }
  }
  return blocks;
}

// Pairs the blocks; one without its other half is a failure of the page.
std::vector<Example> read_examples() {
  std::vector<Example> examples;
  std::optional<Block> steps;
  for (Block& block : read_blocks()) {
    if (block.kind == "json example") {
      EXPECT_TRUE(steps.has_value()) << kPage << ":" << block.number << ": no steps before it";
      EXPECT_FALSE(block.lines.empty()) << kPage << ":" << block.number << ": no records";
      if (steps) examples.push_back({std::move(*steps), std::move(block.lines)});
      steps.reset();
      continue;
    }
    EXPECT_FALSE(steps.has_value()) << kPage << ":" << steps->number << ": steps without records";
    steps.reset();
    if (block.kind == "yaml step") steps = std::move(block);
  }
  EXPECT_FALSE(steps.has_value()) << kPage << ":" << steps->number << ": steps without records";
  return examples;
}

config::PipelineConfig config_of_example(const Example& example) {
  std::string steps;
  for (const Line& line : example.steps.lines) steps += "  " + line.text + "\n";
  return config_of({.input = "{topic: in, group: g, values: any}", .rest = "steps:\n" + steps});
}

// As the page writes it.
std::string shown(const std::vector<Sent>& sent, const std::string& output_topic) {
  std::string text;
  for (const Sent& one : sent) {
    if (!text.empty()) text += " + ";
    if (one.dead()) {
      text += "rejected " + one.header("millrace.reason");
      continue;
    }
    text += one.value.value_or("null");
    if (one.topic != output_topic) text += " @ " + one.topic;
  }
  return text.empty() ? "filtered" : text;
}

// Compares one line with what the pipeline makes of its record.
void check_line(const Line& line, Pipeline& pipeline, const std::string& output_topic) {
  static constexpr std::string_view kArrow = " => ";
  const size_t arrow = line.text.find(kArrow);
  ASSERT_NE(arrow, std::string::npos) << kPage << ":" << line.number << ": no '=>'";
  const std::vector<Sent> sent = pipeline.run({{.value = line.text.substr(0, arrow)}});
  EXPECT_EQ(shown(sent, output_topic), line.text.substr(arrow + kArrow.size()))
      << kPage << ":" << line.number;
}

TEST(StepsPage, TheExamplesAreTrue) {
  const std::vector<Example> examples = read_examples();
  size_t records = 0;

  for (const Example& example : examples) {
    try {
      const config::PipelineConfig config = config_of_example(example);
      Pipeline pipeline(config);
      for (const Line& line : example.records) {
        check_line(line, pipeline, config.output.topic.value);
        ++records;
      }
    } catch (const std::runtime_error& problem) {
      ADD_FAILURE() << kPage << ":" << example.steps.number << ": " << problem.what();
    }
  }

  // The page is there, and its marks are the ones looked for.
  EXPECT_GE(examples.size(), 30U);
  EXPECT_GE(records, 100U);
}

// Each kind of step has an example; an exception is a step that only groups others.
TEST(StepsPage, EveryStepHasAnExample) {
  std::string steps;
  for (const Example& example : read_examples()) {
    for (const Line& line : example.steps.lines) steps += line.text + "\n";
  }
  for (const char* kind :
       {"keep_if", "drop_if", "reject_if",   "rename",     "remove",   "keep_only",
        "add",     "default", "lowercase",   "uppercase",  "trim",     "replace",
        "lookup",  "cast",    "format_time", "parse_time", "valid_ip", "mask",
        "unwrap",  "explode", "emit",        "route"})
    EXPECT_NE(steps.find("- " + std::string(kind) + ":"), std::string::npos) << kind;
}

}  // namespace
}  // namespace millrace::plan::testing
