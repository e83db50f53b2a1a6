// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/record/json_text.h"

// A JSON value as a tree of copies, with a recursive reader, recursive writers and edits by plain
// names: what Document is compared with. It knows nothing of tokens, nodes or predictions. Keep
// texts valid and shallow.
namespace millrace::record::testing {

struct ModelStep {
  std::string name;
  size_t index = 0;
  bool by_name = true;
};

using ModelPath = std::vector<ModelStep>;

struct Model {
  char kind = 'n';     // { [ " or what a scalar's text begins with
  std::string raw;     // as written
  bool fresh = false;  // no longer as written, because something inside was changed
  std::vector<std::pair<std::string, std::string>> names;  // plain and as written
  std::vector<Model> values;

  [[nodiscard]] bool is_object() const { return kind == '{'; }

  [[nodiscard]] bool is_container() const { return kind == '{' || kind == '['; }

  [[nodiscard]] std::optional<size_t> place_of(const ModelStep& step) const {
    if (step.by_name != is_object() || !is_container()) return std::nullopt;
    if (!step.by_name) {
      return step.index < values.size() ? std::optional(step.index) : std::nullopt;
    }
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i].first == step.name) return i;
    }
    return std::nullopt;
  }

  [[nodiscard]] const Model* find(const ModelPath& path) const {
    const Model* found = this;
    for (const ModelStep& step : path) {
      const auto place = found->place_of(step);
      if (!place) return nullptr;
      found = &found->values[*place];
    }
    return found;
  }

  // Calls `change` with the container and the place in it, and marks the way as fresh. `path` leads
  // to something that is there.
  template <typename Change>
  void change(const ModelPath& path, Change make_change, size_t depth = 0) {
    fresh = true;
    const size_t place = *place_of(path[depth]);
    if (depth + 1 == path.size()) {
      make_change(*this, place);
    } else {
      values[place].change(path, make_change, depth + 1);
    }
  }
};

inline std::string plain_text(std::string_view string_text) {
  std::string plain;
  append_unescaped(string_text, plain);
  return plain;
}

class ModelReader {
 public:
  explicit ModelReader(std::string_view text) : text_(text) {}

  Model read() {
    skip_space();
    const size_t begin = at_;
    Model value;
    value.kind = text_[at_];
    if (value.is_container()) {
      read_container(value);
    } else if (value.kind == '"') {
      skip_string();
    } else {
      while (at_ < text_.size() &&
             std::string_view(" \t\r\n,]}").find(text_[at_]) == std::string_view::npos) {
        ++at_;
      }
    }
    value.raw = text_.substr(begin, at_ - begin);
    return value;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  }

  void skip_string() {
    ++at_;
    while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2U : 1U;
    ++at_;
  }

  void read_container(Model& value) {
    ++at_;
    skip_space();
    while (text_[at_] != '}' && text_[at_] != ']') {
      skip_space();
      std::string name;
      if (value.is_object()) {
        const size_t begin = at_;
        skip_string();
        name = text_.substr(begin, at_ - begin);
        skip_space();
        ++at_;
      }
      add(value, name, read());
      skip_space();
      if (text_[at_] == ',') ++at_;
    }
    ++at_;
  }

  // Of members of one name the last counts, at the place of the first.
  static void add(Model& container, const std::string& name, Model value) {
    if (container.is_object()) {
      const std::string plain = plain_text(name);
      if (const auto place = container.place_of({plain})) {
        container.values[*place] = std::move(value);
        container.fresh = true;
        return;
      }
      container.names.emplace_back(plain, name);
    }
    container.fresh |= value.fresh;
    container.values.push_back(std::move(value));
    for (const Model& child : container.values) container.fresh |= child.fresh;
  }

  std::string_view text_;
  size_t at_ = 0;
};

inline std::string dump_string(std::string_view string_text) {
  std::string plain = plain_text(string_text);
  std::string_view rest = plain;
  std::string to = "\"";
  const auto add_unit = [&to](uint32_t unit) {
    constexpr std::string_view kHex = "0123456789abcdef";
    to += "\\u";
    for (uint32_t divisor = 4096; divisor > 0; divisor /= 16) to += kHex[unit / divisor % 16];
  };
  while (!rest.empty()) {
    const uint32_t c = take_code_point(rest);
    if (c == '"')
      to += "\\\"";
    else if (c == '\\')
      to += "\\\\";
    else if (c == '\n')
      to += "\\n";
    else if (c == '\r')
      to += "\\r";
    else if (c == '\t')
      to += "\\t";
    else if (c == '\b')
      to += "\\b";
    else if (c == '\f')
      to += "\\f";
    else if (c >= 32 && c < 127)
      to += static_cast<char>(c);
    else if (c < 0x10000)
      add_unit(c);
    else {
      add_unit(0xD800 + (c - 0x10000) / 0x400);
      add_unit(0xDC00 + (c - 0x10000) % 0x400);
    }
  }
  return to + "\"";
}

// As Encoding::kSpaced.
inline std::string dump_spaced(const Model& value) {
  if (value.kind == '"') return dump_string(value.raw);
  if (!value.is_container()) return value.raw;
  std::string to(1, value.kind);
  for (size_t i = 0; i < value.values.size(); ++i) {
    if (i > 0) to += ", ";
    if (value.is_object()) to += dump_string(value.names[i].second) + ": ";
    to += dump_spaced(value.values[i]);
  }
  return to + (value.is_object() ? '}' : ']');
}

// As Encoding::kCompact, the root afresh.
inline std::string dump_compact(const Model& value, bool is_root = true) {
  if (!value.is_container() || (!value.fresh && !is_root)) return value.raw;
  std::string to(1, value.kind);
  for (size_t i = 0; i < value.values.size(); ++i) {
    if (i > 0) to += ',';
    if (value.is_object()) to += value.names[i].second + ":";
    to += dump_compact(value.values[i], false);
  }
  return to + (value.is_object() ? '}' : ']');
}

}  // namespace millrace::record::testing
