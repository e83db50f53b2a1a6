// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "engine/base/result.h"

namespace millrace::schema {

// A regular expression with the meaning that ECMA-262 gives it under the flag u, which is what
// `pattern` and `patternProperties` of JSON Schema speak of. Runs in time linear in the text, on
// RE2 or, where that is provably the same, on a LinearPattern.
//
// One thing is read more generously than under u: what can mean only one thing does so, that is
// `\-` and other escaped punctuation, and the literals `{`, `}` and `]` where they open or close
// nothing.
//
// Threading: immutable after compile(), used by all workers.
class EcmaPattern {
 public:
  ~EcmaPattern();
  EcmaPattern(const EcmaPattern&) = delete;
  EcmaPattern& operator=(const EcmaPattern&) = delete;

  // An error names what is wrong and its offset in bytes: a mistake of syntax; what RE2 cannot
  // express (look-around, back-references, some Unicode properties, more than 1,000 repetitions);
  // or a pattern that needs more memory than a pattern may have.
  [[nodiscard]] static base::Result<std::unique_ptr<const EcmaPattern>> compile(
      std::string_view pattern);

  // Whether the pattern occurs anywhere in the text. Requires: text is UTF-8.
  [[nodiscard]] bool found_in(std::string_view text) const noexcept;

  // Whether the pattern runs without an automaton (for tests and benchmarks).
  [[nodiscard]] bool is_linear() const noexcept;

 private:
  class Impl;
  explicit EcmaPattern(std::unique_ptr<const Impl> impl);

  std::unique_ptr<const Impl> impl_;
};

}  // namespace millrace::schema
