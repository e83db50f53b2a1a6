// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "engine/record/value_text.h"
#include "engine/steps/constant.h"
#include "engine/steps/made_value.h"
#include "engine/steps/sha256.h"
#include "engine/steps/step_compiler.h"

namespace millrace::steps {
namespace {

using record::ValueKind;
using How = config::MaskStep::How;

// The content of a string, the JSON text of anything else.
std::string_view content_of(const record::Document& document, record::NodeIndex node,
                            std::string& scratch) noexcept {
  const record::JsonValue& value = document.node(node).value;
  return is_container(value) ? document.text_of(node, scratch) : record::content(value, scratch);
}

class DropMask final : public Step {
 public:
  explicit DropMask(Field field) : field_(std::move(field)) {}

  Verdict apply(record::Document& document, StepContext& /*context*/) const noexcept override {
    const record::NodeIndex node = field_.find(document);
    if (node != record::kNoNode) document.remove(node);
    return Verdict::kContinue;
  }

 private:
  Field field_;
};

// What the other masks have in common: absent values stay absent, null stays null, and nothing is
// rejected.
template <typename Mask>
class ValueMask final : public Step {
 public:
  ValueMask(Field field, Mask mask) : field_(std::move(field)), mask_(std::move(mask)) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex node = field_.find(document);
    if (node == record::kNoNode) return Verdict::kContinue;
    if (document.node(node).value.kind == ValueKind::kNull) return Verdict::kContinue;
    mask_(document, node, context);
    return Verdict::kContinue;
  }

 private:
  Field field_;
  Mask mask_;
};

struct FixedMask {
  Constant text;

  void operator()(record::Document& document, record::NodeIndex node,
                  StepContext& /*context*/) const noexcept {
    text.put(document, node);
  }
};

bool begins_character(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// Where the last `count` characters begin. Requires: UTF-8.
size_t tail_begin(std::string_view text, size_t count) noexcept {
  size_t begin = text.size();
  while (count > 0 && begin > 0) {
    --begin;
    if (begins_character(text[begin])) --count;
  }
  return begin;
}

struct KeepLastMask {
  size_t kept;

  void operator()(record::Document& document, record::NodeIndex node,
                  StepContext& context) const noexcept {
    const std::string_view text = content_of(document, node, context.scratch);
    const size_t tail = tail_begin(text, kept);
    const auto stars = static_cast<size_t>(
        std::count_if(text.begin(), text.begin() + static_cast<ptrdiff_t>(tail), begins_character));
    const size_t size = stars + text.size() - tail;
    char* masked = context.arena->take(size);
    std::fill_n(masked, stars, '*');
    std::copy(text.begin() + static_cast<ptrdiff_t>(tail), text.end(), masked + stars);
    document.replace(node, string_value({masked, size}, *context.arena));
  }
};

// Puts a digest in lower-case hexadecimal digits.
void put_digest(record::Document& document, record::NodeIndex node, const Sha256Digest& digest,
                record::Arena& arena) noexcept {
  static constexpr char kHex[] = "0123456789abcdef";
  constexpr size_t kSize = 2 * kSha256Bytes + 2;
  char* text = arena.take(kSize);
  char* to = text;
  *to++ = '"';
  for (const unsigned char byte : digest) {
    *to++ = kHex[byte >> 4];
    *to++ = kHex[byte & 0xF];
  }
  *to = '"';
  document.replace(node, {{text, kSize}, ValueKind::kString, false});
}

struct Sha256Mask {
  void operator()(record::Document& document, record::NodeIndex node,
                  StepContext& context) const noexcept {
    const std::string_view text = content_of(document, node, context.scratch);
    put_digest(document, node, sha256({text}), *context.arena);
  }
};

struct HmacMask {
  HmacKey key;

  void operator()(record::Document& document, record::NodeIndex node,
                  StepContext& context) const noexcept {
    const std::string_view text = content_of(document, node, context.scratch);
    put_digest(document, node, key.sign(text), *context.arena);
  }
};

template <typename Mask>
CompiledStep make(Field field, Mask mask) {
  return std::make_unique<ValueMask<Mask>>(std::move(field), std::move(mask));
}

}  // namespace

CompiledStep compile(const config::MaskStep& step, StepCompiler& compiler) {
  Field field = compiler.field(step.field);
  switch (step.how) {
    case How::kDrop:
      if (step.field.parts.empty()) {
        compiler.problem(step.field.place, "the record itself cannot be dropped: use drop_if");
        return nullptr;
      }
      return std::make_unique<DropMask>(std::move(field));
    case How::kText: {
      auto text = Constant::compile(step.text, field, compiler.place(), compiler);
      if (!text) return nullptr;
      return make(std::move(field), FixedMask{std::move(*text)});
    }
    case How::kKeepLast:
      return make(std::move(field), KeepLastMask{step.keep_last});
    case How::kSha256:
      return make(std::move(field), Sha256Mask{});
    case How::kHmacSha256:
      return make(std::move(field), HmacMask{HmacKey(step.key)});
  }
  return nullptr;
}

}  // namespace millrace::steps
