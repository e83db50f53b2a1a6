// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/now_texts.h"

#include "engine/steps/time_format.h"

namespace millrace::steps {
namespace {

Moment moment_of(base::WallTime time) noexcept {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::chrono::nanoseconds within = time - seconds;
  return {seconds.time_since_epoch().count(), static_cast<uint32_t>(within.count())};
}

void write(const TimeFormat& format, base::WallTime now, DayCache& day_cache, std::string& to) {
  const Moment moment = moment_of(now);
  to.resize(format.written_bytes_max());
  const char* end = in_range(moment.seconds) ? format.write(moment, day_cache, to.data()) : nullptr;
  to.resize(end == nullptr ? 0 : static_cast<size_t>(end - to.data()));
}

}  // namespace

std::string_view NowTexts::text(const TimeFormat& format, base::WallTime now, DayCache& day_cache) {
  for (Text& text : texts_) {
    if (text.format != &format) continue;
    if (text.now != now) {
      write(format, now, day_cache, text.bytes);
      text.now = now;
    }
    return text.bytes;
  }
  Text& text = texts_.emplace_back(Text{&format, now, {}});
  write(format, now, day_cache, text.bytes);
  return text.bytes;
}

}  // namespace millrace::steps
