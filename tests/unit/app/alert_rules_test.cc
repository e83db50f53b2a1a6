// SPDX-License-Identifier: Apache-2.0
#include "engine/app/alert_rules.h"

#include <string>

#include <gtest/gtest.h>

#include "engine/config/load.h"

namespace millrace::app {
namespace {

using Kind = report::AlertMeasure::Kind;
using report::OutcomeCounts;

config::PipelineConfig config_with(const std::string& alerts) {
  const std::string text =
      "pipeline: p\n"
      "kafka: {bootstrap.servers: 'h:1'}\n"
      "input: {topic: in, group: g}\n"
      "output: {topic: out}\n"
      "dead_letters: discard\n"
      "insights: [{quantiles: {of: a, at: [0.5, 0.99]}, name: q}]\n"
      "alerts:\n" +
      alerts;
  config::Loaded loaded = config::load_text(
      text, "p.yaml", [](const std::string&) -> std::optional<std::string> { return {}; });
  for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << to_string(problem);
  return std::move(loaded.config);
}

TEST(AlertRules, AreThoseOfTheFile) {
  const std::vector<report::AlertRule> rules = alert_rules(config_with(
      "- {name: x, when: dead_letters.share > 5% over 90s, clear: 3%, for: 10s, topic: t}\n"
      "- when: insight q.p99 < -1\n"));

  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].name, "x");
  EXPECT_EQ(rules[0].measure.text, "dead_letters.share");
  EXPECT_EQ(rules[0].measure.kind, Kind::kShare);
  EXPECT_TRUE(rules[0].measure.outcome == &OutcomeCounts::dead_lettered);
  EXPECT_EQ(rules[0].measure.over, std::chrono::seconds{90});
  EXPECT_EQ(rules[0].measure.over_text, "90s");
  EXPECT_TRUE(rules[0].above);
  EXPECT_DOUBLE_EQ(rules[0].threshold, 0.05);
  EXPECT_DOUBLE_EQ(rules[0].clear, 0.03);
  EXPECT_EQ(rules[0].hold, std::chrono::seconds{10});
  EXPECT_EQ(rules[0].topic, "t");
  EXPECT_EQ(rules[1].measure.kind, Kind::kInsight);
  EXPECT_EQ(rules[1].measure.over.count(), 0);
  EXPECT_EQ(rules[1].measure.over_text, "");
  EXPECT_EQ(rules[1].measure.insight, "q");
  EXPECT_DOUBLE_EQ(rules[1].measure.quantile.value_or(0), 0.99);
  EXPECT_FALSE(rules[1].above);
  EXPECT_EQ(rules[1].topic, "");
}

TEST(AlertRules, TakeEachOutcomeAndQuantity) {
  const std::vector<report::AlertRule> rules =
      alert_rules(config_with("- when: consumed.count > 1 over 1m\n"
                              "- when: emitted.rate > 1 over 1m\n"
                              "- when: filtered.share > 1% over 1m\n"
                              "- when: lag > 1\n"));

  ASSERT_EQ(rules.size(), 4U);
  EXPECT_EQ(rules[0].measure.kind, Kind::kCount);
  EXPECT_TRUE(rules[0].measure.outcome == &OutcomeCounts::consumed);
  EXPECT_EQ(rules[1].measure.kind, Kind::kRate);
  EXPECT_TRUE(rules[1].measure.outcome == &OutcomeCounts::emitted);
  EXPECT_EQ(rules[2].measure.kind, Kind::kShare);
  EXPECT_TRUE(rules[2].measure.outcome == &OutcomeCounts::filtered);
  EXPECT_EQ(rules[3].measure.kind, Kind::kLag);
}

TEST(AlertTopics, AreEachNamedOnce) {
  EXPECT_EQ(alert_topics(config_with("- {name: a, when: lag > 1, topic: z}\n"
                                     "- {name: b, when: lag > 2}\n"
                                     "- {name: c, when: lag > 3, topic: y}\n"
                                     "- {name: d, when: lag > 4, topic: z}\n")),
            (std::vector<std::string>{"y", "z"}));
}

}  // namespace
}  // namespace millrace::app
