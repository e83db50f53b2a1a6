// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/one_step.h"

namespace millrace::config {
namespace {

TEST(UnwrapStep, TakesAPathOrTheRecord) {
  EXPECT_EQ(only_step<UnwrapStep>("unwrap: a.payload").field.text, "a.payload");
  EXPECT_TRUE(only_step<UnwrapStep>("unwrap: .").field.is_record());
  EXPECT_TRUE(only_step<UnwrapStep>("unwrap: {field: .}").field.is_record());
  const auto step = only_step<UnwrapStep>("unwrap: {field: a, into: b}");
  EXPECT_EQ(step.field.text, "a");
  EXPECT_EQ(step.into->text, "b");
}

TEST(UnwrapStep, OtherValuesAreErrors) {
  EXPECT_THAT(step_problems("unwrap: {field: ., into: a}"),
              ElementsAre("p.yaml:8:30: 'unwrap.into' cannot stand beside 'field: .': a record "
                          "that is a text has no members"));
  EXPECT_THAT(step_problems("unwrap: {field: a, into: .}"),
              ElementsAre("p.yaml:8:30: 'unwrap.into' must be the path of a field, such as "
                          "user.city, not '.', the record itself"));
  EXPECT_THAT(step_problems("unwrap: {field: a, into: 'a[0]'}"),
              ElementsAre("p.yaml:8:30: 'unwrap.into' lies inside of the field 'a'; name a place "
                          "outside of it"));
  EXPECT_THAT(step_problems("unwrap: {into: b}"),
              ElementsAre("p.yaml:8:5: the key 'field' is missing in 'unwrap'; write the path of a "
                          "text that holds JSON, or '.'"));
  EXPECT_THAT(step_problems("unwrap: [a]"),
              ElementsAre("p.yaml:8:13: 'unwrap' must be the path of a field, or a map such as "
                          "{field: payload, into: data}, not a list"));
}

TEST(ExplodeStep, MakesRecordsOfElements) {
  const auto step = only_step<ExplodeStep>("explode: items");
  EXPECT_EQ(step.field.text, "items");
  EXPECT_EQ(step.piece, ExplodeStep::Piece::kRecord);
  EXPECT_EQ(step.empty, ExplodeStep::Empty::kFilter);
  const auto other = only_step<ExplodeStep>("explode: {field: a.b, piece: element, empty: reject}");
  EXPECT_EQ(other.field.text, "a.b");
  EXPECT_EQ(other.piece, ExplodeStep::Piece::kElement);
  EXPECT_EQ(other.empty, ExplodeStep::Empty::kReject);
}

TEST(ExplodeStep, OfTheRecordGivesItsElements) {
  EXPECT_TRUE(only_step<ExplodeStep>("explode: .").field.is_record());
  EXPECT_EQ(only_step<ExplodeStep>("explode: .").piece, ExplodeStep::Piece::kElement);
  EXPECT_EQ(only_step<ExplodeStep>("explode: {field: ., empty: filter}").piece,
            ExplodeStep::Piece::kElement);
  EXPECT_THAT(step_problems("explode: {field: ., piece: record}"),
              ElementsAre("p.yaml:8:32: 'explode.piece' must be element where the record itself is "
                          "the list ('field: .')"));
}

TEST(ExplodeStep, OtherValuesAreErrors) {
  EXPECT_THAT(step_problems("explode: {piece: part, empty: drop}"),
              ElementsAre("p.yaml:8:5: the key 'field' is missing in 'explode'; write the path of "
                          "a list, or '.'",
                          "p.yaml:8:22: 'explode.piece' must be record or element, not 'part'",
                          "p.yaml:8:35: 'explode.empty' must be filter or reject, not 'drop'"));
  EXPECT_THAT(step_problems("explode: [a]"),
              ElementsAre("p.yaml:8:14: 'explode' must be the path of a list, or a map such as "
                          "{field: items, piece: element}, not a list"));
}

}  // namespace
}  // namespace millrace::config
