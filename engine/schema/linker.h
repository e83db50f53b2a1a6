// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engine/schema/library.h"
#include "engine/schema/program.h"

namespace millrace::schema {

// Makes what the compiler left ready to run: refuses schemas that call themselves about the same
// value, leaves out what cannot reject, calls what a reference means instead of the reference, and
// sees to it that no record, however deep, nests calls beyond a limit or is asked without end.
class Linker {
 public:
  Linker(Program& program, Library& library) : program_(program), library_(library) {}

  // False, and a problem, where the schema cannot be used.
  [[nodiscard]] bool link();

 private:
  // All subschemas, each after those that it calls about the same value. Empty where there is a
  // circle.
  [[nodiscard]] std::vector<SubschemaId> callees_first();
  [[nodiscard]] std::vector<SubschemaId> in_place_callees(const Subschema& subschema) const;
  void report_circle(SubschemaId id);

  void simplify();
  [[nodiscard]] bool is_trivial(SubschemaId id) const;
  [[nodiscard]] bool is_trivial(const Check& check, const Subschema& subschema) const;
  [[nodiscard]] bool is_trivial(const Members& members) const;

  void replace_references();
  [[nodiscard]] SubschemaId meant(SubschemaId id) const;
  void replace_in(std::vector<SubschemaId>& meant);

  // How deep calls can nest, and how often one value can be asked, on records of `kJsonDepthMax`.
  [[nodiscard]] bool measure();

  struct Measures {
    std::vector<uint32_t> calls;  // by subschema
    std::vector<uint64_t> visits;
  };

  void measure_level(const std::vector<SubschemaId>& order, const Measures& below,
                     Measures& level) const;
  void mark_remembered(const Measures& measures);

  void copy_parts();
  void copy_part(Part& part) const;

  Program& program_;
  Library& library_;
};

}  // namespace millrace::schema
