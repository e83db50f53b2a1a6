// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/limits.h"
#include "engine/config/sections.h"
#include "engine/config/topic_pattern.h"

namespace millrace::config {
namespace {

// A topic that the pipeline writes to, and the words for the key that names it.
struct Written {
  enum class What { kOutput, kRoute, kEmit, kDeadLetters, kInsight, kAlert, kReplay, kState };

  const Text& topic;
  What what;
  std::string key;
};

std::string of_step(const std::string& key, const StepConfig& step) {
  return "'" + key + "' of step " + std::to_string(step.number);
}

void add_topics_of(const StepConfig& step, std::vector<Written>& written) {
  if (const auto* const emit = std::get_if<EmitStep>(&step.step)) {
    written.push_back(Written{emit->topic, Written::What::kEmit, of_step("emit", step)});
  } else if (const auto* const route = std::get_if<RouteStep>(&step.step)) {
    for (const RouteStep::Case& one : route->cases) {
      written.push_back(Written{one.topic, Written::What::kRoute, of_step("route", step)});
    }
  }
  // The topic of a stage is that of each of its steps: the same place and words, so one problem.
  if (step.dead_letters) {
    written.push_back(Written{*step.dead_letters, Written::What::kDeadLetters, "'dead_letters'"});
  }
}

// Topics that could not be read are empty, and reported already.
std::vector<Written> topics_of(const PipelineConfig& config) {
  std::vector<Written> written;
  written.push_back(Written{config.output.topic, Written::What::kOutput, "'output.topic'"});
  written.push_back(
      Written{config.dead_letters.topic, Written::What::kDeadLetters, "'dead_letters.topic'"});
  written.push_back(Written{config.dead_letters.parking_topic, Written::What::kReplay,
                            "'dead_letters.parking_topic'"});
  written.push_back(Written{config.dead_letters.progress_topic, Written::What::kReplay,
                            "'dead_letters.progress_topic'"});
  for (const StepConfig& step : config.steps) add_topics_of(step, written);
  for (const InsightConfig& insight : config.insights) {
    if (!insight.topic) continue;
    written.push_back(Written{insight.topic->topic, Written::What::kInsight,
                              "'topic' of insight " + insight.name});
  }
  for (const AlertConfig& alert : config.alerts) {
    if (!alert.topic) continue;
    written.push_back(
        Written{*alert.topic, Written::What::kAlert, "'topic' of alert " + alert.name});
  }
  if (config.state.durable) {
    written.push_back(Written{config.state.topic, Written::What::kState, "'state.topic'"});
  }
  const auto is_empty = [](const Written& one) { return one.topic.value.empty(); };
  std::vector<Written> named;
  std::remove_copy_if(written.begin(), written.end(), std::back_inserter(named), is_empty);
  return named;
}

class InputTopics {
 public:
  explicit InputTopics(const InputConfig& input) {
    for (const Text& topic : input.topics) names_.insert(topic.value);
    if (!input.pattern) return;
    auto pattern = TopicPattern::compile(input.pattern->value);
    if (pattern.ok()) pattern_ = std::move(pattern.value());
  }

  [[nodiscard]] bool contains(const std::string& topic) const {
    return names_.contains(topic) || (pattern_ && pattern_->matches(topic));
  }

 private:
  std::set<std::string> names_;
  std::optional<TopicPattern> pattern_;
};

bool is_of_records(Written::What what) {
  return what != Written::What::kInsight && what != Written::What::kAlert &&
         what != Written::What::kReplay && what != Written::What::kState;
}

// Of the topics of records.
void check_count(const std::vector<Written>& written, Problems& problems) {
  std::set<std::string> names;
  for (const Written& one : written) {
    if (!is_of_records(one.what)) continue;
    names.insert(one.topic.value);
    if (names.size() <= base::limits::kOutputTopicsMax) continue;
    problems.add(one.topic.place,
                 "this is the 201st topic that the pipeline writes to; 200 at "
                 "most");
    return;
  }
}

// What goes to a topic once, and after a crash goes on where it was, is a part of the state.
void check_durable(const PipelineConfig& config, Problems& problems) {
  if (config.state.durable) return;
  const auto refuse = [&problems](const Text& topic, const std::string& whose) {
    problems.add(topic.place,
                 whose +
                     " has a topic, and 'state.durable' is false; what goes to a topic exactly "
                     "once needs durable state: leave out one of the two");
  };
  for (const InsightConfig& insight : config.insights) {
    if (insight.topic) refuse(insight.topic->topic, "insight " + insight.name);
  }
  for (const AlertConfig& alert : config.alerts) {
    if (alert.topic) refuse(*alert.topic, "alert " + alert.name);
  }
}

}  // namespace

void check_topics(const PipelineConfig& config, Problems& problems) {
  static_assert(base::limits::kOutputTopicsMax == 200, "The message below says 200.");
  const std::vector<Written> written = topics_of(config);
  const InputTopics inputs(config.input);
  std::set<std::string> good;
  std::set<std::string> dead;
  std::set<std::string> insights;
  std::set<std::string> others;  // all but that of the state
  for (const Written& one : written) {
    if (one.what == Written::What::kState) continue;
    const bool is_dead = one.what == Written::What::kDeadLetters;
    if (is_dead) dead.insert(one.topic.value);
    if (is_of_records(one.what) && !is_dead) good.insert(one.topic.value);
    if (one.what == Written::What::kInsight) insights.insert(one.topic.value);
    others.insert(one.topic.value);
  }
  for (const Written& one : written) {
    const std::string& topic = one.topic.value;
    const auto problem = [&problems, &one, &topic](const std::string& rest) {
      problems.add(one.topic.place, one.key + " is " + in_quotes(topic) + ", which is " + rest);
    };
    if (inputs.contains(topic)) {
      problem("an input topic too; its records would go round for ever");
    } else if (one.what == Written::What::kState && others.contains(topic)) {
      problem("a topic of records too; the state of the insights needs one for itself");
    } else if (one.what == Written::What::kInsight &&
               (good.contains(topic) || dead.contains(topic))) {
      problem("a topic of records too; what is counted would stand among them");
    } else if (one.what == Written::What::kAlert &&
               (good.contains(topic) || dead.contains(topic))) {
      problem("a topic of records too; alerts would stand among them");
    } else if (one.what == Written::What::kReplay &&
               (good.contains(topic) || dead.contains(topic) || insights.contains(topic))) {
      problem("another topic of the pipeline too; what a replay sets aside would stand in it");
    } else if (one.what == Written::What::kAlert && insights.contains(topic)) {
      problem("an insight's topic too; alerts would stand among its records");
    } else if (one.what == Written::What::kDeadLetters && topic == config.output.topic.value) {
      problem("the output topic too; rejected records would stand among the good ones");
    } else if (one.what == Written::What::kDeadLetters && good.contains(topic)) {
      problem("a topic of good records too; rejected records would stand among them");
    } else if (one.what == Written::What::kEmit && topic == config.output.topic.value) {
      problem("the output topic too; a record would stand there twice");
    }
  }
  const DeadLettersConfig& letters = config.dead_letters;
  if (!letters.parking_topic.value.empty() &&
      letters.parking_topic.value == letters.progress_topic.value) {
    problems.add(letters.parking_topic.place,
                 "'dead_letters.parking_topic' and "
                 "'dead_letters.progress_topic' are one topic; name "
                 "two");
  }
  check_count(written, problems);
  check_durable(config, problems);
}

}  // namespace millrace::config
