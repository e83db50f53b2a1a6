// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace millrace::report {

// docs/report.md, which shows the example's report and must not fall behind it.
inline std::string report_document() {
  std::ifstream file(MILLRACE_REPORT_DOCUMENT);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace millrace::report
