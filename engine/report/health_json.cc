// SPDX-License-Identifier: Apache-2.0
#include "engine/report/health_json.h"

#include <chrono>
#include <string>

namespace millrace::report {
namespace {

using record::JsonWriter;

// Of a second; more digits mean nothing here.
constexpr double kTenths = 10;

void write_partition(const PartitionHealth& partition, JsonWriter& writer) {
  writer.begin_object();
  writer.member("topic", partition.id.topic);
  writer.member("partition", partition.id.partition);
  writer.member("status", name_of(partition.status));
  writer.member("reason", partition.reason);
  writer.member("position", partition.position);
  writer.member("lag", partition.lag);
  const std::chrono::duration<double> still = partition.still_for;
  writer.rounded("still_seconds", still.count(), kTenths);
  writer.end_object();
}

}  // namespace

void write_health(const Health& health, JsonWriter& writer) {
  writer.name("health");
  writer.begin_object();
  writer.member("status", name_of(health.status));
  writer.text_or_null("instance", health.instance);
  writer.name("partitions");
  writer.begin_array();
  for (const PartitionHealth& partition : health.partitions) write_partition(partition, writer);
  writer.end_array();
  writer.end_object();
}

}  // namespace millrace::report
