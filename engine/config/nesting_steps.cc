// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "engine/config/step_readers.h"

// The steps that take a value out of another: unwrap and explode.
namespace millrace::config {

Step read_unwrap(const Field& field, const Context& /*context*/) {
  UnwrapStep step;
  if (field.is(NodeKind::kScalar)) {
    set_if(step.field, field.field_path(Field::WholeRecord::kAllowed));
    return step;
  }
  auto map = field.map("the path of a field, or a map such as {field: payload, into: data}");
  if (!map) return step;
  const Field from = map->require("field", "write the path of a text that holds JSON, or '.'");
  const Field into = map->take("into");
  set_if(step.field, from.field_path(Field::WholeRecord::kAllowed));
  map->finish();
  if (step.field.text == "." && into.present()) {
    into.problem("cannot stand beside 'field: .': a record that is a text has no members");
  } else {
    step.into = read_into(into, step.field);
  }
  return step;
}

Step read_explode(const Field& field, const Context& /*context*/) {
  ExplodeStep step;
  std::optional<FieldPath> path;
  if (field.is(NodeKind::kScalar)) {
    path = field.field_path(Field::WholeRecord::kAllowed);
  } else {
    auto map = field.map("the path of a list, or a map such as {field: items, piece: element}");
    if (!map) return step;
    path = map->require("field", "write the path of a list, or '.'")
               .field_path(Field::WholeRecord::kAllowed);
    const Field piece = map->take("piece");
    set_if(step.piece,
           piece.choice<ExplodeStep::Piece>({{"record", ExplodeStep::Piece::kRecord},
                                             {"element", ExplodeStep::Piece::kElement}}));
    if (path && path->is_record() && piece.present() && step.piece == ExplodeStep::Piece::kRecord) {
      piece.problem("must be element where the record itself is the list ('field: .')");
    }
    set_if(step.empty,
           map->take("empty").choice<ExplodeStep::Empty>(
               {{"filter", ExplodeStep::Empty::kFilter}, {"reject", ExplodeStep::Empty::kReject}}));
    map->finish();
  }
  if (path && path->is_record()) step.piece = ExplodeStep::Piece::kElement;
  set_if(step.field, std::move(path));
  return step;
}

}  // namespace millrace::config
