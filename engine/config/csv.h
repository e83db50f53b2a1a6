// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace millrace::config {

// One row of a CSV text (RFC 4180).
struct CsvRow {
  std::vector<std::string> columns;
  int line = 0;  // where it begins, from 1
};

// Takes rows off a CSV text one after the other: columns between commas, rows end in a line feed
// with or without a carriage return before it, a column in double quotes may hold commas, line ends
// and "" for a quote. Empty lines are left out, as is a byte order mark.
//
// Lifetime: the text outlives the reader. Threading: one thread.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text);

  // Whether there is one more row.
  [[nodiscard]] bool has_next();

  // Requires: has_next(). After an error, which line() tells, the next row is the one that begins
  // on the next line.
  [[nodiscard]] base::Result<CsvRow> next();

  [[nodiscard]] int line() const { return line_; }

 private:
  [[nodiscard]] bool take_line_end();
  [[nodiscard]] base::Result<std::string> take_quoted();
  void skip_line();

  std::string_view rest_;
  int line_ = 1;  // of the first byte of `rest_`
};

}  // namespace millrace::config
