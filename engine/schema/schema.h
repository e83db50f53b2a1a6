// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/record/document.h"
#include "engine/record/names.h"

// JSON Schema (draft 2020-12 and draft-07), compiled once into a form that checks records at line
// rate: names are numbers, patterns are compiled, references are resolved, and what one schema
// object asks of a value is one small program.
namespace millrace::schema {

enum class Draft : uint8_t {
  k202012,  // NOLINT(readability-identifier-naming): the name of the draft
  k7,
};

struct Options {
  Draft draft = Draft::k202012;  // where a document does not say by "$schema"
  bool assert_formats = false;   // else `format` is an annotation
  bool objects_only = false;     // nothing but objects is checked: that alone is no rule then
  // The text of the document at an absolute URI without a fragment; nothing where there is none.
  // The metaschemas are built in and never asked for.
  std::function<std::optional<std::string>(const std::string& uri)> fetch;
};

// Something wrong with a schema document, or (a warning) worth a second look.
struct Problem {
  std::string uri;      // of the document, as it was given or fetched
  std::string pointer;  // JSON Pointer of the place in it
  size_t offset = 0;    // of the place in the document's text
  std::string message;
  bool warning = false;
};

struct Program;  // what compilation makes; internal to this folder

// A compiled schema. Immutable, shared by all workers.
class Schema {
 public:
  ~Schema();
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  // Every rule that can reject a value, by its bounded id: the JSON Pointer of the keyword in the
  // root document, with the name for `required` ("/required/device_type",
  // "/properties/timestamp/type"); rules of other documents have their URI and '#' before it.
  [[nodiscard]] const std::vector<std::string>& rules() const;

  [[nodiscard]] const Program& program() const { return *program_; }

 private:
  friend struct Compiled compile(std::string_view json, const std::string& uri,
                                 record::NameTable& names, const Options& options);
  explicit Schema(std::unique_ptr<const Program> program);

  std::unique_ptr<const Program> program_;
};

// What compile() made: a schema where no problem is an error.
struct Compiled {
  std::unique_ptr<const Schema> schema;
  std::vector<Problem> problems;
};

// Compiles the schema document `json` (JSON text), whose address is `uri` (absolute, or empty).
// Names of members that it speaks of are interned in `names`, which outlives the schema. Keywords
// that the specification does not define are annotations and a warning that names the nearest; one
// that it defines and that cannot be asserted here (a pattern that RE2 cannot express, an unknown
// `$vocabulary` that is required) is an error.
[[nodiscard]] Compiled compile(std::string_view json, const std::string& uri,
                               record::NameTable& names, const Options& options);

// What a value broke, for its dead letter.
struct Failure {
  uint32_t rule = 0;                          // index into Schema::rules()
  record::NodeIndex value = record::kNoNode;  // the value that broke it
  std::string sentence;  // holds the value: 'ios' is not one of ['android', 'iOS']
};

// Checks documents. Holds a worker's scratch.
// Threading: one worker. Lifetime: the schema outlives it.
class Checker {
 public:
  explicit Checker(const Schema& schema);
  ~Checker();
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  // Whether the document, unedited, is valid. The hot path: no allocation in the steady state.
  [[nodiscard]] bool valid(const record::Document& document) noexcept;

  // The first rule that an invalid document breaks: at each value what is said of it itself, in the
  // schema's order (type, required, enum, …), comes before what is said of its members and
  // elements. What speaks only of kinds that `type` forbids says nothing. Requires:
  // !valid(document).
  void explain(const record::Document& document, Failure& failure) noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::schema
