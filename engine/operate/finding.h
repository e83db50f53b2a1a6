// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace millrace::operate {

// One thing that somebody who looks after a pipeline should know.
struct Finding {
  enum class Weight : uint8_t {
    kGood,
    kUnknown,  // it cannot be asked
    kWarning,  // it works, and may not do so for long
    kError,    // it does not work, or loses something
  };

  Weight weight = Weight::kGood;
  std::string about;      // a word or two: "brokers", "lag"
  std::string text;       // a sentence without a full stop
  std::string todo = {};  // what to do; empty: nothing
};

[[nodiscard]] const char* name_of(Finding::Weight weight);

// A line for each, what to do below it, and how many of each weight at the end.
[[nodiscard]] std::string to_text(const std::vector<Finding>& findings);

// {"version":1,"pipeline":…,"findings":[{"weight","about","text","todo"}]}
[[nodiscard]] std::string to_json(const std::string& pipeline,
                                  const std::vector<Finding>& findings);

[[nodiscard]] bool any_error(const std::vector<Finding>& findings);

}  // namespace millrace::operate
