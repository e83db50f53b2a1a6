// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace millrace::trial {

// One result as JUnit's XML has it. At most one of failure and error is not empty.
struct JunitCase {
  std::string name;
  std::string failure;  // the test failed: why
  std::string error;    // it could not be run: why
};

struct JunitSuite {
  std::string name;
  std::vector<JunitCase> cases;
};

// The whole document, the way that continuous-integration servers read it. What XML cannot hold
// (control characters, bytes that are no UTF-8) becomes U+FFFD. Holds no times, so that the same
// results give the same bytes.
[[nodiscard]] std::string junit_xml(const std::vector<JunitSuite>& suites);

}  // namespace millrace::trial
