// SPDX-License-Identifier: Apache-2.0
#include "engine/config/ip_network.h"

#include <gtest/gtest.h>

namespace millrace::config {
namespace {

TEST(IpNetwork, IsAnAddressWithOrWithoutAPrefix) {
  for (const char* text :
       {"10.0.0.0/8", "0.0.0.0/0", "255.255.255.255/32", "1.2.3.4", "::/0", "::1", "2001:db8::/32",
        "2001:db8::1/128", "::ffff:1.2.3.4", "1111:2222:3333:4444:5555:6666:7777:8888/128"}) {
    EXPECT_TRUE(check_ip_network(text).is_network) << text;
    EXPECT_EQ(check_ip_network(text).network, "") << text;
  }
}

TEST(IpNetwork, AnythingElseIsNone) {
  for (const char* text :
       {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
        "10.0.0/8", "010.0.0.1", "1.2.3.4 ", "1.2.3.4/8/8", "256.1.1.1", "::/129", "::g",
        ":::", "fe80::1%eth0", "localhost", "10.0.0.0/8x", "0x0a.0.0.1"}) {
    EXPECT_FALSE(check_ip_network(text).is_network) << text;
  }
  EXPECT_FALSE(check_ip_network(std::string_view("1.2.3.4\0/8", 10)).is_network);
  EXPECT_FALSE(check_ip_network(std::string(1'000'000, '1')).is_network);
}

TEST(IpNetwork, BitsBehindThePrefixAreShownWithoutThem) {
  EXPECT_EQ(check_ip_network("10.1.2.3/8").network, "10.0.0.0/8");
  EXPECT_EQ(check_ip_network("10.0.0.129/25").network, "10.0.0.128/25");
  EXPECT_EQ(check_ip_network("1.2.3.4/0").network, "0.0.0.0/0");
  EXPECT_EQ(check_ip_network("2001:db8::1/33").network, "2001:db8::/33");
}

}  // namespace
}  // namespace millrace::config
