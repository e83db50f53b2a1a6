// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/admin.h"

namespace millrace::kafka {

// What the user of a pipeline's input may do, as far as Kafka tells without its being done: nothing
// is written, joined or committed. (Whether a topic may be written to is told by writing only.)
//
// Threading: one thread at a time. Every question waits for up to the time given; errors are
// sentences without a full stop, and last_error() has their code (error_class.h).
class Access {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<Access>> create(
      const config::KafkaConfig& kafka);

  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;
  ~Access();

  // Whether records of the topic may be read: asks for those behind its end. Requires: it exists.
  base::Status may_read(const std::string& topic, std::chrono::milliseconds wait);

  // Whether the group's committed offsets may be read.
  base::Status may_read_group(const std::string& group, std::chrono::milliseconds wait);

  // Whether the brokers would make the topic: lets them look at the request, and do nothing. Good
  // where the topic is there already.
  base::Status may_create(const NewTopic& topic, std::chrono::milliseconds wait);

  [[nodiscard]] int last_error() const;

 private:
  class Impl;
  explicit Access(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
