// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/record/bytes.h"
#include "engine/record/names.h"

namespace millrace::operate {

// A record's value without its content, as record/masked_json.h masks it, cut to some 200 bytes:
// `names` are the member names that the pipeline mentions, which stay. Of what is no JSON, or
// large, its size.
[[nodiscard]] std::string masked_value(record::Bytes value, const record::NameTable& names);

}  // namespace millrace::operate
