// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace millrace::schema {

struct MetaschemaDocument {
  std::string_view uri;  // absolute, without a fragment
  std::string_view json;
};

// The files of engine/schema/data, built into the program.
extern const std::array<MetaschemaDocument, 10> kMetaschemaDocuments;

}  // namespace millrace::schema
