// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/line_reader.h"

#include <cerrno>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "engine/base/startup_error.h"

namespace millrace::cli {
namespace {

constexpr size_t kPieceBytes = size_t{256} << 10;
// How long a wait lasts before it looks for a stop again.
constexpr int kWaitMs = 200;

}  // namespace

LineReader::LineReader(int descriptor, std::string name, std::stop_token stop)
    : descriptor_(descriptor), name_(std::move(name)), stop_(std::move(stop)) {}

std::optional<std::string_view> LineReader::take() {
  const size_t end = buffer_.find('\n', searched_);
  if (end == std::string::npos) {
    searched_ = buffer_.size();
    return std::nullopt;
  }
  const std::string_view line = std::string_view(buffer_).substr(begin_, end - begin_);
  begin_ = end + 1;
  searched_ = begin_;
  return line;
}

bool LineReader::fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  searched_ = buffer_.size();
  if (buffer_.size() > kLineBytesMax) {
    throw base::StartupError(
        base::ExitCode::kFailed,
        fmt::format("a line of {} is longer than {} MiB", name_, kLineBytesMax >> 20U));
  }
  const size_t held = buffer_.size();
  buffer_.resize(held + kPieceBytes);
  ssize_t count = 0;
  do {
    count = wait_readable() ? ::read(descriptor_, buffer_.data() + held, kPieceBytes) : 0;
  } while (count < 0 && errno == EINTR);
  buffer_.resize(held + (count > 0 ? static_cast<size_t>(count) : 0));
  if (count < 0) {
    throw base::StartupError(
        base::ExitCode::kFailed,
        fmt::format("cannot read {}: {}", name_, std::generic_category().message(errno)));
  }
  return count > 0;
}

std::optional<std::string_view> LineReader::take_rest() {
  if (begin_ == buffer_.size() || stop_.stop_requested()) return std::nullopt;
  return std::string_view(buffer_).substr(std::exchange(begin_, buffer_.size()));
}

bool LineReader::wait_readable() const {
  while (!stop_.stop_requested()) {
    pollfd waiting{descriptor_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, kWaitMs);
    // Errors and hang-ups are for read() to tell.
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
  }
  return false;
}

}  // namespace millrace::cli
