// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <re2/re2.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/limits.h"
#include "engine/record/value_text.h"
#include "engine/steps/made_value.h"
#include "engine/steps/step_compiler.h"

namespace millrace::steps {
namespace {

constexpr size_t kGroupsMax = 10;  // the match and \1 to \9
// RE2 finds one match in a time that grows with the text, so all matches of a pattern that looks
// far ahead take the square of it. This many bytes looked at, in the worst case, are a second or
// two; they are enough for every match in a text of 45 KB, and for 1,000 matches in one of 1 MB.
constexpr uint64_t kWorkMax = uint64_t{1} << 30;

// What a match becomes, taken apart.
struct RewritePart {
  std::string text;  // a literal, where group is -1
  int group = -1;
};

// Requires: RE2 accepts it for the pattern.
std::vector<RewritePart> parse_rewrite(std::string_view rewrite) {
  std::vector<RewritePart> parts;
  const auto literal = [&parts](char c) {
    if (parts.empty() || parts.back().group >= 0) parts.emplace_back();
    parts.back().text += c;
  };
  for (size_t i = 0; i < rewrite.size(); ++i) {
    if (rewrite[i] != '\\' || i + 1 == rewrite.size()) {
      literal(rewrite[i]);
      continue;
    }
    const char next = rewrite[++i];
    if (next >= '0' && next <= '9') {
      parts.push_back({{}, next - '0'});
    } else {
      literal(next);
    }
  }
  return parts;
}

// The length of the UTF-8 character at the start. Requires: valid UTF-8, not empty.
size_t character_bytes(re2::StringPiece text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  const size_t bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return std::min(bytes, text.size());
}

// Whether the text from i on says "this often or more": {3,}
bool is_unbounded_count(std::string_view pattern, size_t i) noexcept {
  const size_t end = pattern.find_first_not_of("0123456789", i + 1);
  return end != std::string_view::npos && pattern.substr(end).starts_with(",}");
}

// Where a character class, "[^a+]", ends: the index of its last character.
size_t class_end(std::string_view pattern, size_t i) noexcept {
  size_t at = i + 1;
  if (at < pattern.size() && pattern[at] == '^') ++at;
  if (at < pattern.size() && pattern[at] == ']') ++at;  // itself, there
  while (at < pattern.size() && pattern[at] != ']') {
    const bool is_named = pattern.substr(at).starts_with("[:");
    if (is_named) at = std::min(pattern.find(":]", at), pattern.size());
    at += size_t{is_named || pattern[at] == '\\' ? 2U : 1U};
  }
  return at;
}

// False where looking for a match never goes further than to its end: a pattern without *, + and
// {n,}, or, without alternatives, with one at its very end ("\s+"). True where that is not sure.
bool looks_far(std::string_view pattern) noexcept {
  while (pattern.ends_with(')')) pattern.remove_suffix(1);
  bool repeats = false;
  bool alternatives = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (repeats) return true;
    switch (pattern[i]) {
      case '\\':
        ++i;
        if (i < pattern.size() && pattern[i] == 'Q') return true;
        break;
      case '[':
        i = class_end(pattern, i);
        break;
      case '|':
        alternatives = true;
        break;
      case '{':
        repeats = is_unbounded_count(pattern, i);
        if (repeats) i = pattern.find('}', i);
        break;
      case '*':
      case '+':
        repeats = true;
        break;
      default:
        break;
    }
  }
  return repeats && alternatives;
}

enum class Replaced : uint8_t { kNothing, kDone, kTooLong, kTooMuchWork };

// Replaces every match in texts, as RE2::GlobalReplace does, but with a bound for what it makes.
class Replacer {
 public:
  Replacer(std::unique_ptr<const re2::RE2> pattern, std::string_view rewrite)
      : pattern_(std::move(pattern)), rewrite_(parse_rewrite(rewrite)) {
    for (const RewritePart& part : rewrite_) groups_ = std::max(groups_, part.group + 1);
    looks_far_ = looks_far(pattern_->pattern());
  }

  Replaced replace(std::string_view text, std::string& to) const noexcept {
    const size_t size_max =
        text.size() * base::limits::kExpansionFactor + base::limits::kExpansionAllowance;
    std::array<re2::StringPiece, kGroupsMax> groups;
    const re2::StringPiece all(text.data(), text.size());
    size_t from = 0;                    // what is not searched yet
    size_t last_end = text.size() + 1;  // of the match before; none yet
    uint64_t work = 0;
    bool found = false;
    to.clear();
    while (from <= text.size()) {
      if (looks_far_ && (work += text.size() - from) > kWorkMax) return Replaced::kTooMuchWork;
      if (!pattern_->Match(all, from, text.size(), re2::RE2::UNANCHORED, groups.data(), groups_))
        break;
      const auto begin = static_cast<size_t>(groups[0].data() - text.data());
      const size_t end = begin + groups[0].size();
      to.append(text, from, begin - from);
      from = end;
      if (begin == end && begin == last_end) {
        // Nothing, right after a match, is no match of its own: go on behind the next character.
        if (from == text.size()) break;
        const size_t bytes = character_bytes(all.substr(from));
        to.append(text, from, bytes);
        from += bytes;
        continue;
      }
      append_rewrite(groups, to);
      if (to.size() > size_max) return Replaced::kTooLong;
      last_end = end;
      found = true;
    }
    if (!found) return Replaced::kNothing;
    if (from < text.size()) to.append(text, from);
    return to.size() > size_max ? Replaced::kTooLong : Replaced::kDone;
  }

 private:
  void append_rewrite(const std::array<re2::StringPiece, kGroupsMax>& groups,
                      std::string& to) const noexcept {
    for (const RewritePart& part : rewrite_) {
      if (part.group < 0) {
        to += part.text;
      } else {
        const re2::StringPiece group = groups[static_cast<size_t>(part.group)];
        to.append(group.data(), group.size());
      }
    }
  }

  std::unique_ptr<const re2::RE2> pattern_;
  std::vector<RewritePart> rewrite_;
  int groups_ = 1;
  bool looks_far_ = false;
};

// Replaces every match in a string; everything else stays as it is.
class ReplaceStep final : public Step {
 public:
  ReplaceStep(Field field, Replacer replacer, RuleId rule)
      : field_(std::move(field)), replacer_(std::move(replacer)), rule_(rule) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex at = field_.find(document);
    if (at == record::kNoNode) return Verdict::kContinue;
    const record::JsonValue& value = document.node(at).value;
    if (value.kind != record::ValueKind::kString) return Verdict::kContinue;
    const std::string_view text = record::content(value, context.scratch);
    switch (replacer_.replace(text, context.more_scratch)) {
      case Replaced::kNothing:
        return Verdict::kContinue;
      case Replaced::kDone:
        document.replace(at, string_value(context.more_scratch, *context.arena));
        return Verdict::kContinue;
      case Replaced::kTooLong:
        context.reason_text = fmt::format(
            "a text of {} bytes would become longer than {} times that and {} KiB", text.size(),
            base::limits::kExpansionFactor, base::limits::kExpansionAllowance >> 10);
        break;
      case Replaced::kTooMuchWork:
        context.reason_text = fmt::format("a text of {} bytes has too many matches", text.size());
        break;
    }
    return context.reject(rule_, at);
  }

 private:
  Field field_;
  Replacer replacer_;
  RuleId rule_;
};

// Whether the pattern has \C, which matches a single byte and could cut a character in two.
bool matches_bytes(std::string_view pattern) {
  for (size_t i = 0; i + 1 < pattern.size(); ++i) {
    if (pattern[i] != '\\') continue;
    ++i;
    if (pattern[i] == 'C') return true;
  }
  return false;
}

}  // namespace

CompiledStep compile(const config::ReplaceStep& step, StepCompiler& compiler) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_unique<const re2::RE2>(step.pattern.value, options);
  if (!pattern->ok()) {
    compiler.problem(step.pattern.place, fmt::format("the pattern '{}' cannot be used: {}",
                                                     step.pattern.value, pattern->error()));
    return nullptr;
  }
  if (matches_bytes(step.pattern.value)) {
    compiler.problem(step.pattern.place,
                     "\\C matches single bytes, which could cut a character in two");
    return nullptr;
  }
  std::string error;
  if (!pattern->CheckRewriteString(step.with, &error)) {
    compiler.problem(step.with_place, fmt::format("'{}' cannot be put in: {}", step.with, error));
    return nullptr;
  }
  return std::make_unique<ReplaceStep>(compiler.field(step.field),
                                       Replacer(std::move(pattern), step.with), compiler.rule());
}

}  // namespace millrace::steps
