// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/admin.h"
#include "engine/operate/replay.h"

namespace millrace::operate {

// Back to the input: the record's own bytes, key and headers, with the attempts header, to the
// topic and partition that it came from, with the time of now. Takes no record of a topic that the
// pipeline does not read, whatever the headers of a letter say.
class InputRoute final : public Route {
 public:
  // Looks the input's topics up. An error where one does not exist, or where the input is on
  // another cluster than the dead letters, so that no transaction spans both.
  [[nodiscard]] static base::Result<std::unique_ptr<InputRoute>> create(
      const config::PipelineConfig& config, const kafka::Patience& patience);

  [[nodiscard]] const std::vector<kafka::ProducerOptions::Topic>& topics() const override {
    return topics_;
  }

  base::Status take(const record::InputRecord& record, const Letter& letter,
                    std::vector<record::OutputRecord>& outputs, record::Arena& arena) override;

  void settled(bool /*committed*/) override {}

  [[nodiscard]] std::vector<std::pair<std::string, uint64_t>> counts() const override { return {}; }

 private:
  std::vector<kafka::ProducerOptions::Topic> topics_;
};

}  // namespace millrace::operate
