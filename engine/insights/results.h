// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/insights/shard.h"
#include "engine/record/json_writer.h"

namespace millrace::insights {

// The results of the insights of a merged state, as the report shows them.
//
// The JSON of an insight is always one of (documented in docs/report.md, stable):
//   {"kind":"count_by","counts":{value: n or, for several fields, nested}}
//   {"kind":"distinct","value":n,"low":n,"high":n,"exact":bool}
//   {"kind":"top","items":[{"key":…,"count":n,"error":n}]}      by count, ties by the key's bytes
//   {"kind":"hours_of_day","counts":{"0":n,…,"23":n}}
// Object members are ordered by the bytes of their names (hours by number), so equal states give
// equal text. `top` over several fields has an array of values as `key`.
//
// A state that met more than limits::kInsightKeysMax different keys kept those that came first, and
// says so: `distinct` is not exact and gives bounds; in `top`, `count` is an upper bound and
// `count - error` a lower one; what count_by did not keep is keys(insight).overflow().
void write_json(const Shard& state, size_t insight, record::JsonWriter& writer);

// Aligned lines for people, each ending in a newline: the insight's name, then its results, at most
// `rows_max` rows of them, then "… and n more". (The 24 hours are always shown.)
[[nodiscard]] std::string to_text(const Shard& state, size_t insight, size_t rows_max);

}  // namespace millrace::insights
