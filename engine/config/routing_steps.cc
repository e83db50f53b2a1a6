// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>
#include <vector>

#include "engine/config/step_readers.h"

// The steps that name topics: emit and route.
namespace millrace::config {

Step read_emit(const Field& field, const Context& /*context*/) {
  EmitStep step;
  if (field.is(NodeKind::kScalar)) {
    set_if(step.topic, field.topic());
    return step;
  }
  auto map = field.map("a topic, or a map with the key 'topic'");
  if (!map) return step;
  set_if(step.topic, map->require("topic", "write the topic that gets the copies").topic());
  map->finish();
  return step;
}

Step read_route(const Field& field, const Context& context) {
  static constexpr std::string_view kExample =
      "a list such as [{when: {field: country, equals: DE}, topic: orders-de}]";
  RouteStep step;
  const std::vector<Field> items = field.items(kExample);
  for (size_t i = 0; i < items.size(); ++i) {
    auto map = items[i].map("a case, such as {when: {field: country, equals: DE}, topic: de}");
    if (!map) continue;
    RouteStep::Case one;
    const Field when = map->take("when");
    set_if(one.topic, map->require("topic", "write the topic of this case").topic());
    map->finish();
    if (when.present()) {
      one.condition = read_condition(when, context);
    } else if (i + 1 < items.size()) {
      items[i].problem(
          "has a case without 'when' before others, which are never reached; write "
          "'when', or make it the last");
    }
    step.cases.push_back(std::move(one));
  }
  return step;
}

}  // namespace millrace::config
