// SPDX-License-Identifier: Apache-2.0
#include "engine/state/commit_mark.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/io/committer.h"
#include "engine/state/decimal_number.h"

namespace millrace::state {
namespace {

constexpr std::string_view kNone = "none";
constexpr std::string_view kMovedReset = " moved=reset";
constexpr std::string_view kMovedKeep = " moved=keep";
constexpr size_t kOffsetBytesMax = 19;

// All of it but the commit's id, with offsets of any length.
static_assert(std::string_view("millrace 1 state= closed= commit=").size() + 2 * kOffsetBytesMax +
                  kMovedReset.size() + CommitMark::kCommitBytesMax <=
              io::kMetadataBytesMax);

std::string to_text(base::Offset offset) {
  return offset.valid() ? fmt::format("{}", offset.value) : std::string(kNone);
}

bool is_commit_id(std::string_view text) {
  return !text.empty() && text.size() <= CommitMark::kCommitBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string_view to_text(CommitMark::Moved moved) {
  switch (moved) {
    case CommitMark::Moved::kNo:
      break;
    case CommitMark::Moved::kReset:
      return kMovedReset;
    case CommitMark::Moved::kKeep:
      return kMovedKeep;
  }
  return {};
}

// Takes `prefix` off the text's beginning.
bool take(std::string_view prefix, std::string_view& text) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes an offset and what ends it.
bool take_offset(std::string_view& text, base::Offset& offset) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  if (word == kNone) return true;
  const auto number = decimal_number<int64_t>(word);
  if (number) offset.value = *number;
  return number.has_value();
}

}  // namespace

std::string CommitMark::to_text() const {
  MILLRACE_CHECK(is_commit_id(commit));
  return fmt::format("millrace 1 state={} closed={}{} commit={}", state::to_text(state),
                     state::to_text(closed), state::to_text(moved), commit);
}

std::optional<CommitMark> CommitMark::parse(std::string_view text) {
  CommitMark mark;
  if (!take("millrace 1 state=", text) || !take_offset(text, mark.state) ||
      !take(" closed=", text) || !take_offset(text, mark.closed)) {
    return std::nullopt;
  }
  if (take(kMovedReset, text)) {
    mark.moved = Moved::kReset;
  } else if (take(kMovedKeep, text)) {
    mark.moved = Moved::kKeep;
  }
  if (!take(" commit=", text) || !is_commit_id(text)) return std::nullopt;
  mark.commit = text;
  return mark;
}

}  // namespace millrace::state
