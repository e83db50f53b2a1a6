// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/field_path.h"
#include "engine/config/problems.h"
#include "engine/config/yaml_node.h"

// Typed reading of a tree: each reader returns nothing where the value is absent or wrong; if it is
// wrong, a problem that names key, value and what is allowed has been added.
//
// Lifetime: the tree and the problems outlive fields and map readers. Threading: one thread.
namespace millrace::config {

class MapReader;

// A value and the words for it: its path of keys ("input.batch.max_wait"), or an absent value.
class Field {
 public:
  // `node` null: absent. `key_place` is where the key stands, or the place of the item in a list.
  Field(const YamlNode* node, std::string path, Place key_place, Problems& problems);

  [[nodiscard]] bool present() const { return node_ != nullptr; }

  // Requires: present().
  [[nodiscard]] const YamlNode& node() const { return *node_; }

  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] const Place& key_place() const { return key_place_; }

  [[nodiscard]] bool is(NodeKind kind) const { return present() && node_->kind == kind; }

  // A text that is not empty and holds no control characters.
  [[nodiscard]] std::optional<Text> text(std::string_view expectation) const;
  // The name of a topic.
  [[nodiscard]] std::optional<Text> topic() const;
  // One name of a member, written as a path of one part: city, or ["a.b"] for a name with a dot.
  [[nodiscard]] std::optional<Text> member() const;
  // The way to a value inside a record; the record itself (".") only where it is `allowed`.
  enum class WholeRecord { kForbidden, kAllowed };
  [[nodiscard]] std::optional<FieldPath> field_path(
      WholeRecord whole_record = WholeRecord::kForbidden) const;
  // true or false, plain or from the environment.
  [[nodiscard]] std::optional<bool> boolean() const;
  // A text that may be empty and may hold anything.
  [[nodiscard]] std::optional<Text> any_text(std::string_view expectation) const;
  // Any value, as JSON text.
  [[nodiscard]] std::optional<std::string> json() const;
  [[nodiscard]] std::optional<uint64_t> count(uint64_t min, uint64_t max) const;
  [[nodiscard]] std::optional<std::chrono::milliseconds> duration(
      std::chrono::milliseconds min, std::chrono::milliseconds max) const;
  [[nodiscard]] std::optional<uint64_t> bytes(uint64_t min, uint64_t max) const;

  // One of the words, as what stands for it.
  template <typename T>
  [[nodiscard]] std::optional<T> choice(
      std::initializer_list<std::pair<std::string_view, T>> choices) const;

  // The members of a map; nothing where it is none.
  [[nodiscard]] std::optional<MapReader> map(std::string_view expectation = "a map") const;
  // The items of a list that is not empty.
  [[nodiscard]] std::vector<Field> items(std::string_view expectation) const;
  // The items of a list, or the one value.
  [[nodiscard]] std::vector<Field> items_or_one(std::string_view expectation) const;

  // "'PATH' must be EXPECTATION, not 'VALUE'", at the value.
  void expected(std::string_view expectation) const;
  // "'PATH' SENTENCE", at the value.
  void problem(std::string_view sentence) const;

 private:
  // The text of a scalar; null, lists and maps are a problem.
  [[nodiscard]] const std::string* scalar(std::string_view expectation) const;

  const YamlNode* node_;
  std::string path_;
  Place key_place_;
  Problems* problems_;
};

// The members of a map, taken one after the other; what nobody took is unknown.
class MapReader {
 public:
  // Requires: `node` is a map. `path` is empty for the top level.
  MapReader(const YamlNode& node, std::string path, Place place, Problems& problems);

  // The value of a key that may be absent, or (require) must not be; `hint` then says what to do.
  [[nodiscard]] Field take(std::string_view key);
  [[nodiscard]] Field require(std::string_view key, std::string_view hint);

  // Keys that the design has and this version has not.
  void not_yet(std::initializer_list<std::string_view> keys);

  // Keys that people write here and that belong elsewhere: "stands " and where.
  void elsewhere(std::initializer_list<std::string_view> keys, std::string_view where);

  // Reports the keys that are left. Call it once, after everything is taken.
  void finish() const;

  [[nodiscard]] const YamlNode& node() const { return *node_; }

  [[nodiscard]] const Place& place() const { return place_; }

 private:
  [[nodiscard]] std::string name() const;

  const YamlNode* node_;
  std::string path_;
  Place place_;
  Problems* problems_;
  std::vector<std::string_view> known_;
  std::vector<std::string_view> not_yet_;
  std::vector<std::pair<std::string_view, std::string_view>> elsewhere_;
};

// "'KEY' is not supported yet", at a key.
void add_not_yet(Problems& problems, const Place& place, const std::string& what);

// "unknown WHAT 'NAME' in PLACE; did you mean …?", or what is known, where nothing is near.
[[nodiscard]] std::string unknown(std::string_view what, std::string_view name,
                                  std::string_view where,
                                  const std::vector<std::string_view>& known);

// Sets `target` if there is a value.
template <typename To, typename From>
void set_if(To& target, std::optional<From>&& value) {
  if (value) target = static_cast<To>(*std::move(value));
}

template <typename T>
std::optional<T> Field::choice(
    std::initializer_list<std::pair<std::string_view, T>> choices) const {
  std::vector<std::string_view> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  const std::string expectation = one_of(words);
  const std::string* const text = scalar(expectation);
  if (text == nullptr) return std::nullopt;
  for (const auto& [word, value] : choices) {
    if (*text == word) return value;
  }
  expected(expectation);
  return std::nullopt;
}

}  // namespace millrace::config
