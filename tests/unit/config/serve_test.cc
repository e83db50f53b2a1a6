// SPDX-License-Identifier: Apache-2.0
#include "engine/config/serve.h"

#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

TEST(Serve, IsOffUnlessConfigured) {
  EXPECT_FALSE(config_of(kSmallest).serve.has_value());
}

TEST(Serve, EveryKeyIsRead) {
  const TemporaryFolder folder;
  folder.write("c.pem", "certificate");
  folder.write("k.pem", "key");
  folder.write("token", "s3cret~token\n");
  const std::string file = folder.write(
      "p.yaml", smallest_with("serve:\n  listen: '[::1]:9464'\n  token: {file: token}\n"
                              "  tls: {certificate: c.pem, key: k.pem}\n"));
  const Loaded loaded = load_file(file, environment({}));
  EXPECT_THAT(lines_of(loaded), IsEmpty());
  const ServeConfig& serve = loaded.config.serve.value();
  EXPECT_EQ(serve.address, "::1");
  EXPECT_EQ(serve.port, 9464);
  EXPECT_EQ(serve.listen.value, "[::1]:9464");
  EXPECT_EQ(serve.listen.place.line, 8);
  EXPECT_EQ(serve.token, "s3cret~token");
  EXPECT_EQ(serve.tls.value().certificate.value, folder.path("c.pem"));
  EXPECT_EQ(serve.tls.value().key.value, folder.path("k.pem"));
  EXPECT_TRUE(serve.is_loopback());
}

TEST(Serve, ListensWhereNumbersSay) {
  const auto address = [](const std::string& text) {
    const auto serve = parse_listen(text);
    return serve ? serve->address + " " + std::to_string(serve->port) : "";
  };
  EXPECT_EQ(address("127.0.0.1:0"), "127.0.0.1 0");
  EXPECT_EQ(address("localhost:65535"), "127.0.0.1 65535");
  EXPECT_EQ(address("0.0.0.0:80"), "0.0.0.0 80");
  EXPECT_EQ(address("[::]:80"), ":: 80");
  // However it is spelled.
  EXPECT_EQ(address("[0::1]:80"), "::1 80");
  EXPECT_EQ(address("[0:0:0:0:0:0:0:1]:80"), "::1 80");
  EXPECT_EQ(address("[FE80::1]:80"), "fe80::1 80");
  EXPECT_EQ(address("[::ffff:127.0.0.1]:80"), "127.0.0.1 80");
  EXPECT_EQ(address("[::ffff:7f00:1]:80"), "127.0.0.1 80");
  EXPECT_EQ(address("[::ffff:0.0.0.0]:80"), "0.0.0.0 80");
  for (const std::string wrong :
       {"", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:+1", "127.0.0.1:1x", "127.0.0.1: 1", "127.0.0:1", "::1:80", "[127.0.0.1]:80",
        "kafka:80", "[::1]", "[]:80", "*:80"}) {
    EXPECT_EQ(address(wrong), "") << wrong;
  }
}

TEST(Serve, WhatIsWrongIsSaidWithItsPlace) {
  EXPECT_THAT(problems_in(smallest_with("serve: {listen: 'kafka:80'}\n")),
              ElementsAre("p.yaml:7:17: 'serve.listen' must be ADDRESS:PORT, such as "
                          "127.0.0.1:9464, [::1]:9464 or 0.0.0.0:9464, the address in numbers or "
                          "localhost, the port up to 65535 (0: a free one), not 'kafka:80'"));
  EXPECT_THAT(problems_in(smallest_with("serve: {}\n")), ElementsAre(HasSubstr("'listen'")));
  EXPECT_THAT(problems_in(smallest_with("serve: {listen: 'localhost:1', tokn: a}\n")),
              ElementsAre(HasSubstr("did you mean 'token'?")));
  EXPECT_THAT(problems_in(smallest_with("serve: {listen: 'localhost:1', tls: {key: /none}}\n")),
              ElementsAre(HasSubstr("'certificate'"), HasSubstr("names the file '/none'")));
}

// It is a secret: no message shows it.
TEST(Serve, AWrongTokenIsNotShown) {
  for (const std::string& token :
       {std::string("'a secret'"), std::string("''"), "'" + std::string(1025, 'x') + "'"}) {
    const auto problems =
        problems_in(smallest_with("serve: {listen: 'localhost:1', token: " + token + "}\n"));
    EXPECT_THAT(problems, ElementsAre(HasSubstr("'serve.token' must be a text of up to 1024")));
    EXPECT_EQ(problems.front().find("a secret"), std::string::npos);
  }
  EXPECT_EQ(
      config_of(smallest_with("serve: {listen: 'localhost:1', token: '${T}'}\n"), {{"T", "abc"}})
          .serve.value()
          .token,
      "abc");
}

TEST(Serve, ToOtherMachinesWithoutATokenIsWorthASecondLook) {
  EXPECT_THAT(
      problems_in(smallest_with("serve: {listen: '0.0.0.0:9464'}\n")),
      ElementsAre(HasSubstr("p.yaml:7:9: warning: 'serve.listen' is open to other machines")));
  EXPECT_THAT(problems_in(smallest_with("serve: {listen: '0.0.0.0:9464', token: abc}\n")),
              IsEmpty());
  for (const std::string own : {"127.0.0.1", "[::1]", "[0::1]", "[::ffff:127.0.0.1]"}) {
    EXPECT_THAT(problems_in(smallest_with("serve: {listen: '" + own + ":9464'}\n")), IsEmpty())
        << own;
  }
}

}  // namespace
}  // namespace millrace::config
