// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/config/field_path.h"
#include "tests/unit/plan/reference_json.h"

// Where paths lead in a record of plain values.
namespace millrace::plan::testing::reference {

// nullptr where absent.
[[nodiscard]] const Value* find(const Value& record, const config::FieldPath& path);

// The value at the path, to be changed: what it lies in is no longer as it was written. nullptr
// where absent, and then nothing changes.
[[nodiscard]] Value* find_to_change(Value& record, const config::FieldPath& path);

// The same, but null is put where it is absent, at the end of its object, and so are the objects on
// the way. nullptr where something that is no object is in the way.
[[nodiscard]] Value* find_or_add(Value& record, const config::FieldPath& path);

// The object or array that the last part of the path is looked for in, to be changed. Requires: the
// path leads to something.
[[nodiscard]] Value& parent_to_change(Value& record, const config::FieldPath& path);

}  // namespace millrace::plan::testing::reference
