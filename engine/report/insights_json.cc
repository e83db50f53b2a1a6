// SPDX-License-Identifier: Apache-2.0
#include "engine/report/insights_json.h"

#include "engine/record/json_writer.h"
#include "engine/report/counted_json.h"

namespace millrace::report {

std::string insights_to_json(std::string_view pipeline, int64_t time_ms, bool durable,
                             const std::vector<insights::Result>& results) {
  record::JsonWriter writer;
  writer.begin_object();
  writer.member("pipeline", pipeline);
  writer.member("time_ms", time_ms);
  writer.member("durable", durable);
  write_insights(results, writer);
  writer.end_object();
  return writer.take();
}

}  // namespace millrace::report
