// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/record/document.h"
#include "engine/record/outcome.h"

namespace millrace::plan {

// Why a record was rejected.
struct Rejection {
  std::string_view rule;           // "schema:/required/device_type", "step:3:cast"
  std::string_view text;           // a sentence that may hold the value
  std::string_view value_pointer;  // JSON Pointer of the value that it is about; "" is the record
};

// Looks on while a Processor works, for `test` and `try`; `run` has none. Called on the worker's
// thread; what it is given stays only during the call.
class Observer {
 public:
  virtual ~Observer() = default;

  virtual void on_record(size_t index) = 0;

  // The record is parsed, and valid by the schema where there is one.
  virtual void on_checked(const record::Document& document) = 0;

  // A step is done with a record, or with a piece of one; `step` is its index in the plan's list
  // (config::PipelineConfig::steps). `effect`: it changed, filtered, rejected, sent or routed
  // something.
  virtual void on_step(size_t step, const record::Document& document, bool effect) = 0;

  virtual void on_rejected(const Rejection& rejection) = 0;

  virtual void on_outcome(size_t index, record::Outcome outcome) = 0;
};

}  // namespace millrace::plan
