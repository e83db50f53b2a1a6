// SPDX-License-Identifier: Apache-2.0
#include "engine/report/health_json.h"

#include <chrono>
#include <cmath>
#include <string>

namespace millrace::report {
namespace {

using record::JsonWriter;

// Of a second; more digits mean nothing here.
constexpr double kTenths = 10;

void write_partition(const PartitionHealth& partition, JsonWriter& writer) {
  writer.begin_object();
  writer.name("topic");
  writer.string(partition.id.topic);
  writer.name("partition");
  writer.number(partition.id.partition);
  writer.name("status");
  writer.string(name_of(partition.status));
  writer.name("reason");
  writer.string(partition.reason);
  writer.name("position");
  if (partition.position.valid()) {
    writer.number(partition.position.value);
  } else {
    writer.null();
  }
  writer.name("lag");
  if (partition.lag) {
    writer.number(*partition.lag);
  } else {
    writer.null();
  }
  writer.name("still_seconds");
  const std::chrono::duration<double> still = partition.still_for;
  writer.number(std::round(still.count() * kTenths) / kTenths);
  writer.end_object();
}

}  // namespace

void write_health(const Health& health, JsonWriter& writer) {
  writer.name("health");
  writer.begin_object();
  writer.name("status");
  writer.string(name_of(health.status));
  writer.name("instance");
  if (health.instance.empty()) {
    writer.null();
  } else {
    writer.string(health.instance);
  }
  writer.name("partitions");
  writer.begin_array();
  for (const PartitionHealth& partition : health.partitions) write_partition(partition, writer);
  writer.end_array();
  writer.end_object();
}

}  // namespace millrace::report
