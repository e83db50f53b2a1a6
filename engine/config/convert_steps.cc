// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>

#include "engine/config/json_constant.h"
#include "engine/config/step_readers.h"

// The steps that make a value what it should be, or say that it is not.
namespace millrace::config {
namespace {

// `reject`, or the marker: a text, number, true, false or null. {text: reject} is that very text.
void read_otherwise(const Field& field, ValidIpStep& step) {
  if (!field.present() || field.node().broken) return;
  if (field.is(NodeKind::kScalar) && field.node().text == "reject") return;
  if (field.is(NodeKind::kMap)) {
    auto map = field.map();
    const Field text = map->require("text", "write {text: reject} for the text 'reject'");
    if (auto marker = text.any_text("a text")) step.otherwise = json_string(marker->value);
    map->finish();
  } else if (field.is(NodeKind::kList)) {
    field.expected("'reject', or what the field gets: a text, a number, true, false or null");
  } else {
    step.otherwise = field.json();
  }
}

}  // namespace

Step read_cast(const Field& field, const Context& /*context*/) {
  CastStep step;
  auto map = field.map("a map such as {field: amount, to: float}");
  if (!map) return step;
  set_if(step.field, map->require("field", "write the path of the value").field_path());
  set_if(step.to, map->require("to", "write int, float, bool or string")
                      .choice<CastStep::Type>({{"int", CastStep::Type::kInteger},
                                               {"float", CastStep::Type::kNumber},
                                               {"bool", CastStep::Type::kBoolean},
                                               {"string", CastStep::Type::kString}}));
  map->finish();
  return step;
}

Step read_valid_ip(const Field& field, const Context& /*context*/) {
  ValidIpStep step;
  if (field.is(NodeKind::kScalar)) {
    set_if(step.field, field.field_path());
    return step;
  }
  auto map = field.map("the path of a field, or a map such as {field: ip, version: 4}");
  if (!map) return step;
  set_if(step.field, map->require("field", "write the path of the address").field_path());
  set_if(step.version,
         map->take("version").choice<ValidIpStep::Version>({{"any", ValidIpStep::Version::kAny},
                                                            {"4", ValidIpStep::Version::kV4},
                                                            {"6", ValidIpStep::Version::kV6}}));
  read_otherwise(map->take("otherwise"), step);
  map->finish();
  return step;
}

}  // namespace millrace::config
