// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/config/pipeline_config.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"
#include "engine/record/batch.h"

// What the benchmarks work on: pipelines, records for them, and batches of these.
namespace millrace::bench {

constexpr size_t kRecords = 1000;  // in a batch
constexpr base::WallTime kNow{std::chrono::seconds{1'720'655'268}};

// Ends the program with a sentence where a benchmark's answer is not what it should be.
void check(bool right, std::string_view of);

// Ends the program where the file has problems.
[[nodiscard]] config::PipelineConfig p3_config(bool with_insights);
[[nodiscard]] std::unique_ptr<const plan::Plan> compiled(const config::PipelineConfig& config);

// config/pipelines/p3.yaml: JSON Schema, four steps, dead letters of fields.
[[nodiscard]] std::unique_ptr<const plan::Plan> p3();
// The same with the five insights of the first example.
[[nodiscard]] std::unique_ptr<const plan::Plan> p3_with_insights();
// 50 members, each with a type.
[[nodiscard]] std::unique_ptr<const plan::Plan> wide_plan();
// A nested schema and four steps.
[[nodiscard]] std::unique_ptr<const plan::Plan> order_plan();

// As the generator of user logins sends them, 212 bytes; every user and device is new.
[[nodiscard]] std::string login(size_t number);
// Every second one lacks its device_type, so that P3 makes a dead letter of it.
[[nodiscard]] std::string login_half_bad(size_t number);
// 50 members, 1.2 KB.
[[nodiscard]] std::string wide(size_t number);
// About 5 KB, nested, with nulls.
[[nodiscard]] std::string order(size_t number);

// How what P3 makes of login(1) at kNow begins, to its end.
[[nodiscard]] std::string_view login_out();

[[nodiscard]] std::vector<std::string> records(std::string (*make)(size_t), size_t count,
                                               size_t first = 0);
[[nodiscard]] size_t bytes_of(const std::vector<std::string>& values);

// Copies the records into the batch, which begins at `begin`.
void fill(record::Batch& batch, const std::vector<std::string>& values,
          base::Offset begin = base::Offset{0});

// Without any limit that matters here: a partition for each output topic.
[[nodiscard]] plan::OutputLimits no_limits(const plan::Plan& plan);

}  // namespace millrace::bench
