// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/sections.h"
#include "engine/config/step_config.h"
#include "engine/config/yaml_reader.h"

// The steps, one function per kind. A function gets the value of the step's key and returns what it
// could read; what is wrong is in the problems, and then the result is not for use.
namespace millrace::config {

using Step = decltype(StepConfig::step);

[[nodiscard]] Step read_keep_if(const Field& field, const Context& context);
[[nodiscard]] Step read_drop_if(const Field& field, const Context& context);
[[nodiscard]] Step read_reject_if(const Field& field, const Context& context);

[[nodiscard]] Step read_rename(const Field& field, const Context& context);
[[nodiscard]] Step read_remove(const Field& field, const Context& context);
[[nodiscard]] Step read_keep_only(const Field& field, const Context& context);
[[nodiscard]] Step read_add(const Field& field, const Context& context);
[[nodiscard]] Step read_default(const Field& field, const Context& context);

[[nodiscard]] Step read_lowercase(const Field& field, const Context& context);
[[nodiscard]] Step read_uppercase(const Field& field, const Context& context);
[[nodiscard]] Step read_trim(const Field& field, const Context& context);
[[nodiscard]] Step read_replace(const Field& field, const Context& context);
[[nodiscard]] Step read_lookup(const Field& field, const Context& context);
[[nodiscard]] Step read_cast(const Field& field, const Context& context);
[[nodiscard]] Step read_parse_time(const Field& field, const Context& context);
[[nodiscard]] Step read_format_time(const Field& field, const Context& context);
[[nodiscard]] Step read_valid_ip(const Field& field, const Context& context);
[[nodiscard]] Step read_mask(const Field& field, const Context& context);

[[nodiscard]] Step read_unwrap(const Field& field, const Context& context);
[[nodiscard]] Step read_explode(const Field& field, const Context& context);
[[nodiscard]] Step read_emit(const Field& field, const Context& context);
[[nodiscard]] Step read_route(const Field& field, const Context& context);

// What several kinds read.

[[nodiscard]] Condition read_condition(const Field& field, const Context& context);

[[nodiscard]] std::optional<TimeFormat> read_time_format(const Field& field);

// A problem where times cannot be read by the format: a pattern has to say the day.
void check_readable(const Field& field, const TimeFormat& format);

// "a path, or a list of paths": each once.
[[nodiscard]] std::vector<FieldPath> read_paths(const Field& field);

// The members of a map whose keys are paths: each once. A key that is no path is a problem, and
// left out.
[[nodiscard]] std::vector<std::pair<FieldPath, Field>> read_path_map(const Field& field,
                                                                     std::string_view example,
                                                                     const Context& context);

// `into`: a place of its own, neither `field` nor inside it.
[[nodiscard]] std::optional<FieldPath> read_into(const Field& into, const FieldPath& field);

}  // namespace millrace::config
