// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/app/plan_route.h"
#include "engine/cli/dead_letters.h"
#include "engine/cli/pipeline_file.h"
#include "engine/cli/stop_on_signal.h"
#include "engine/operate/input_route.h"
#include "engine/operate/replay.h"
#include "engine/record/json_writer.h"

namespace millrace::cli {
namespace {

using End = operate::ReplaySummary::End;

struct ReplayCommand {
  LetterOptions letters;
  std::string to = "input";
  bool through_plan = false;
  std::optional<uint64_t> max_attempts;
  std::string parking_topic;
  std::optional<uint64_t> rate;
  bool dry_run = false;
  bool json = false;
};

std::unique_ptr<operate::Route> make_route(const app::Pipeline& pipeline,
                                           const ReplayCommand& options,
                                           const std::stop_token& stop) {
  const auto patience = kafka::Patience::at_most(letter_wait(options.letters), stop);
  const auto fail = [](const std::string& message) {
    throw base::StartupError(base::ExitCode::kFailed, message);
  };
  if (options.through_plan) {
    auto route = app::PlanRoute::create(pipeline, options.dry_run, patience);
    if (!route.ok()) fail(route.message());
    return std::move(route.value());
  }
  auto route = operate::InputRoute::create(pipeline.config, patience);
  if (!route.ok()) fail(route.message());
  return std::move(route.value());
}

std::string to_text(const operate::ReplaySummary& summary, const ReplayCommand& options,
                    const config::PipelineConfig& config) {
  std::string text;
  const auto line = [&text](const char* what, uint64_t count, const std::string& more = {}) {
    text += fmt::format("  {:<18}{}{}\n", what, count, more);
  };
  std::string became = options.through_plan ? "" : ", to the input";
  for (const auto& [what, count] : summary.became)
    became += fmt::format("{} {} {}", became.empty() ? ":" : ",", count, what);
  text +=
      options.dry_run ? "Nothing was sent (--dry-run). A replay would have:\n" : "Dead letters:\n";
  line("replayed", summary.replayed, became);
  line("parked", summary.parked, fmt::format(", in {}", options.parking_topic));
  line("done before", summary.already, ", by earlier replays");
  line("left", summary.left());
  if (summary.left() > 0) {
    line("  by the filter", summary.skipped);
    if (summary.beyond_limit > 0) line("  by --limit", summary.beyond_limit);
    if (summary.not_replayable > 0) line("  not replayable", summary.not_replayable);
    if (summary.refused > 0) line("  refused", summary.refused, ", by the brokers");
  }
  if (summary.other_pipelines > 0) line("of other pipelines", summary.other_pipelines);
  if (summary.foreign > 0) line("foreign", summary.foreign, ", no dead letters of Millrace");
  for (const std::string& note : summary.notes) text += fmt::format("  {}\n", note);
  text += fmt::format("Progress is kept in topic {}.\n", config.dead_letters.progress_topic.value);
  if (summary.end != End::kComplete)
    text += "It did not come to the end; the next replay goes on where it was.\n";
  return text;
}

std::string to_json(const operate::ReplaySummary& summary, const ReplayCommand& options,
                    const config::PipelineConfig& config) {
  record::JsonWriter json(2);
  json.begin_object();
  const auto number = [&json](const char* name, uint64_t value) { json.member(name, value); };
  json.member("pipeline", config.pipeline.value);
  json.member("dry_run", options.dry_run);
  json.member("complete", summary.end == End::kComplete);
  number("replayed", summary.replayed);
  number("parked", summary.parked);
  number("done_before", summary.already);
  number("left", summary.left());
  number("skipped_by_filter", summary.skipped);
  number("beyond_limit", summary.beyond_limit);
  number("not_replayable", summary.not_replayable);
  number("refused", summary.refused);
  number("other_pipelines", summary.other_pipelines);
  number("foreign", summary.foreign);
  json.name("became");
  json.begin_object();
  for (const auto& [what, count] : summary.became) number(what.c_str(), count);
  json.end_object();
  json.member("progress_topic", config.dead_letters.progress_topic.value);
  json.member("parking_topic", options.parking_topic);
  json.end_object();
  return json.take() + "\n";
}

base::ExitCode replay(ReplayCommand options) {
  const auto pipeline = load_pipeline(options.letters.file);
  if (pipeline == nullptr) return base::ExitCode::kUsage;
  const config::PipelineConfig& config = pipeline->config;
  const config::DeadLettersConfig& letters = config.dead_letters;
  if (options.parking_topic.empty()) options.parking_topic = letters.parking_topic.value;
  operate::ReplayOptions replay;
  replay.transactional_id = config.pipeline.value + "/dead-letters/replay";
  replay.topics = letter_topics(*pipeline, options.letters);
  replay.filter = filter_of(options.letters);
  replay.limit = options.letters.limit;
  replay.max_attempts = options.max_attempts.value_or(letters.max_attempts);
  replay.parking_topic = options.parking_topic;
  replay.progress_topic = letters.progress_topic.value;
  replay.rate = options.rate;
  replay.dry_run = options.dry_run;
  replay.wait = letter_wait(options.letters);
  ReadProgress said("millrace dead-letters replay");
  replay.on_read = [&said](uint64_t read) { said.read(read); };

  const StopOnSignal signals;
  const auto route = make_route(*pipeline, options, signals.token());
  const operate::ReplaySummary summary = operate::replay(config, replay, *route, signals.token());
  fmt::print("{}",
             options.json ? to_json(summary, options, config) : to_text(summary, options, config));
  std::fflush(stdout);
  if (!summary.message.empty())
    fmt::print(stderr, "millrace dead-letters replay: {}\n", summary.message);
  return summary.end == End::kComplete ? base::ExitCode::kClean : base::ExitCode::kFailed;
}

}  // namespace

void add_dead_letters_replay(CLI::App& group, Command& chosen) {
  auto options = std::make_shared<ReplayCommand>();
  CLI::App* command =
      group.add_subcommand("replay", "Sends dead letters round again, each once, exactly once.");
  add_letter_options(*command, options->letters);
  auto* to = command
                 ->add_option("--to", options->to,
                              "input: the records as they were go back to the input topic")
                 ->check(CLI::IsMember({"input"}))
                 ->capture_default_str();
  command
      ->add_flag("--through-plan", options->through_plan,
                 "Not to the input: through the present plan, whose outputs and new dead letters "
                 "are written. Insights do not count them")
      ->excludes(to);
  command
      ->add_option("--max-attempts", options->max_attempts,
                   "Park what was replayed so often (default: dead_letters.max_attempts, 3)")
      ->check(CLI::PositiveNumber);
  command->add_option("--parking-topic", options->parking_topic,
                      "Where to park (default: dead_letters.parking_topic)");
  command->add_option("--rate", options->rate, "So many records a second at most")
      ->check(CLI::PositiveNumber);
  command->add_flag("--dry-run", options->dry_run, "Say what it would do; send nothing");
  command->add_flag("--json", options->json, "Print the summary as JSON");
  command->footer(
      "What was replayed is noted for each dead letter by itself, in a topic, in one transaction "
      "with what\nwas sent: a replay that is ended at any moment, kill -9 included, goes on where "
      "it "
      "was and repeats\nnothing; what a filter left out can be replayed later; and no second "
      "filter "
      "replays what a first one\ndid. A second replay of the pipeline at the same time ends the "
      "first one.\nExit codes: 0 done, 1 it failed, was stopped, or another replay took over, 2 "
      "bad usage or configuration.\nExample: millrace dead-letters replay config/user-login.yaml "
      "--reason "
      "step:4 "
      "--since 2h --dry-run");
  command->callback([options, &chosen] { chosen = [options] { return replay(*options); }; });
}

}  // namespace millrace::cli
