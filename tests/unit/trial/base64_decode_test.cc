// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/base64_decode.h"

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "engine/record/base64.h"

namespace millrace::trial {
namespace {

TEST(Base64Decode, ReadsTheVectorsOfTheStandard) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
}

TEST(Base64Decode, TakesTextWithoutPaddingAndOverLines) {
  EXPECT_EQ(decode_base64("Zm8"), "fo");
  EXPECT_EQ(decode_base64("Zm9v\n YmFy\n"), "foobar");
}

TEST(Base64Decode, RefusesWhatNoEncoderWrites) {
  for (const char* text :
       {"Z", "Zm9vY", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v=", "Zg==Zg==", "Zm-_", "=", "*"})
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
}

TEST(Base64Decode, IsTheInverseOfEncoding) {
  std::string bytes;
  for (int length = 0; length < 260; ++length) {
    std::string encoded;
    record::append_base64(bytes, encoded);

    EXPECT_EQ(decode_base64(encoded), bytes) << length;

    bytes += static_cast<char>(length);
  }
}

}  // namespace
}  // namespace millrace::trial
