// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/metaschemas.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "engine/schema/metaschema_documents.h"
#include "engine/schema/uri.h"

namespace millrace::schema {
namespace {

TEST(Metaschemas, AreFoundByTheirOwnAddress) {
  simdjson::dom::parser parser;
  for (const MetaschemaDocument& document : kMetaschemaDocuments) {
    SCOPED_TRACE(document.uri);

    const auto json = metaschema(document.uri);

    ASSERT_TRUE(json.has_value());
    std::string_view id;
    ASSERT_EQ(parser.parse(simdjson::padded_string(*json))["$id"].get(id), simdjson::SUCCESS);
    EXPECT_EQ(split_fragment(id).without_fragment, document.uri);
  }
}

TEST(Metaschemas, HaveAllThatTheyReferTo) {
  simdjson::dom::parser parser;
  const std::string uri = "https://json-schema.org/draft/2020-12/schema";
  const simdjson::padded_string json(*metaschema(uri));
  simdjson::dom::array parts;
  ASSERT_EQ(parser.parse(json)["allOf"].get(parts), simdjson::SUCCESS);

  EXPECT_EQ(parts.size(), 7U);
  for (const simdjson::dom::element part : parts) {
    const std::string target = resolve_uri(uri, std::string_view(part["$ref"]));
    EXPECT_TRUE(metaschema(target).has_value()) << target;
  }
}

TEST(Metaschemas, AreOnlyThese) {
  EXPECT_FALSE(metaschema("").has_value());
  EXPECT_FALSE(metaschema("http://json-schema.org/draft-07/schema#").has_value());
  EXPECT_FALSE(metaschema("http://json-schema.org/draft-06/schema").has_value());
  EXPECT_FALSE(metaschema("https://json-schema.org/draft/2020-12/meta/nothing").has_value());
}

}  // namespace
}  // namespace millrace::schema
