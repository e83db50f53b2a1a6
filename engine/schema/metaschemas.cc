// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/metaschemas.h"

#include "engine/schema/metaschema_documents.h"

namespace millrace::schema {

std::optional<std::string_view> metaschema(std::string_view uri) noexcept {
  for (const MetaschemaDocument& document : kMetaschemaDocuments) {
    if (document.uri == uri) return document.json;
  }
  return std::nullopt;
}

}  // namespace millrace::schema
