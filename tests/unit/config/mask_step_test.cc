// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/one_step.h"

namespace millrace::config {
namespace {

using How = MaskStep::How;

MaskStep mask(const std::string& how) {
  return only_step<MaskStep>("mask: {field: user.ip, " + how + "}");
}

TEST(MaskStep, HasOneWay) {
  EXPECT_EQ(mask("drop: true").how, How::kDrop);
  EXPECT_EQ(mask("drop: true").field.text, "user.ip");
  EXPECT_EQ(mask("with: x").how, How::kText);
  EXPECT_EQ(mask("with: '***'").text, "\"***\"");
  EXPECT_EQ(mask("with: ''").text, "\"\"");
  EXPECT_EQ(mask("with: 1").text, "\"1\"");
  EXPECT_EQ(mask("keep_last: 4").how, How::kKeepLast);
  EXPECT_EQ(mask("keep_last: 4").keep_last, 4U);
  EXPECT_EQ(mask("sha256: true").how, How::kSha256);
}

TEST(MaskStep, TheKeyComesFromTheEnvironment) {
  const auto step = only_step<MaskStep>("mask: {field: a, hmac_sha256: {key_environment: K}}",
                                        {{"K", "0123456789abcdef"}});

  EXPECT_EQ(step.how, How::kHmacSha256);
  EXPECT_EQ(step.key, "0123456789abcdef");
}

TEST(MaskStep, TheKeyComesFromAFileWithoutItsLineEnd) {
  const TemporaryFolder folder;
  for (const std::string end : {"", "\n", "\r\n"}) {
    folder.write("key", "0123456789abcdef" + end);
    folder.write("p.yaml", with_step("mask: {field: a, hmac_sha256: {key_file: key}}"));

    const Loaded loaded = load_file(folder.path("p.yaml"), environment({}));

    ASSERT_THAT(lines_of(loaded), IsEmpty());
    EXPECT_EQ(std::get<MaskStep>(loaded.config.steps.at(0).step).key, "0123456789abcdef");
  }
}

TEST(MaskStep, AShortKeyIsAnErrorThatDoesNotShowIt) {
  EXPECT_THAT(step_problems("mask: {field: a, hmac_sha256: {key_environment: K}}",
                            {{"K", "0123456789abcde"}}),
              ElementsAre("p.yaml:8:53: 'mask.hmac_sha256.key_environment' gives a key of less "
                          "than 16 bytes, which could be guessed; take a longer one"));
  const TemporaryFolder folder;
  folder.write("key", "0123456789abcde\n");
  folder.write("p.yaml", with_step("mask: {field: a, hmac_sha256: {key_file: key}}"));
  EXPECT_THAT(
      lines_of(load_file(folder.path("p.yaml"), environment({}))),
      ElementsAre(HasSubstr(":8:46: 'mask.hmac_sha256.key_file' gives a key of less than 16 "
                            "bytes")));
}

TEST(MaskStep, AMissingKeyIsAnError) {
  EXPECT_THAT(step_problems("mask: {field: a, hmac_sha256: {key_environment: K}}"),
              ElementsAre("p.yaml:8:53: 'mask.hmac_sha256.key_environment' names the environment "
                          "variable 'K', which is not set; set it to the key"));
  EXPECT_THAT(step_problems("mask: {field: a, hmac_sha256: {key_file: no/such}}"),
              ElementsAre("p.yaml:8:46: 'mask.hmac_sha256.key_file' names the file 'no/such': "
                          "cannot open the file: No such file or directory"));
  EXPECT_THAT(step_problems("mask: {field: a, hmac_sha256: {}}"),
              ElementsAre("p.yaml:8:22: 'mask.hmac_sha256' needs exactly one of the keys "
                          "'key_file' and 'key_environment', and has none"));
  EXPECT_THAT(step_problems("mask: {field: a, hmac_sha256: {key_file: a, key_environment: b}}"),
              ElementsAre("p.yaml:8:22: 'mask.hmac_sha256' needs exactly one of the keys "
                          "'key_file' and 'key_environment', and has both"));
  EXPECT_THAT(step_problems("mask: {field: a, hmac_sha256: my-key}"),
              ElementsAre(HasSubstr("'mask.hmac_sha256' must be a map such as {key_file: PATH} or "
                                    "{key_environment: NAME}")));
}

TEST(MaskStep, OtherValuesAreErrors) {
  const std::string ways =
      "p.yaml:8:5: 'mask' needs exactly one of the keys 'drop', 'with', 'keep_last', 'sha256' and "
      "'hmac_sha256', and has ";
  EXPECT_THAT(step_problems("mask: {field: a}"), ElementsAre(ways + "none"));
  EXPECT_THAT(step_problems("mask: {field: a, drop: true, sha256: true}"),
              ElementsAre(ways + "several"));
  EXPECT_THAT(step_problems("mask: {drop: false}"),
              ElementsAre("p.yaml:8:5: the key 'field' is missing in 'mask'; write the path of "
                          "what to mask",
                          "p.yaml:8:18: 'mask.drop' must be true, not 'false'"));
  EXPECT_THAT(step_problems("mask: {field: a, keep_last: -1}"),
              ElementsAre("p.yaml:8:33: 'mask.keep_last' must be a whole number from 0 to 1000, "
                          "not '-1'"));
  EXPECT_THAT(step_problems("mask: a"),
              ElementsAre("p.yaml:8:11: 'mask' must be a map such as {field: ip, keep_last: 4}, "
                          "not 'a'"));
}

}  // namespace
}  // namespace millrace::config
