// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/config/place.h"
#include "engine/record/outcome.h"

// A test case of a pipeline as it stands in a case file; docs/testing.md has the format.
//
// Lifetime: plain values.
namespace millrace::trial {

// Bytes that may be missing: a null key, a tombstone, a header without a value.
using OptionalBytes = std::optional<std::string>;

struct CaseHeader {
  std::string name;
  OptionalBytes value;
};

// The record that goes in.
struct CaseRecord {
  OptionalBytes value;
  OptionalBytes key;
  std::vector<CaseHeader> headers;
  std::optional<int64_t> timestamp_ms;  // none: the case's now
  std::optional<std::string> topic;     // none: the pipeline's first input topic
  int32_t partition = 0;
  int64_t offset = 0;
};

// What a value must be. kJson: equal as JSON (members in any order, strings by their content,
// numbers digit by digit); kText: these bytes.
struct ExpectedValue {
  enum class Kind { kAnything, kJson, kText, kTombstone };
  Kind kind = Kind::kAnything;
  std::string text;
};

// What must come out. What a case does not mention is not looked at.
struct ExpectedOutput {
  ExpectedValue value;
  std::optional<OptionalBytes> key;
  std::vector<CaseHeader> headers;  // each is there; without a value: is not, or is null
  std::optional<std::string> topic;
  std::optional<int32_t> partition;
};

struct Expectation {
  record::Outcome outcome = record::Outcome::kEmitted;
  // Of an emitted record: itself, or its one piece. Of a rejected one: its dead letter.
  std::optional<ExpectedOutput> output;
  // All that was written, in order: copies, pieces and the dead letter.
  std::optional<std::vector<ExpectedOutput>> outputs;
  std::string reason;  // of a rejected record
  std::optional<std::string> reason_text;
};

struct Case {
  std::string name;
  config::Place place;
  base::WallTime now;
  CaseRecord record;
  Expectation expectation;
};

// The cases are only usable where there are no problems.
struct CaseFile {
  std::string path;
  std::vector<Case> cases;
  std::vector<config::Problem> problems;
};

}  // namespace millrace::trial
