// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <regex.h>
#include <string>
#include <utility>

#include "engine/base/result.h"

namespace millrace::config {

// A pattern of topic names, matched as librdkafka does on Linux: POSIX extended.
class TopicPattern {
 public:
  // An error where the pattern does not begin with '^' (librdkafka would take it for a name), does
  // not compile, or would take memory without measure.
  [[nodiscard]] static base::Result<TopicPattern> compile(const std::string& pattern);

  [[nodiscard]] bool matches(const std::string& topic) const;

 private:
  struct Free {
    void operator()(regex_t* regex) const;
  };

  explicit TopicPattern(std::unique_ptr<regex_t, Free> regex) : regex_(std::move(regex)) {}

  std::unique_ptr<regex_t, Free> regex_;
};

}  // namespace millrace::config
