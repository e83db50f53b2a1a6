// SPDX-License-Identifier: Apache-2.0
#include "engine/config/csv.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace millrace::config {

CsvReader::CsvReader(std::string_view text) : rest_(text) {
  if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
}

bool CsvReader::has_next() {
  while (take_line_end()) {
  }
  return !rest_.empty();
}

base::Result<CsvRow> CsvReader::next() {
  MILLRACE_CHECK(!rest_.empty());
  CsvRow row{{}, line_};
  do {
    if (rest_.starts_with('"')) {
      auto column = take_quoted();
      if (!column.ok()) {
        skip_line();
        return column.error();
      }
      row.columns.push_back(std::move(column.value()));
    } else {
      const std::string_view column = rest_.substr(0, rest_.find_first_of(",\r\n\""));
      rest_.remove_prefix(column.size());
      row.columns.emplace_back(column);
    }
    if (rest_.empty() || take_line_end()) return row;
    if (!rest_.starts_with(',')) {
      const bool is_return = rest_.starts_with('\r');
      skip_line();
      return base::Error{is_return ? "a carriage return stands without a line feed"
                                   : "a double quote must begin and end a column; inside of one it "
                                     "is written twice"};
    }
    rest_.remove_prefix(1);
  } while (true);
}

bool CsvReader::take_line_end() {
  const size_t size = rest_.starts_with("\r\n") ? 2 : 1;
  if (size == 1 && !rest_.starts_with('\n')) return false;
  rest_.remove_prefix(size);
  ++line_;
  return true;
}

base::Result<std::string> CsvReader::take_quoted() {
  rest_.remove_prefix(1);
  std::string column;
  while (true) {
    const size_t quote = rest_.find('"');
    if (quote == std::string_view::npos) {
      rest_ = {};
      return base::Error{"a double quote is not closed"};
    }
    const std::string_view part = rest_.substr(0, quote);
    line_ += static_cast<int>(std::count(part.begin(), part.end(), '\n'));
    column += part;
    rest_.remove_prefix(quote + 1);
    if (!rest_.starts_with('"')) return column;
    column += '"';
    rest_.remove_prefix(1);
  }
}

void CsvReader::skip_line() {
  const size_t end = rest_.find('\n');
  if (end == std::string_view::npos) {
    rest_ = {};
    return;
  }
  rest_.remove_prefix(end + 1);
  ++line_;
}

}  // namespace millrace::config
