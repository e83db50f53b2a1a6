// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "engine/config/problems.h"
#include "engine/config/yaml_parser.h"
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

std::string repeated(const std::string& text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(HostileText, AnAliasBombIsStopped) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    text.append(name).append(": &").append(name).append(" [");
    text.append(repeated(before + ", ", 9)).append(before).append("]\n");
  }

  EXPECT_THAT(problems_in(text),
              ElementsAre(HasSubstr("the file has more than 100,000 values (aliases repeat "
                                    "theirs)")));
}

TEST(HostileText, AnAliasBombOfTextIsStopped) {
  const std::string text = "steps:\n- add: {a: &a '" + std::string(1'000'000, 'x') + "', b: [" +
                           repeated("*a,", 50'000) + "*a]}\n";

  EXPECT_THAT(problems_in(smallest_with(text)),
              ElementsAre(HasSubstr("the file has more than 16 MiB of text (aliases repeat "
                                    "theirs)")));
}

TEST(HostileText, ALongVariableInManyPlacesIsStopped) {
  const std::string text = "steps:\n- add: {b: [" + repeated("'${X}',", 1'000) + "1]}\n";

  EXPECT_THAT(problems_in(smallest_with(text), {{"X", std::string(100'000, 'x')}}),
              ElementsAre(HasSubstr("the file has more than 16 MiB of text")));
}

TEST(HostileText, TooManyValuesAreStopped) {
  EXPECT_THAT(problems_in("a: [" + repeated("1,", kNodesMax) + "1]\n"),
              ElementsAre(HasSubstr("p.yaml:1:199999: the file has more than 100,000 values")));
}

TEST(HostileText, DeepNestingIsStopped) {
  for (const std::string open : {"[", "{", "[{", "{a: "}) {
    EXPECT_THAT(problems_in("a: " + repeated(open, 1'000'000)), ElementsAre(HasSubstr("p.yaml:1:")))
        << open;
  }
  for (const std::string open : {"- ", "? ", "a: ", "- a:\n"}) {
    EXPECT_THAT(problems_in(repeated(open, 100'000)), ElementsAre(HasSubstr("p.yaml:"))) << open;
  }
  std::string stairs;
  for (size_t depth = 0; depth < 1'000; ++depth) stairs += std::string(depth, ' ') + "a:\n";
  EXPECT_THAT(problems_in(stairs), ElementsAre(HasSubstr("the values are nested too deeply here")));
}

TEST(HostileText, ManyUnknownKeysAreCutOff) {
  std::string text = kSmallest;
  for (int i = 0; i < 40'000; ++i) text += "unknown_key_" + std::to_string(i) + ": 1\n";

  const auto lines = problems_in(text);

  ASSERT_EQ(lines.size(), 101U);
  EXPECT_EQ(lines.back(), "p.yaml:107:1: more unknown keys follow in the top level");
}

TEST(HostileText, ManyProblemsAreCutOff) {
  const auto lines = problems_in(smallest_with("steps:\n" + repeated("- lowercas: x\n", 20'000)));

  ASSERT_EQ(lines.size(), kProblemsMax + 1);
  EXPECT_EQ(lines.back(), "p.yaml: 19000 more problems");
}

TEST(HostileText, AHugeScalarIsShownShort) {
  const auto lines = problems_in(smallest_with("workers: " + std::string(3'000'000, 'x') + "\n"));

  ASSERT_EQ(lines.size(), 1U);
  EXPECT_LT(lines[0].size(), 300U);
}

// Whatever bytes come: no crash, no hang, and a text with no problems is a usable pipeline.
TEST(HostileText, DamagedFilesAreReadOrRefused) {
  static constexpr std::string_view kLetters = "{}[],:&*!|>'\"%@`#-? \n\t$~<ab0.\\";
  const std::string whole = smallest_with(
      "schema: {type: object, required: [a], properties: {a: {type: [string, 'null']}}}\n"
      "steps:\n"
      "  - keep_if: {field: v, version_at_least: 2.3.0}\n"
      "  - lowercase: [a, b]\n"
      "  - rename: {a: c}\n"
      "  - drop_if: {any: [{field: a.b, in: [1, x]}, {not: {field: ip, ip_in: 10.0.0.0/8}}]}\n"
      "  - stage: {name: s, dead_letters: d, steps: [{trim: 'a[0].b', dead_letters: e}]}\n"
      "  - lookup: {field: a, table: {x: y}, unmapped: null, into: b}\n"
      "  - default: {values: {a: {b: [1]}}, when: absent_or_null}\n"
      "  - mask: {field: a, keep_last: 4}\n"
      "  - explode: {field: ., piece: element}\n"
      "  - route: [{when: {field: a, at_least: 1}, topic: x}, {topic: y}]\n"
      "  - parse_time: {field: t, from: '%F %T', as: unix_seconds, zone: Asia/Tokyo}\n"
      "  - format_time: {field: t, from: unix_seconds, as: rfc3339}\n"
      "  - add: {x: ${X:-1}, now: {now: rfc3339}, y: \"\\u00e4\", z: &z |\n      text\n    }\n"
      "insights: [{count_by: [a, b]}, {top: {of: a, limit: 3, also: {last: t, first: [b, c]}}},\n"
      "  {distinct: a, name: *z}, {distinct: a, by: b, exact_up_to: 5}, {rate: records},\n"
      "  {count: records, of: consumed, when: {field: a, equals: 1}}, {last: a, by: [b, c]},\n"
      "  {quantiles: {of: a, at: [0.5, 0.999]}, after: true}, {sum: a, of: dead_lettered},\n"
      "  {quantiles: {latency_of: t}, from: '%F %T'}, {hours_of_day: t, from: rfc3339}]\n"
      "log: {level: debug}\n");
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread.
  const char* const given_seed = std::getenv("MILLRACE_SEED");
  const std::string seed = given_seed == nullptr ? "1" : given_seed;
  std::mt19937_64 random(std::stoull(seed));
  const auto below = [&random](size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random);
  };
  for (int round = 0; round < 3'000; ++round) {
    std::string text = whole;
    for (size_t change = below(6) + 1; change > 0; --change) {
      const size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text[at] = kLetters[below(kLetters.size())];
          break;
        case 1:
          text.insert(at, 1, kLetters[below(kLetters.size())]);
          break;
        case 2:
          text.erase(at, below(20) + 1);
          break;
        default:
          text.insert(at, text.substr(below(text.size()), below(40)));
      }
    }

    const Loaded loaded = load(text);

    if (!loaded.problems.empty()) continue;
    ASSERT_FALSE(loaded.config.input.group.value.empty()) << "seed " << seed << '\n' << text;
    ASSERT_FALSE(loaded.config.output.topic.value.empty()) << "seed " << seed << '\n' << text;
  }
}

}  // namespace
}  // namespace millrace::config
