// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/encoding.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace millrace::insights {
namespace {

using namespace std::literals;  // "\0"s

constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();

std::string number(uint64_t value) {
  Encoder encoder;
  encoder.number(value);
  return encoder.bytes();
}

std::string signed_number(int64_t value) {
  Encoder encoder;
  encoder.signed_number(value);
  return encoder.bytes();
}

std::string real(double value) {
  Encoder encoder;
  encoder.real(value);
  return encoder.bytes();
}

std::string text(std::string_view value) {
  Encoder encoder;
  encoder.text(value);
  return encoder.bytes();
}

// What every version and machine writes and reads.
TEST(Encoding, HasTheBytesThatItSays) {
  EXPECT_EQ(number(0), "\0"s);
  EXPECT_EQ(number(127), "\x7F"s);
  EXPECT_EQ(number(128), "\x80\x01"s);
  EXPECT_EQ(number(300), "\xAC\x02"s);
  EXPECT_EQ(number(kMost), "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s);
  EXPECT_EQ(signed_number(0), "\0"s);
  EXPECT_EQ(signed_number(-1), "\x01"s);
  EXPECT_EQ(signed_number(1), "\x02"s);
  EXPECT_EQ(signed_number(-150), "\xAB\x02"s);
  EXPECT_EQ(signed_number(std::numeric_limits<int64_t>::max()),
            "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s);
  EXPECT_EQ(signed_number(std::numeric_limits<int64_t>::min()),
            "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s);
  EXPECT_EQ(real(1), "\0\0\0\0\0\0\xF0\x3F"s);
  EXPECT_EQ(real(-0.0), "\0\0\0\0\0\0\0\x80"s);
  EXPECT_EQ(text(""), "\0"s);
  EXPECT_EQ(text("ab\0c"sv),
            "\x04"
            "ab\0c"s);
}

TEST(Encoding, AppendsOneBehindTheOther) {
  Encoder encoder;
  EXPECT_EQ(encoder.size(), 0U);
  encoder.number(300);
  encoder.text("x");
  EXPECT_EQ(encoder.bytes(), "\xAC\x02\x01x");
  EXPECT_EQ(encoder.size(), 4U);
}

RC_GTEST_PROP(Encoding, ReadsWhatWasWritten,
              (const std::vector<uint64_t>& numbers, const std::vector<int64_t>& integers,
               const std::vector<double>& reals, const std::vector<std::string>& texts)) {
  Encoder encoder;
  for (const uint64_t value : numbers) encoder.number(value);
  for (const int64_t value : integers) encoder.signed_number(value);
  for (const double value : reals) encoder.real(value);
  for (const std::string& value : texts) encoder.text(value);

  Decoder decoder(encoder.bytes());
  for (const uint64_t value : numbers) RC_ASSERT(decoder.number() == value);
  for (const int64_t value : integers) RC_ASSERT(decoder.signed_number() == value);
  for (const double value : reals) RC_ASSERT(decoder.real() == value);
  for (const std::string& value : texts) RC_ASSERT(decoder.text() == value);
  RC_ASSERT(decoder.ok());
  RC_ASSERT(decoder.at_end());
}

TEST(Encoding, KeepsTheExtremes) {
  constexpr auto kLeast = std::numeric_limits<int64_t>::min();
  constexpr auto kGreatest = std::numeric_limits<int64_t>::max();
  Encoder encoder;
  for (unsigned bit = 0; bit < 64; ++bit) {
    encoder.number((uint64_t{1} << bit) - 1);
    encoder.number(uint64_t{1} << bit);
    encoder.signed_number(-1 - static_cast<int64_t>((uint64_t{1} << bit) - 1));
  }
  encoder.signed_number(kLeast);
  encoder.signed_number(kGreatest);
  encoder.real(std::numeric_limits<double>::infinity());
  encoder.real(std::numeric_limits<double>::quiet_NaN());
  encoder.real(std::numeric_limits<double>::denorm_min());

  Decoder decoder(encoder.bytes());
  for (unsigned bit = 0; bit < 64; ++bit) {
    EXPECT_EQ(decoder.number(), (uint64_t{1} << bit) - 1);
    EXPECT_EQ(decoder.number(), uint64_t{1} << bit);
    EXPECT_EQ(decoder.signed_number(), -1 - static_cast<int64_t>((uint64_t{1} << bit) - 1));
  }
  EXPECT_EQ(decoder.signed_number(), kLeast);
  EXPECT_EQ(decoder.signed_number(), kGreatest);
  EXPECT_EQ(decoder.real(), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(decoder.real()));
  EXPECT_EQ(decoder.real(), std::numeric_limits<double>::denorm_min());
  EXPECT_TRUE(decoder.ok());
  EXPECT_TRUE(decoder.at_end());
}

// Reads one of each, in the order in which `everything` has them.
void read_all(Decoder& decoder) {
  decoder.number();
  decoder.signed_number();
  decoder.real();
  decoder.text();
  decoder.count(3);
}

std::string everything() {
  return number(1'000'000) + signed_number(-70'000) + real(0.1) + text("some text") + number(2) +
         "sixsix";
}

TEST(Encoding, FailsWhereverTheBytesEnd) {
  const std::string bytes = everything();
  Decoder whole(bytes);
  read_all(whole);
  EXPECT_TRUE(whole.ok());

  for (size_t size = 0; size < bytes.size(); ++size) {
    // A copy, so that a sanitizer sees what is read behind its end.
    const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    Decoder decoder({cut.data(), cut.size()});
    read_all(decoder);
    EXPECT_FALSE(decoder.ok()) << size;
  }
}

TEST(Encoding, ReadsNothingMoreOnceItFailed) {
  Decoder decoder(
      "\x05"
      "ab"sv);
  EXPECT_EQ(decoder.text(), "");
  EXPECT_FALSE(decoder.ok());
  EXPECT_TRUE(decoder.at_end());
  EXPECT_EQ(decoder.number(), 0U);
  EXPECT_EQ(decoder.signed_number(), 0);
  EXPECT_EQ(decoder.real(), 0.0);
  EXPECT_EQ(decoder.text(), "");
  EXPECT_EQ(decoder.count(1), 0U);

  Decoder told("\x01\x02"sv);
  told.fail();
  EXPECT_EQ(told.number(), 0U);
  EXPECT_FALSE(told.ok());
}

TEST(Encoding, RefusesNumbersThatNobodyWrites) {
  for (const std::string_view bytes : {
           "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"sv,      // beyond 64 bits
           "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"sv,      //
           "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"sv,  // eleven digits
           "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"sv,  //
           "\x80\x00"sv,                                      // a digit that says nothing
           "\xFF\x80\x00"sv,
       }) {
    Decoder decoder(bytes);
    EXPECT_EQ(decoder.number(), 0U);
    EXPECT_FALSE(decoder.ok());
  }
}

TEST(Encoding, CountsOnlyWhatTheBytesCanHold) {
  const auto counted = [](uint64_t things, size_t bytes, size_t bytes_each) {
    const std::string all = number(things) + std::string(bytes, 'x');
    Decoder decoder(all);
    const size_t count = decoder.count(bytes_each);
    return decoder.ok() ? static_cast<int64_t>(count) : int64_t{-1};
  };
  EXPECT_EQ(counted(0, 0, 1), 0);
  EXPECT_EQ(counted(6, 6, 1), 6);
  EXPECT_EQ(counted(7, 6, 1), -1);
  EXPECT_EQ(counted(3, 6, 2), 3);
  EXPECT_EQ(counted(4, 7, 2), -1);
  EXPECT_EQ(counted(kMost, 100, 1), -1);
  EXPECT_EQ(counted(kMost / 2 + 2, 100, 2), -1);  // twice that is 2
  EXPECT_EQ(counted(1, 100, std::numeric_limits<size_t>::max()), -1);
}

TEST(Encoding, RefusesATextOfMoreThanIsThere) {
  for (const uint64_t size : {uint64_t{4}, uint64_t{1} << 32, uint64_t{1} << 63, kMost}) {
    const std::string bytes = number(size) + "abc";
    Decoder decoder(bytes);
    EXPECT_EQ(decoder.text(), "");
    EXPECT_FALSE(decoder.ok()) << size;
  }
}

RC_GTEST_PROP(Encoding, ReadsAnythingWithoutAnyHarm,
              (const std::vector<uint8_t>& bytes, const std::vector<uint8_t>& reads)) {
  Decoder decoder({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  size_t text_bytes = 0;
  for (const uint8_t read : reads) {
    const bool was_ok = decoder.ok();
    switch (read % 5) {
      case 0:
        decoder.number();
        break;
      case 1:
        decoder.signed_number();
        break;
      case 2:
        decoder.real();
        break;
      case 3:
        text_bytes += decoder.text().size();
        break;
      default:
        RC_ASSERT(decoder.count(1) <= bytes.size());
    }
    RC_ASSERT(was_ok || !decoder.ok());
  }
  RC_ASSERT(text_bytes <= bytes.size());
}

TEST(EncodingDeath, CountsNothingThatTakesNoBytes) {
  Decoder decoder("\x01"sv);
  EXPECT_DEATH(decoder.count(0), "bytes_each");
}

}  // namespace
}  // namespace millrace::insights
