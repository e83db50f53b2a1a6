// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/reference_condition.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "tests/unit/plan/reference_path.h"
#include "tests/unit/plan/reference_schema.h"

namespace millrace::plan::testing::reference {
namespace {

Truth truth(bool holds) {
  return holds ? Truth::kTrue : Truth::kFalse;
}

// An address byte by byte: 4 or 16. The C library's own reading of it.
using Address = std::vector<unsigned char>;

std::optional<Address> address_of(const std::string& text) {
  // A NUL would end the text too early.
  if (text.find('\0') != std::string::npos) return std::nullopt;
  Address four(4);
  if (inet_pton(AF_INET, text.c_str(), four.data()) == 1) return four;
  Address sixteen(16);
  if (inet_pton(AF_INET6, text.c_str(), sixteen.data()) == 1) return sixteen;
  return std::nullopt;
}

// ::ffff:10.0.0.1 counts as 10.0.0.1.
Address unmapped(const Address& address) {
  constexpr std::array<unsigned char, 12> kPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (address.size() != 16 || !std::equal(kPrefix.begin(), kPrefix.end(), address.begin()))
    return address;
  return {address.begin() + 12, address.end()};
}

bool is_in_network(const Address& address, const std::string& network) {
  const size_t slash = std::min(network.find('/'), network.size());
  const Address base = *address_of(network.substr(0, slash));
  if (base.size() != address.size()) return false;
  const size_t bits =
      slash == network.size() ? base.size() * 8 : std::stoul(network.substr(slash + 1));
  for (size_t bit = 0; bit < bits; ++bit) {
    const auto mask = static_cast<unsigned char>(0x80U >> (bit % 8));
    if ((base[bit / 8] & mask) != (address[bit / 8] & mask)) return false;
  }
  return true;
}

// The parts of a version without leading zeros; nothing where it is none.
std::optional<std::vector<std::string>> version_parts(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == '.') {
      if (parts.back().empty()) return std::nullopt;
      parts.emplace_back();
    } else if (c >= '0' && c <= '9') {
      parts.back() += c;
    } else {
      return std::nullopt;
    }
  }
  if (parts.back().empty()) return std::nullopt;
  for (std::string& part : parts) part.erase(0, part.find_first_not_of('0'));
  return parts;
}

bool is_version_at_least(std::vector<std::string> version, std::vector<std::string> least) {
  const size_t count = std::max(version.size(), least.size());
  version.resize(count);
  least.resize(count);
  for (size_t i = 0; i < count; ++i) {
    if (version[i].size() != least[i].size()) return version[i].size() > least[i].size();
    if (version[i] != least[i]) return version[i] > least[i];
  }
  return true;
}

// One test of a value; nullptr is an absent one.
struct Test {
  const Value* value;

  [[nodiscard]] bool is(Kind kind) const { return value != nullptr && value->is(kind); }

  Truth operator()(const config::EqualsTest& test) const {
    return truth(value != nullptr &&
                 std::any_of(test.values.begin(), test.values.end(), [&](const std::string& json) {
                   return equal(*value, constant(json));
                 }));
  }

  Truth operator()(const config::InIgnoreCaseTest& test) const {
    return truth(is(Kind::kString) &&
                 std::any_of(test.texts.begin(), test.texts.end(), [&](const std::string& text) {
                   return lower(text) == lower(value->content);
                 }));
  }

  Truth operator()(const config::MatchesTest& test) const {
    return truth(is(Kind::kString) && pattern_is_found(test.pattern.value, value->content));
  }

  Truth operator()(const config::ExistsTest& test) const {
    return truth((value != nullptr) == test.exists);
  }

  Truth operator()(const config::IsNullTest& test) const {
    return truth(is(Kind::kNull) == test.is_null);
  }

  Truth operator()(const config::CompareTest& test) const {
    if (!is(Kind::kNumber)) return Truth::kUndecided;
    const int order = compare_numbers(value->text, test.number);
    switch (test.operation) {
      case config::CompareTest::Operation::kLess:
        return truth(order < 0);
      case config::CompareTest::Operation::kAtMost:
        return truth(order <= 0);
      case config::CompareTest::Operation::kGreater:
        return truth(order > 0);
      case config::CompareTest::Operation::kAtLeast:
        return truth(order >= 0);
    }
    return Truth::kUndecided;
  }

  Truth operator()(const config::VersionTest& test) const {
    if (!is(Kind::kString)) return Truth::kUndecided;
    const bool wants_at_least = test.operation == config::VersionTest::Operation::kAtLeast;
    if (test.lexicographic) return truth((value->content >= test.version.value) == wants_at_least);
    const auto version = version_parts(value->content);
    if (!version) return Truth::kUndecided;
    return truth(is_version_at_least(*version, *version_parts(test.version.value)) ==
                 wants_at_least);
  }

  Truth operator()(const config::IpInTest& test) const {
    if (!is(Kind::kString)) return Truth::kUndecided;
    const auto address = address_of(value->content);
    if (!address) return Truth::kUndecided;
    return truth(
        std::any_of(test.networks.begin(), test.networks.end(), [&](const config::Text& network) {
          return is_in_network(unmapped(*address), network.value);
        }));
  }
};

// Whether one part is `wanted`; else undecided where one is.
Truth one_of_parts(const config::Condition& condition, const Value& record, Truth wanted,
                   Truth otherwise) {
  Truth all = otherwise;
  for (const config::Condition& part : condition.parts) {
    const Truth truth_of_part = test(part, record);
    if (truth_of_part == wanted) return wanted;
    if (truth_of_part == Truth::kUndecided) all = Truth::kUndecided;
  }
  return all;
}

}  // namespace

Truth test(const config::Condition& condition, const Value& record) {
  switch (condition.kind) {
    case config::Condition::Kind::kAll:
      return one_of_parts(condition, record, Truth::kFalse, Truth::kTrue);
    case config::Condition::Kind::kAny:
      return one_of_parts(condition, record, Truth::kTrue, Truth::kFalse);
    case config::Condition::Kind::kNot: {
      const Truth part = test(condition.parts.at(0), record);
      if (part == Truth::kUndecided) return part;
      return truth(part == Truth::kFalse);
    }
    case config::Condition::Kind::kTest:
      break;
  }
  return std::visit(Test{find(record, condition.field)}, condition.test);
}

bool is_ipv4(const std::string& text) {
  const auto address = address_of(text);
  return address && address->size() == 4;
}

bool is_ipv6(const std::string& text) {
  const auto address = address_of(text);
  return address && address->size() == 16;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

}  // namespace millrace::plan::testing::reference
