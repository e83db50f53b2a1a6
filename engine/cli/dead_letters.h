// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/pipeline.h"
#include "engine/cli/commands.h"
#include "engine/kafka/admin.h"
#include "engine/operate/letter_filter.h"

namespace CLI {
class App;
}

// What the commands of `dead-letters` share.
namespace millrace::cli {

// One file each.
void add_dead_letters_list(CLI::App& group, Command& chosen);
void add_dead_letters_show(CLI::App& group, Command& chosen);
void add_dead_letters_replay(CLI::App& group, Command& chosen);

struct LetterOptions {
  std::string file;
  std::string topic;  // of dead letters; empty: all of the pipeline
  std::vector<std::string> reasons;
  std::string since;
  std::string until;
  std::optional<int32_t> partition;
  std::string input_topic;
  std::optional<uint64_t> limit;
  std::optional<std::chrono::milliseconds> wait;
};

void add_letter_options(CLI::App& command, LetterOptions& options);
// FILE, --topic and --wait alone.
void add_letter_source(CLI::App& command, LetterOptions& options);

// Both throw base::StartupError where the user wrote something else.
[[nodiscard]] operate::LetterFilter filter_of(const LetterOptions& options);
[[nodiscard]] std::vector<std::string> letter_topics(const app::Pipeline& pipeline,
                                                     const LetterOptions& options);

[[nodiscard]] std::chrono::milliseconds letter_wait(const LetterOptions& options);

// A line on stderr every two seconds: how many records were read.
class ReadProgress {
 public:
  explicit ReadProgress(std::string what) : what_(std::move(what)) {}

  void read(uint64_t records);

 private:
  std::string what_;
  std::chrono::steady_clock::time_point said_ = std::chrono::steady_clock::now();
};

}  // namespace millrace::cli
