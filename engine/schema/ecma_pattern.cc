// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/ecma_pattern.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <re2/re2.h>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "engine/schema/ecma_syntax.h"
#include "engine/schema/linear_pattern.h"

namespace millrace::schema {

namespace {

// What one pattern may take for its program and its cache of states.
constexpr int64_t kMemoryMax = int64_t{4} << 20;
constexpr uint32_t kRepeatMax = 1000;  // RE2's own limit

// Writes a tree in RE2's syntax. Every character is written by its number, so that nothing needs
// quoting.
class Re2Writer {
 public:
  std::string write(const PatternNode& pattern) {
    node(pattern);
    return std::move(out_);
  }

  [[nodiscard]] bool repeats_too_often() const { return repeats_too_often_; }

 private:
  using Kind = PatternNode::Kind;

  void node(const PatternNode& pattern) {
    switch (pattern.kind) {
      case Kind::kSequence:
        for (const PatternNode& child : pattern.children) group_if_choice(child);
        break;
      case Kind::kChoice:
        choice(pattern);
        break;
      case Kind::kRepeat:
        repeat(pattern);
        break;
      case Kind::kSet:
        set(pattern.set);
        break;
      case Kind::kTextStart:
        out_ += "\\A";
        break;
      case Kind::kTextEnd:
        out_ += "\\z";
        break;
      case Kind::kWordBoundary:
        out_ += "\\b";
        break;
      case Kind::kNotWordBoundary:
        out_ += "\\B";
        break;
    }
  }

  void group_if_choice(const PatternNode& pattern) {
    if (pattern.kind == Kind::kChoice) {
      group(pattern);
    } else {
      node(pattern);
    }
  }

  void group(const PatternNode& pattern) {
    out_ += "(?:";
    node(pattern);
    out_ += ')';
  }

  void choice(const PatternNode& pattern) {
    bool first = true;
    for (const PatternNode& child : pattern.children) {
      if (!first) out_ += '|';
      first = false;
      group_if_choice(child);
    }
  }

  void repeat(const PatternNode& pattern) {
    const uint32_t least = pattern.least;
    const uint32_t most = pattern.most;
    group(pattern.children.front());
    if (least > kRepeatMax || (most != kUnbounded && most > kRepeatMax)) repeats_too_often_ = true;
    if (most == kUnbounded) {
      out_ += least == 0 ? "*" : least == 1 ? "+" : fmt::format("{{{},}}", least);
    } else {
      out_ += fmt::format("{{{},{}}}", least, most);
    }
  }

  void set(const CharacterSet& set) {
    if (set.ranges.empty() && set.properties.empty()) {
      out_ += set.negated ? "[\\x{0}-\\x{10FFFF}]" : "[^\\x{0}-\\x{10FFFF}]";
      return;
    }
    out_ += set.negated ? "[^" : "[";
    for (const CodeRange& range : set.ranges) {
      out_ += fmt::format("\\x{{{:X}}}", static_cast<uint32_t>(range.first));
      if (range.last > range.first) {
        out_ += fmt::format("-\\x{{{:X}}}", static_cast<uint32_t>(range.last));
      }
    }
    for (const std::string& property : set.properties) out_ += property;
    out_ += ']';
  }

  std::string out_;
  bool repeats_too_often_ = false;
};

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemoryMax);
  return options;
}

std::string sentence_of(const RE2& re2) {
  switch (re2.error_code()) {
    case RE2::ErrorRepeatSize:
      return fmt::format("repeats something more than {} times, nested counts multiplied",
                         kRepeatMax);
    case RE2::ErrorPatternTooLarge:
      return fmt::format("needs more memory than the {} MiB of one pattern", kMemoryMax >> 20);
    default:
      return fmt::format("is not supported: {}", re2.error());
  }
}

}  // namespace

class EcmaPattern::Impl {
 public:
  explicit Impl(LinearPattern linear) : linear_(std::move(linear)) {}

  explicit Impl(const std::string& re2) { re2_.emplace(re2, options()); }

  [[nodiscard]] const std::optional<RE2>& re2() const noexcept { return re2_; }

  [[nodiscard]] bool is_linear() const noexcept { return linear_.has_value(); }

  [[nodiscard]] bool found_in(std::string_view text) const noexcept {
    if (linear_) return linear_->found_in(text);
    const re2::StringPiece piece(text.data(), text.size());
    return re2_->Match(piece, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
  }

 private:
  // One of the two.
  std::optional<LinearPattern> linear_;
  std::optional<RE2> re2_;
};

EcmaPattern::EcmaPattern(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}

EcmaPattern::~EcmaPattern() = default;

base::Result<std::unique_ptr<const EcmaPattern>> EcmaPattern::compile(std::string_view pattern) {
  auto parsed = parse_ecma_pattern(pattern);
  if (!parsed.ok()) return parsed.error();
  if (!parsed.value().unsupported.empty()) {
    return base::Error{std::move(parsed.value().unsupported)};
  }
  const PatternNode& root = parsed.value().root;
  std::unique_ptr<const Impl> impl;
  if (auto linear = LinearPattern::from(root)) {
    impl = std::make_unique<const Impl>(std::move(*linear));
  } else {
    Re2Writer writer;
    const std::string text = writer.write(root);
    if (writer.repeats_too_often()) {
      return base::Error{
          fmt::format("the pattern repeats something more than {} times", kRepeatMax)};
    }
    impl = std::make_unique<const Impl>(text);
    if (!impl->re2()->ok()) {
      return base::Error{fmt::format("the pattern {}", sentence_of(*impl->re2()))};
    }
  }
  return std::unique_ptr<const EcmaPattern>(new EcmaPattern(std::move(impl)));
}

bool EcmaPattern::found_in(std::string_view text) const noexcept {
  return impl_->found_in(text);
}

bool EcmaPattern::is_linear() const noexcept {
  return impl_->is_linear();
}

}  // namespace millrace::schema
