// SPDX-License-Identifier: Apache-2.0
#include "engine/config/condition_key.h"

#include <string_view>
#include <variant>

namespace millrace::config {
namespace {

// Each text with its length, so that no two lists of texts give one key.
class KeyWriter {
 public:
  void text(std::string_view text) {
    key_ += std::to_string(text.size()) + ":" + std::string(text);
  }

  void number(size_t number) { key_ += std::to_string(number) + ";"; }

  void operator()(const EqualsTest& test) {
    number(test.values.size());
    for (const std::string& value : test.values) text(value);
  }

  void operator()(const InIgnoreCaseTest& test) {
    number(test.texts.size());
    for (const std::string& one : test.texts) text(one);
  }

  void operator()(const MatchesTest& test) { text(test.pattern.value); }

  void operator()(const ExistsTest& test) { number(test.exists ? 1 : 0); }

  void operator()(const IsNullTest& test) { number(test.is_null ? 1 : 0); }

  void operator()(const CompareTest& test) {
    number(static_cast<size_t>(test.operation));
    text(test.number);
  }

  void operator()(const VersionTest& test) {
    number(static_cast<size_t>(test.operation));
    number(test.lexicographic ? 1 : 0);
    text(test.version.value);
  }

  void operator()(const IpInTest& test) {
    number(test.networks.size());
    for (const Text& network : test.networks) text(network.value);
  }

  void condition(const Condition& condition) {
    number(static_cast<size_t>(condition.kind));
    number(condition.parts.size());
    for (const Condition& part : condition.parts) this->condition(part);
    if (condition.kind != Condition::Kind::kTest) return;
    text(path_key(condition.field));
    number(condition.test.index());
    std::visit(*this, condition.test);
  }

  std::string take() { return std::move(key_); }

 private:
  std::string key_;
};

}  // namespace

std::string condition_key(const Condition& condition) {
  KeyWriter writer;
  writer.condition(condition);
  return writer.take();
}

}  // namespace millrace::config
