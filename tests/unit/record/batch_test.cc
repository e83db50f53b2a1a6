// SPDX-License-Identifier: Apache-2.0
#include "engine/record/batch.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace millrace::record {
namespace {

InputRecord record_at(int64_t offset, std::string_view value) {
  InputRecord record;
  record.offset = base::Offset{offset};
  record.value = Bytes::of(value);
  return record;
}

TEST(Batch, OwnsCopiesOfItsRecords) {
  Batch batch;
  batch.open(base::Offset{0}, 0, {});
  {
    std::string key = "key";
    std::string value = "value";
    std::string name = "name";
    std::string content = "content";
    const std::array headers{Header{name, Bytes::of(content)}, Header{"empty", Bytes::of("")},
                             Header{"null", Bytes()}};
    InputRecord record = record_at(0, value);
    record.key = Bytes::of(key);
    record.timestamp_ms = 123;
    record.headers = headers;
    batch.append(record);
    for (std::string* text : {&key, &value, &name, &content}) text->assign(text->size(), '#');
  }

  const InputRecord& copy = batch.records()[0];
  EXPECT_EQ(copy.key.view(), "key");
  EXPECT_EQ(copy.value.view(), "value");
  EXPECT_EQ(copy.timestamp_ms, 123);
  ASSERT_EQ(copy.headers.size(), 3U);
  EXPECT_EQ(copy.headers[0].name, "name");
  EXPECT_EQ(copy.headers[0].value.view(), "content");
  EXPECT_FALSE(copy.headers[1].value.null());
  EXPECT_TRUE(copy.headers[2].value.null());
  EXPECT_EQ(batch.input_bytes(), 3U + 5 + 4 + 7 + 5 + 4);
}

TEST(Batch, KeepsNullAndEmptyApart) {
  Batch batch;
  batch.open(base::Offset{0}, 0, {});

  InputRecord tombstone = record_at(0, "");
  tombstone.value = Bytes();
  batch.append(tombstone);
  batch.append(record_at(1, ""));

  EXPECT_TRUE(batch.records()[0].value.null());
  EXPECT_FALSE(batch.records()[1].value.null());
  EXPECT_TRUE(batch.records()[1].key.null());
}

TEST(Batch, CountsOffsetsWithoutARecordAsGaps) {
  Batch batch;
  batch.open(base::Offset{10}, 3, {});
  batch.append(record_at(12, "a"));
  batch.append(record_at(13, "b"));
  batch.append(record_at(15, "c"));
  batch.extend(base::Offset{18});

  EXPECT_EQ(batch.partition(), 3);
  EXPECT_EQ(batch.range_begin(), base::Offset{10});
  EXPECT_EQ(batch.range_end(), base::Offset{18});
  EXPECT_EQ(batch.records().size(), 3U);
  EXPECT_EQ(batch.gaps(), 5U);
}

TEST(Batch, MayHoldARangeAndNoRecords) {
  Batch batch;
  batch.open(base::Offset{7}, 0, {});
  EXPECT_EQ(batch.gaps(), 0U);

  batch.extend(base::Offset{9});

  EXPECT_EQ(batch.gaps(), 2U);
}

TEST(Batch, KeepsWhyARecordCannotBeDelivered) {
  Batch batch;
  batch.open(base::Offset{5}, 0, {});
  for (int64_t offset = 5; offset < 8; ++offset) batch.append(record_at(offset, "value"));
  EXPECT_TRUE(batch.undeliverable().empty());
  {
    std::string reason = "too large";
    batch.mark_undeliverable(0, reason);
    batch.mark_undeliverable(2, "");
    reason.assign(reason.size(), '#');
  }

  ASSERT_EQ(batch.undeliverable().size(), 2U);
  EXPECT_EQ(batch.undeliverable()[0].record, 0U);
  EXPECT_EQ(batch.undeliverable()[0].reason, "too large");
  EXPECT_EQ(batch.undeliverable()[1].record, 2U);
  EXPECT_EQ(batch.undeliverable()[1].reason, "");
  batch.reset();
  EXPECT_TRUE(batch.undeliverable().empty());
}

TEST(Batch, IsAsNewAfterReset) {
  Batch batch;
  batch.open(base::Offset{5}, 1, {});
  batch.append(record_at(6, "value"));
  batch.outputs().push_back({});
  batch.outcomes().push_back(Outcome::kEmitted);
  const size_t footprint = batch.footprint();

  batch.reset();

  EXPECT_TRUE(batch.records().empty());
  EXPECT_TRUE(batch.outputs().empty());
  EXPECT_TRUE(batch.outcomes().empty());
  EXPECT_FALSE(batch.range_begin().valid());
  EXPECT_EQ(batch.input_bytes(), 0U);
  EXPECT_EQ(batch.footprint(), footprint);
  const base::WallTime now{std::chrono::microseconds(42)};
  batch.open(base::Offset{100}, 2, now);
  batch.append(record_at(100, "next"));
  EXPECT_EQ(batch.records()[0].value.view(), "next");
  EXPECT_EQ(batch.now(), now);
  EXPECT_EQ(batch.gaps(), 0U);
}

TEST(BatchDeath, RefusesAnOffsetThatItHasPassed) {
  Batch batch;
  batch.open(base::Offset{5}, 0, {});
  batch.append(record_at(6, "value"));

  EXPECT_DEATH(batch.append(record_at(6, "again")), "range_end_");
  EXPECT_DEATH(batch.extend(base::Offset{6}), "range_end_");
}

TEST(BatchDeath, RefusesToMarkWhatItDoesNotHoldAndOutOfOrder) {
  Batch batch;
  batch.open(base::Offset{5}, 0, {});
  batch.append(record_at(5, "value"));
  batch.append(record_at(6, "value"));

  EXPECT_DEATH(batch.mark_undeliverable(2, "why"), "record_index < records_.size");
  batch.mark_undeliverable(1, "why");
  EXPECT_DEATH(batch.mark_undeliverable(1, "again"), "undeliverable_.back");
  EXPECT_DEATH(batch.mark_undeliverable(0, "before"), "undeliverable_.back");
}

TEST(BatchDeath, RefusesToOpenWhatWasNotReset) {
  Batch batch;
  batch.open(base::Offset{5}, 0, {});
  batch.append(record_at(5, "value"));

  EXPECT_DEATH(batch.open(base::Offset{6}, 0, {}), "records_.empty");
}

}  // namespace
}  // namespace millrace::record
