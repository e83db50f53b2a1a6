// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/ip_address.h"

#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace millrace::steps {
namespace {

using namespace std::string_view_literals;

IpNetworks networks(const std::vector<std::string>& texts) {
  IpNetworks networks;
  for (const std::string& text : texts) EXPECT_TRUE(networks.add(text)) << text;
  networks.finish();
  return networks;
}

TEST(IpAddress, ReadsIpv4Strictly) {
  EXPECT_EQ(parse_ipv4("1.2.3.4"), (IpAddress{0, 0xFFFF01020304}));
  EXPECT_EQ(parse_ipv4("255.0.255.0"), (IpAddress{0, 0xFFFFFF00FF00}));
  for (const auto text :
       {""sv, "1.2.3"sv, "1.2.3.4.5"sv, "1.2.3.256"sv, "1.2.3.1000"sv, "01.2.3.4"sv, "1.2.3.00"sv,
        " 1.2.3.4"sv, "1.2.3.4 "sv, "1.2.3.4\n"sv, "1..3.4"sv, "1.2.3."sv, "+1.2.3.4"sv,
        "0x1.2.3.4"sv, "1,2.3.4"sv, "1.2.3.4\0"sv, "::1.2.3.4"sv, "\xD9\xA1.2.3.4"sv})
    EXPECT_FALSE(parse_ipv4(text)) << text;
}

TEST(IpAddress, ReadsIpv6) {
  EXPECT_EQ(parse_ipv6("::"), (IpAddress{0, 0}));
  EXPECT_EQ(parse_ipv6("2001:db8::1"), (IpAddress{0x20010DB800000000, 1}));
  EXPECT_EQ(parse_ipv6("1:2:3:4:5:6:7:8"), (IpAddress{0x0001000200030004, 0x0005000600070008}));
  EXPECT_EQ(parse_ipv6("::FFFF:1.2.3.4"), parse_ipv4("1.2.3.4"));
  for (const auto text : {""sv, ":"sv, ":::"sv, "1::2::3"sv, "1:2:3:4:5:6:7"sv,
                          "1:2:3:4:5:6:7:8:9"sv, "12345::"sv, "g::"sv, "::1%eth0"sv, "[::1]"sv,
                          "::1 "sv, "::1\0"sv, "::1.2.3"sv, "1.2.3.4"sv, "::1.2.3.04"sv})
    EXPECT_FALSE(parse_ipv6(text)) << text;
  EXPECT_FALSE(parse_ipv6(std::string(1'000'000, ':')));
}

TEST(IpNetworks, CoverExactlyTheirPrefix) {
  const IpNetworks v4 = networks({"10.1.2.128/25"});
  EXPECT_TRUE(v4.contains(*parse_ip("10.1.2.128")));
  EXPECT_TRUE(v4.contains(*parse_ip("10.1.2.255")));
  EXPECT_FALSE(v4.contains(*parse_ip("10.1.2.127")));
  EXPECT_FALSE(v4.contains(*parse_ip("10.1.3.0")));

  const IpNetworks v6 = networks({"2001:db8::/65"});
  EXPECT_TRUE(v6.contains(*parse_ip("2001:db8::7fff:ffff:ffff:ffff")));
  EXPECT_FALSE(v6.contains(*parse_ip("2001:db8::8000:0:0:0")));
  EXPECT_FALSE(v6.contains(*parse_ip("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff")));
}

TEST(IpNetworks, KeepTheVersionsApart) {
  const IpNetworks all_v6 = networks({"::/0"});
  EXPECT_TRUE(all_v6.contains(*parse_ip("::1")));
  EXPECT_FALSE(all_v6.contains(*parse_ip("10.0.0.1")));
  EXPECT_FALSE(all_v6.contains(*parse_ip("::ffff:10.0.0.1")));

  const IpNetworks all_v4 = networks({"0.0.0.0/0"});
  EXPECT_TRUE(all_v4.contains(*parse_ip("255.255.255.255")));
  EXPECT_TRUE(all_v4.contains(*parse_ip("::ffff:10.0.0.1")));
  EXPECT_FALSE(all_v4.contains(*parse_ip("::10.0.0.1")));

  const IpNetworks mapped = networks({"::ffff:10.0.0.0/104"});
  EXPECT_TRUE(mapped.contains(*parse_ip("10.200.0.1")));
  EXPECT_FALSE(mapped.contains(*parse_ip("11.0.0.1")));
}

TEST(IpNetworks, TakeOnlyNetworks) {
  IpNetworks networks;
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8",
                           "10.0.0/8", "::/129", "10.0.0.0/ 8", "10.0.0.0/99999999999999999999"})
    EXPECT_FALSE(networks.add(text)) << text;
}

// Against the obvious: any network that covers the address, by shifting.
TEST(IpNetworks, AgreeWithAskingEachNetwork) {
  struct Network {
    uint32_t address;
    int bits;
  };

  std::mt19937 random(4711);
  for (int round = 0; round < 50; ++round) {
    std::vector<Network> all;
    std::vector<std::string> texts;
    for (int i = 0; i < 20; ++i) {
      const Network network{static_cast<uint32_t>(random()) & 0x0303FFFF,
                            static_cast<int>(8 + random() % 25)};
      all.push_back(network);
      texts.push_back(fmt::format("{}.{}.{}.{}/{}", network.address >> 24,
                                  network.address >> 16 & 0xFF, network.address >> 8 & 0xFF,
                                  network.address & 0xFF, network.bits));
    }
    const IpNetworks merged = networks(texts);
    for (int i = 0; i < 500; ++i) {
      const uint32_t address = static_cast<uint32_t>(random()) & 0x0303FFFF;
      bool expected = false;
      for (const Network& network : all)
        expected = expected || (address ^ network.address) >> (32 - network.bits) == 0;
      EXPECT_EQ(merged.contains(IpAddress{0, uint64_t{0xFFFF} << 32 | address}), expected);
    }
  }
}

}  // namespace
}  // namespace millrace::steps
