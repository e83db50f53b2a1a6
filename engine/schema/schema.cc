// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/schema.h"

#include <algorithm>
#include <utility>

#include "engine/schema/compiler.h"
#include "engine/schema/library.h"
#include "engine/schema/linker.h"
#include "engine/schema/program.h"
#include "engine/schema/rule_lister.h"

namespace millrace::schema {
namespace {

bool has_error(const std::vector<Problem>& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return !problem.warning; });
}

// Whether the program is ready to run.
bool build(std::string_view json, const std::string& uri, record::NameTable& names,
           const Options& options, Program& program, std::vector<Problem>& problems) {
  Library library(program, options, problems);
  const std::optional<ValuePlace> root = library.add_root(json, uri);
  if (!root) return false;
  library.resolve_all();
  if (has_error(problems)) return false;
  Compiler compiler(program, library, names);
  if (!compiler.compile(*root)) return false;
  if (!Linker(program, library).link()) return false;
  RuleLister(program, options.objects_only).list();
  return true;
}

}  // namespace

Schema::Schema(std::unique_ptr<const Program> program) : program_(std::move(program)) {}

Schema::~Schema() = default;

const std::vector<std::string>& Schema::rules() const {
  return program_->rules;
}

Compiled compile(std::string_view json, const std::string& uri, record::NameTable& names,
                 const Options& options) {
  Compiled compiled;
  auto program = std::make_unique<Program>();
  // Where the program lies nobody outside knows, and answers do not depend on it.
  program->hash_seed = reinterpret_cast<uintptr_t>(program.get());
  if (build(json, uri, names, options, *program, compiled.problems)) {
    compiled.schema.reset(new Schema(std::move(program)));
  }
  return compiled;
}

}  // namespace millrace::schema
