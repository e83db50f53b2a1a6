// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/config/sections.h"

namespace millrace::config {
namespace {

// keep, none, {field: PATH}, or a path alone.
void read_key(const Field& field, OutputConfig& output) {
  static constexpr std::string_view kExpectation = "keep, none, a field, or {field: PATH}";
  std::optional<FieldPath> path;
  if (field.is(NodeKind::kMap)) {
    auto map = field.map(kExpectation);
    if (!map) return;
    path = map->require("field", "name the field whose value becomes the key").field_path();
    map->finish();
  } else {
    const auto text = field.text(kExpectation);
    if (!text || text->value == "keep") return;
    if (text->value == "none") {
      output.key = OutputKey::kNone;
      return;
    }
    path = field.field_path();
  }
  if (!path) return;
  output.key = OutputKey::kField;
  output.key_field = std::move(*path);
}

}  // namespace

OutputConfig read_output(const Field& field) {
  OutputConfig output;
  auto map = field.map();
  if (!map) return output;
  map->not_yet({"spacing", "max_expansion"});
  set_if(output.topic, map->require("topic", "write the topic that good records go to").topic());
  read_key(map->take("key"), output);
  set_if(output.headers, map->take("headers").choice<bool>({{"keep", true}, {"drop", false}}));
  set_if(output.timestamp, map->take("timestamp")
                               .choice<OutputTimestamp>({{"now", OutputTimestamp::kNow},
                                                         {"record", OutputTimestamp::kRecord}}));
  set_if(output.partition,
         map->take("partition")
             .choice<OutputPartition>({{"by_key", OutputPartition::kByKey},
                                       {"same_as_input", OutputPartition::kSameAsInput},
                                       {"round_robin", OutputPartition::kRoundRobin}}));
  set_if(output.encoding, map->take("encoding")
                              .choice<OutputEncoding>({{"compact", OutputEncoding::kCompact},
                                                       {"spaced", OutputEncoding::kSpaced}}));
  map->finish();
  return output;
}

}  // namespace millrace::config
