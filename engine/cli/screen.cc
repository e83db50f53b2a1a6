// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/screen.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/insights/text_table.h"

namespace millrace::cli {
namespace {

constexpr std::string_view kClearBelow = "\x1b[J";
constexpr std::string_view kClearToEndOfLine = "\x1b[K";

// Of a line that was drawn: escape sequences (SGR: up to an 'm') take none.
size_t width_of(std::string_view line) {
  std::string text;
  while (!line.empty()) {
    const size_t escape = std::min(line.find('\x1b'), line.size());
    text += line.substr(0, escape);
    line.remove_prefix(escape);
    const size_t end = line.find('m');
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  }
  return insights::display_width(text);
}

size_t number_of(const char* name, size_t otherwise) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment.
  const char* text = std::getenv(name);
  size_t number = 0;
  if (text == nullptr) return otherwise;
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, number);
  return error == std::errc() && rest == end && number > 0 && number < 10'000 ? number : otherwise;
}

// Not where it was stopped (Ctrl+S), or nobody reads what a remote one is sent.
bool takes_output() {
  pollfd terminal{STDERR_FILENO, POLLOUT, 0};
  return poll(&terminal, 1, 0) == 1 && (terminal.revents & POLLOUT) != 0;
}

void put(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

bool is_screen() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment.
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && terminal != nullptr && *terminal != '\0' &&
         std::string_view(terminal) != "dumb";
}

Size screen_size() {
  winsize window{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 && window.ws_row > 0)
    return {window.ws_col, window.ws_row};
  const Size usual;
  return {number_of("COLUMNS", usual.columns), number_of("LINES", usual.rows)};
}

Style screen_style() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment.
  const char* no_color = std::getenv("NO_COLOR");
  return {.colour = no_color == nullptr || *no_color == '\0'};
}

Screen::Screen() {
  base::log::write_around([this](const base::log::WriteLine& write_line) {
    const base::MutexLock lock(mutex_);
    if (!lines_.empty()) put(to_top().append(kClearBelow));
    write_line();
    if (!lines_.empty()) put(drawn());
  });
}

Screen::~Screen() {
  base::log::write_around(nullptr);
  clear();
}

// Terminals that were made narrower have folded the lines.
std::string Screen::to_top() const {
  const size_t columns = screen_size().columns;
  size_t rows = 0;
  for (const std::string& line : lines_)
    rows += std::max<size_t>(1, (width_of(line) + columns - 1) / columns);
  return rows == 0 ? "\r" : fmt::format("\r\x1b[{}A", rows);
}

std::string Screen::drawn() const {
  std::string text;
  for (const std::string& line : lines_) text.append(line).append(kClearToEndOfLine).append("\n");
  return text.append(kClearBelow);
}

void Screen::show(std::vector<std::string> lines, Size size) {
  // Before the lock, which a line of the log may hold that waits for the terminal.
  if (!takes_output()) return;
  const base::MutexLock lock(mutex_);
  // A terminal that is lower than what was shown has scrolled its top away.
  std::string text = lines_.size() < size.rows ? to_top() : "\x1b[H";
  lines_ = std::move(lines);
  put(text.append(drawn()));
}

void Screen::clear() {
  const base::MutexLock lock(mutex_);
  if (lines_.empty()) return;
  put(to_top().append(kClearBelow));
  lines_.clear();
}

}  // namespace millrace::cli
