// SPDX-License-Identifier: Apache-2.0
// docs/delivery.md says what each error code means to us; the code must say the same.
#include <cstddef>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "engine/kafka/error_class.h"

namespace millrace::kafka {
namespace {

using Names = std::set<std::string>;

// The words between backticks.
Names quoted(const std::string& cell) {
  Names names;
  size_t begin = cell.find('`');
  while (begin != std::string::npos) {
    const size_t end = cell.find('`', begin + 1);
    if (end == std::string::npos) break;
    EXPECT_TRUE(names.insert(cell.substr(begin + 1, end - begin - 1)).second)
        << "twice in one row: " << cell.substr(begin + 1, end - begin - 1);
    begin = cell.find('`', end + 1);
  }
  return names;
}

// The codes of each row of the tables in the section, by the row's first cell.
std::map<std::string, Names> rows_of(const std::string& section) {
  std::ifstream document(MILLRACE_DOCS_DIR "/delivery.md");
  EXPECT_TRUE(document.is_open());
  std::map<std::string, Names> rows;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("## ")) inside = line == "## " + section;
    if (!inside || !line.starts_with("| ")) continue;
    const size_t first = line.find(" | ", 2);
    const size_t second = line.find(" | ", first + 3);
    if (first == std::string::npos || second == std::string::npos) continue;
    rows[line.substr(2, first - 2)] = quoted(line.substr(first + 3, second - first - 3));
  }
  return rows;
}

// Every code that this librdkafka knows, by the name that users see in logs.
std::map<std::string, int> known_codes() {
  const rd_kafka_err_desc* descriptions = nullptr;
  size_t count = 0;
  rd_kafka_get_err_descs(&descriptions, &count);
  std::map<std::string, int> codes;
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = descriptions[i].code;
    if (descriptions[i].name == nullptr || code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    codes[rd_kafka_err2name(code)] = code;
  }
  return codes;
}

class ErrorTable : public ::testing::Test {
 protected:
  // Names that are in the row and not among the known codes: a slip of the pen, or too new.
  void expect_known(const std::string& row) {
    ASSERT_TRUE(rows_.contains(row)) << "no row '" << row << "'";
    for (const std::string& name : rows_[row])
      EXPECT_TRUE(codes_.contains(name)) << row << " names " << name;
  }

  const std::map<std::string, int> codes_ = known_codes();
  std::map<std::string, Names> rows_ = rows_of("Error codes");
};

TEST_F(ErrorTable, NamesTheClassOfEachCode) {
  ASSERT_GT(codes_.size(), 100U);
  const std::map<ErrorClass, std::string> listed = {{ErrorClass::kRetriable, "retriable"},
                                                    {ErrorClass::kAbort, "abort"},
                                                    {ErrorClass::kUnknown, "unknown outcome"}};
  for (const auto& [kind, row] : listed) expect_known(row);
  ASSERT_TRUE(rows_.contains("fatal"));
  EXPECT_TRUE(rows_["fatal"].empty()) << "all others; a list of them would never be complete";

  for (const auto& [name, code] : codes_) {
    const ErrorClass kind = classify(code);
    for (const auto& [listed_kind, row] : listed)
      EXPECT_EQ(rows_[row].contains(name), kind == listed_kind) << name << " in row " << row;
  }
}

TEST_F(ErrorTable, NamesTheCodesThatAreTreatedApart) {
  for (const char* row : {"a fence", "a person's", "refuses the record", "gives the record up"})
    expect_known(row);

  for (const auto& [name, code] : codes_) {
    EXPECT_EQ(rows_["a fence"].contains(name), is_fence(code)) << name;
    EXPECT_EQ(rows_["a person's"].contains(name), needs_person(code)) << name;
    const bool fatal = classify(code) == ErrorClass::kFatal;
    const bool refused = failure_kind(code) == io::FailureKind::kRefused;
    EXPECT_EQ(rows_["refuses the record"].contains(name), refused && !fatal) << name;
    EXPECT_EQ(rows_["gives the record up"].contains(name), !refused && fatal) << name;
  }
}

}  // namespace
}  // namespace millrace::kafka
