// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/live_status.h"

#include <algorithm>

#include "engine/base/log.h"
#include "engine/cli/amounts.h"
#include "engine/insights/text_table.h"

namespace millrace::cli {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kPanelEvery{1000};
constexpr milliseconds kSizeEvery{200};
constexpr milliseconds kLogEvery{2000};

}  // namespace

LiveStatus::LiveStatus(Kind kind)
    : kind_(kind), begun_(Clock::now()), last_time_(begun_), looked_(begun_) {
  if (kind_ != Kind::kPanel) return;
  screen_.emplace();
  size_ = screen_size();
  last_time_ -= kPanelEvery;
}

Clock::time_point LiveStatus::next() const {
  switch (kind_) {
    case Kind::kNone:
      return Clock::time_point::max();
    case Kind::kPanel:
      return std::min(last_time_ + kPanelEvery, looked_ + kSizeEvery);
    case Kind::kLogLines:
      return last_time_ + kLogEvery;
  }
  return Clock::time_point::max();
}

void LiveStatus::draw(const Asked& asked, Clock::time_point now) {
  if (kind_ == Kind::kNone || now < next()) return;
  if (kind_ == Kind::kPanel) {
    draw_panel(asked, now);
  } else {
    log_line(asked.totals(), now);
  }
}

void LiveStatus::draw_panel(const Asked& asked, Clock::time_point now) {
  looked_ = now;
  const Size size = screen_size();
  const bool due = now >= last_time_ + kPanelEvery;
  if (!due && size == size_) return;
  size_ = size;
  if (due) {
    recent_.add(asked.vitals());
    last_time_ = now;
  }
  if (recent_.empty()) return;
  screen_->show(lines(recent_.now(), recent_.before(), size_, screen_style()), size_);
}

void LiveStatus::log_line(const flow::Totals& totals, Clock::time_point now) {
  using insights::grouped;
  const double seconds = std::chrono::duration<double>(now - last_time_).count();
  const double rate = static_cast<double>(totals.consumed - last_.consumed) / seconds;
  base::log::info("{}  {} records/s  consumed {}  emitted {}  filtered {}  dead-lettered {}",
                  clock_text(now - begun_), grouped(static_cast<uint64_t>(rate)),
                  grouped(totals.consumed), grouped(totals.emitted), grouped(totals.filtered),
                  grouped(totals.dead_lettered));
  last_ = totals;
  last_time_ = now;
}

void LiveStatus::clear() {
  if (screen_) screen_->clear();
}

}  // namespace millrace::cli
