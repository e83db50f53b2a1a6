// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/base/pause.h"
#include "engine/cli/amounts.h"
#include "engine/cli/commands.h"
#include "engine/cli/duration_option.h"
#include "engine/cli/fleet_panel.h"
#include "engine/cli/http_get.h"
#include "engine/cli/panel.h"
#include "engine/cli/recent_vitals.h"
#include "engine/cli/screen.h"
#include "engine/cli/stop_on_signal.h"
#include "engine/insights/text_table.h"
#include "engine/report/vitals_reader.h"

namespace millrace::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kEvery{1000};
constexpr size_t kUrlColumnsMax = 60;

struct TopOptions {
  std::vector<std::string> urls;
  bool once = false;
  std::string token;
  std::string ca_file;
  std::optional<milliseconds> timeout;
};

// One instance that is watched: asked again and again, whether it is there or not.
class Instance {
 public:
  Instance(std::string name, HttpRequest request)
      : name_(std::move(name)), request_(std::move(request)) {}

  void ask(const std::stop_token& stop) {
    const auto answer = http_get(request_, stop);
    if (stop.stop_requested()) return;  // what was last seen stays
    if (!answer.ok()) return lose(answer.message());
    const int status = answer.value().status;
    if (status == 401 || status == 403)
      return lose(fmt::format("HTTP {}: it wants a token (--token or MILLRACE_TOKEN)", status));
    if (status != 200) return lose(fmt::format("HTTP {} instead of vitals", status));
    auto vitals = report::read_vitals(answer.value().body);
    if (!vitals.ok()) return lose(vitals.message());
    recent_.add(std::move(vitals.value()));
    away_.clear();
  }

  [[nodiscard]] bool is_known() const { return !recent_.empty(); }

  [[nodiscard]] const std::string& away() const { return away_; }

  [[nodiscard]] const std::string& name() const { return name_; }

  [[nodiscard]] Watched watched() const {
    Watched watched{.url = name_, .away = away_};
    if (recent_.empty()) return watched;
    watched.now = &recent_.now();
    watched.before = &recent_.before();
    return watched;
  }

  // The panel, under a line that says so where it is not of now.
  [[nodiscard]] std::vector<std::string> frame(Size size, Style style) const {
    std::vector<std::string> frame;
    if (is_known()) frame = lines(recent_.now(), recent_.before(), size, style);
    if (away_.empty()) return frame;
    StyledLine notice(insights::printable(name_, kUrlColumnsMax), Tone::kStrong);
    notice.add(fmt::format("  away for {}: ", duration_text(Clock::now() - since_)), Tone::kBad)
        .add(away_);
    const size_t columns = size.columns - std::min<size_t>(size.columns, 1);
    // On a small terminal there is one line, and this is what it has to say.
    if (frame.size() == 1) frame.clear();
    frame.insert(frame.begin(), notice.to_string(columns, style.colour));
    return frame;
  }

 private:
  void lose(std::string why) {
    if (away_.empty()) since_ = Clock::now();
    away_ = std::move(why);
  }

  const std::string name_;
  const HttpRequest request_;
  RecentVitals recent_;
  std::string away_;
  Clock::time_point since_;
};

// All at once, so that one that hangs does not hold up the others for longer than its timeout.
void ask_all(std::deque<Instance>& instances, const std::stop_token& stop) {
  std::vector<std::future<void>> asked;
  for (Instance& instance : instances)
    asked.push_back(std::async(std::launch::async, [&instance, &stop] { instance.ask(stop); }));
  for (std::future<void>& each : asked) each.wait();
}

std::vector<std::string> frame_of(const std::deque<Instance>& instances, Size size, Style style) {
  if (instances.size() == 1) return instances.front().frame(size, style);
  std::vector<Watched> watched;
  for (const Instance& instance : instances) watched.push_back(instance.watched());
  return fleet_lines(watched, size, style);
}

// Of stdout, which may be a file while stderr is a terminal.
Style output_style() {
  return {.colour = screen_style().colour && isatty(STDOUT_FILENO) == 1 && is_screen()};
}

void print(const std::vector<std::string>& frame) {
  for (const std::string& line : frame) fmt::print("{}\n", line);
  std::fflush(stdout);
}

// One frame to stdout. Rates need two looks.
base::ExitCode once(std::deque<Instance>& instances, const std::stop_token& stop) {
  ask_all(instances, stop);
  base::pause_until(Clock::now() + kEvery, stop);
  if (stop.stop_requested()) return base::ExitCode::kFailed;
  ask_all(instances, stop);
  if (stop.stop_requested()) return base::ExitCode::kFailed;
  Size size = screen_size();
  // A file and a pipe have any number of rows.
  if (isatty(STDOUT_FILENO) != 1) size = {.columns = 100, .rows = 60};
  bool all_there = true;
  for (const Instance& instance : instances) {
    if (instance.away().empty()) continue;
    all_there = false;
    fmt::print(stderr, "{}: {}\n", insights::printable(instance.name(), kUrlColumnsMax),
               instance.away());
  }
  if (instances.size() > 1 || all_there) {
    print(frame_of(instances, size, output_style()));
  }
  return all_there ? base::ExitCode::kClean : base::ExitCode::kFailed;
}

base::ExitCode watch(std::deque<Instance>& instances, const std::stop_token& stop) {
  std::optional<Screen> screen;
  if (is_screen()) screen.emplace();
  while (!stop.stop_requested()) {
    const Clock::time_point began = Clock::now();
    ask_all(instances, stop);
    if (stop.stop_requested()) break;
    if (screen) {
      const Size size = screen_size();
      screen->show(frame_of(instances, size, screen_style()), size);
    } else {
      for (const Instance& instance : instances) {
        const Watched it = instance.watched();
        const std::string line =
            it.away.empty() ? one_line(*it.now, *it.before, 200).to_string(200, false) : it.away;
        fmt::print("{}{}{}\n",
                   instances.size() > 1 ? insights::printable(it.url, kUrlColumnsMax) : "",
                   instances.size() > 1 ? "  " : "", line);
      }
      std::fflush(stdout);
    }
    base::pause_until(std::max(began + kEvery, Clock::now() + kEvery / 4), stop);
  }
  // What was last seen stays.
  screen.reset();
  if (is_screen()) print(frame_of(instances, screen_size(), output_style()));
  return base::ExitCode::kClean;
}

base::ExitCode top(const TopOptions& options) {
  std::deque<Instance> instances;
  for (const std::string& text : options.urls) {
    auto url = parse_url(text, {.path = "/vitals.json"});
    if (!url.ok()) {
      fmt::print(stderr, "millrace top: {}: {}\n", insights::printable(text, kUrlColumnsMax),
                 url.message());
      return base::ExitCode::kUsage;
    }
    HttpRequest request;
    request.url = std::move(url.value());
    request.token = options.token;
    request.ca_file = options.ca_file;
    request.timeout = options.timeout.value_or(request.timeout);
    instances.emplace_back(text, std::move(request));
  }
  const StopOnSignal stop;
  return options.once ? once(instances, stop.token()) : watch(instances, stop.token());
}

}  // namespace

void add_top(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<TopOptions>();
  CLI::App* command = app.add_subcommand(
      "top", "The live panel of instances that run elsewhere and have `serve.listen`.");
  command
      ->add_option("URL", options->urls,
                   "Where an instance serves (http://host:9464); several: a line for each")
      ->required();
  command->add_flag("--once", options->once, "Print one frame to stdout and end");
  command->add_option("--token", options->token, "The instances' bearer token, where they have one")
      ->envname("MILLRACE_TOKEN");
  command->add_option("--ca", options->ca_file,
                      "Certificates to trust (PEM), instead of the system's");
  add_duration(*command, "--timeout", options->timeout, "How long to wait for an answer (3s)");
  command->footer(
      "Example: millrace top http://127.0.0.1:9464\n"
      "         millrace top https://engine-0:9464 https://engine-1:9464 --ca ca.pem");
  command->callback([options, &chosen] { chosen = [options] { return top(*options); }; });
}

}  // namespace millrace::cli
