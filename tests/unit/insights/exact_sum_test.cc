// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::insights {
namespace {

__extension__ using Int128 = __int128;

constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kLeast = std::numeric_limits<double>::denorm_min();
constexpr int64_t kIntegerMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kIntegerMin = std::numeric_limits<int64_t>::min();

ExactSum sum_of(const std::vector<Number>& numbers) {
  ExactSum sum;
  for (const Number& number : numbers) sum.add(number);
  return sum;
}

ExactSum sum_of_reals(const std::vector<double>& reals) {
  ExactSum sum;
  for (const double real : reals) sum.add(Number(real));
  return sum;
}

// Equal bits, not only equal values: an integer is no double.
void expect_same(const Number& a, const Number& b) {
  EXPECT_EQ(a.is_integer(), b.is_integer());
  EXPECT_EQ(a.integer(), b.integer());
  EXPECT_EQ(std::bit_cast<uint64_t>(a.real()), std::bit_cast<uint64_t>(b.real()))
      << a.to_json() << " and " << b.to_json();
}

struct Vector {
  std::vector<double> numbers;
  double sum;
  double mean;
};

// The sums and means are what Python says:
//   s = sum(map(fractions.Fraction, numbers)); float(s); float(s / len(numbers))
// (float() of a fraction is rounded correctly), and math.fsum() agrees with the sums; the largest
// double stands where float() overflows.
const std::vector<Vector> kVectors{
    {{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, 1.0, 0.1},
    {{1e+100, 1.0, -1e+100}, 1.0, 0.3333333333333333},
    {{1.0, 1e-300, -1.0}, 1e-300, 3.3333333333333334e-301},
    {{1e+308, 1e+308, -1e+308, -1e+308, 3.5}, 3.5, 0.7},
    {{1e+308, 1e+308, 1e+308, 1e+308, -1e+308, -1e+308, -1e+308}, 1e+308, 1.4285714285714286e+307},
    {{5e-324, 5e-324, 5e-324}, 1.5e-323, 5e-324},
    {{5e-324, 2.2250738585072014e-308, -5e-324, -2.2250738585072014e-308, 4.94e-322},
     4.94e-322,
     1e-322},
    {{9007199254740992.0, 1.0, 5e-324}, 9007199254740994.0, 3002399751580331.0},
    {{9007199254740992.0, 1.0}, 9007199254740992.0, 4503599627370496.0},
    {{9007199254740994.0, 1.0}, 9007199254740996.0, 4503599627370498.0},
    {{-9007199254740992.0, -1.0, -5e-324}, -9007199254740994.0, -3002399751580331.0},
    {{1.7976931348623157e+308, 9.9792015476736e+291},
     1.7976931348623157e+308,
     8.98846567431158e+307},
    {{1.7976931348623157e+308, -1.7976931348623157e+308, 2.5e-10, -1e-10}, 1.5e-10, 3.75e-11},
    {{5e-324, 0.0}, 5e-324, 0.0},
    {{5e-324, 5e-324, 5e-324, 0.0}, 1.5e-323, 5e-324},
    {{5e-324, 5e-324, 5e-324, 5e-324, 5e-324, 0.0, 0.0, 0.0}, 2.5e-323, 5e-324},
    {{1.3952189894932804e-136, -3.2129665891654787e-198, 2.4177798279358494e-114,
      -2.4535045818636566e+179, 8.456240416414705e-196, -4.72234911407774e+262},
     -4.72234911407774e+262,
     -7.870581856796234e+261},
    {{5.589550858725448e+231, -2.4324474105955353e-77, -1.1935141544072605e+91,
      -3.3339258497345473e-209, 7.594720988265619e+283, -3.5262313348216476e-69},
     7.594720988265619e+283,
     1.265786831377603e+283},
    {{1.2906072042285468e-280, -8.447093025751318e-220, -1.5333742285831028e+27,
      -7.436239090381548e-07, -6.646176609693509e-178, 27225244.011672363},
     -1.5333742285831028e+27,
     -2.5556237143051714e+26},
    {{1.3750286058699178e-52, 1.008395290676974e-254, -2.8471216004964443e+48,
      -2.87599374543254e+91, 4.838691984428801e+228, 1830734244239297.5},
     4.838691984428801e+228,
     8.064486640714668e+227},
    {{4.6869335288648906e+210, -1.112815386259093e+178, 6.9354065253270015e-174,
      6.093682468342936e+205, -4.7881461858946195e-180, 4.233304760363862e-259},
     4.686994465689574e+210,
     7.811657442815956e+209},
    {{2.687261853690359e+214, -8.720153619080973e-111, 1.636251465120594e-181,
      3.091836394029872e+39, -3.3565146981364768e+66, 8.521421305945912e+172},
     2.687261853690359e+214,
     4.478769756150599e+213},
    {{4.822218795767668e-256, 1.0404049385423741e-120, -7.969405597991121e+238,
      2.039063509431665e-308, -3.0660308849283134e-189, -6.206320639105268e-06},
     -7.969405597991121e+238,
     -1.3282342663318536e+238},
    {{1.6684095267885453e+48, 6.71683100542e-290, -2.0956959252118286e+302, 2.89654621266195e-130,
      -2.2198581213640955e-156, 1.3292345481690968e-167},
     -2.0956959252118286e+302,
     -3.492826542019714e+301},
    {{-4.655368692531186e-189, -5.8446158499428426e-55, -4.667041657493933e-44,
      -1.7076557302180085e-168, 6.723557957730683e-152, 2.2972497860611003e+230},
     2.2972497860611003e+230,
     3.828749643435167e+229},
    {{-4.508916000677305e-104, -3.202950405689483e+61, -1.8924072994795026e-206,
      1.8234376506090161e+43, -1.6725861169814002e+45, -2.3264672745859392e-201},
     -3.202950405689483e+61,
     -5.3382506761491384e+60},
    {{-1.1528511777814017e-10, 96.900446677133, 0.029435037607263834, -109154.14078119316,
      1.1528511777814017e-10, -96.900446677133, -0.029435037607263834, 109154.14078119316,
      5.380997305608664e-19},
     5.380997305608664e-19,
     5.978885895120738e-20},
    {{-908885.4440992267, -1.050267160454756e-12, 53929825.462899536, -923443489.2386703,
      908885.4440992267, 1.050267160454756e-12, -53929825.462899536, 923443489.2386703,
      2.124695212370988e-19},
     2.124695212370988e-19,
     2.3607724581899868e-20},
    {{-5.791081396206864e-13, -0.08025988325922873, 8.135259047514116e-10, -2.8962017687937743e-11,
      5.791081396206864e-13, 0.08025988325922873, -8.135259047514116e-10, 2.8962017687937743e-11,
      -5.0079056523811805e-19},
     -5.0079056523811805e-19,
     -5.564339613756867e-20},
    {{-1200.2615472940379, 3.51287923767295e-10, 10.529454085853871, 37956.87137007642,
      1200.2615472940379, -3.51287923767295e-10, -10.529454085853871, -37956.87137007642,
      -7.808324186662538e-19},
     -7.808324186662538e-19,
     -8.675915762958376e-20},
    {{170470777960.01538, -532783235.219501, -0.0008022259342218719, -260232.27812235605,
      -170470777960.01538, 532783235.219501, 0.0008022259342218719, 260232.27812235605,
      -7.082800611206231e-19},
     -7.082800611206231e-19,
     -7.869778456895812e-20},
    {{0.7426193727851624, -1.6468300703104173e-05, -3.3130738198060588, -131750033763.81592,
      -0.7426193727851624, 1.6468300703104173e-05, 3.3130738198060588, 131750033763.81592,
      -7.764898427421531e-19},
     -7.764898427421531e-19,
     -8.627664919357257e-20},
};

TEST(ExactSum, AgreesWithFractionsOfPython) {
  for (const Vector& vector : kVectors) {
    const ExactSum sum = sum_of_reals(vector.numbers);
    expect_same(sum.sum(), Number(vector.sum));
    expect_same(sum.mean(), Number(vector.mean));
  }
}

TEST(ExactSum, IsZeroOfNothing) {
  const ExactSum sum;
  EXPECT_EQ(sum.count(), 0U);
  expect_same(sum.sum(), Number(int64_t{0}));
  EXPECT_EQ(sum.footprint(), 0U);
}

TEST(ExactSum, KeepsIntegersAsLongAsTheyFit) {
  ExactSum sum;
  sum.add(Number(kIntegerMax));
  expect_same(sum.sum(), Number(kIntegerMax));
  sum.add(Number(int64_t{1}));
  expect_same(sum.sum(), Number(0x1p63));
  sum.add(Number(int64_t{-1}));
  expect_same(sum.sum(), Number(kIntegerMax));
  sum.add(Number(kIntegerMin));
  expect_same(sum.sum(), Number(int64_t{-1}));
  EXPECT_EQ(sum.footprint(), 0U);

  for (int i = 0; i < 1000; ++i) sum.add(Number(kIntegerMin));
  expect_same(sum.sum(), Number(-1000 * 0x1p63));
}

TEST(ExactSum, RoundsIntegersOnceAndTiesToEven) {
  expect_same(sum_of({Number(kIntegerMax), Number(kIntegerMax), Number(int64_t{1})}).sum(),
              Number(0x1p64));
  // 2^64 + 2048 is the middle between two doubles.
  expect_same(sum_of({Number(kIntegerMax), Number(kIntegerMax), Number(int64_t{2050})}).sum(),
              Number(0x1p64));
  expect_same(sum_of({Number(kIntegerMax), Number(kIntegerMax), Number(int64_t{2051})}).sum(),
              Number(0x1p64 + 4096));
  // An integer that no double is equal to, and half of what is between two.
  expect_same(sum_of({Number(int64_t{9007199254740993}), Number(0.0)}).sum(),
              Number(9007199254740992.0));
  expect_same(sum_of({Number(int64_t{9007199254740993}), Number(kLeast)}).sum(),
              Number(9007199254740994.0));
}

TEST(ExactSum, HasAnIntegerMeanWhereItIsOne) {
  expect_same(sum_of({Number(int64_t{1}), Number(int64_t{2}), Number(int64_t{6})}).mean(),
              Number(int64_t{3}));
  expect_same(sum_of({Number(kIntegerMin), Number(kIntegerMin)}).mean(), Number(kIntegerMin));
  expect_same(sum_of({Number(int64_t{1}), Number(int64_t{2})}).mean(), Number(1.5));
  expect_same(sum_of({Number(int64_t{-1}), Number(int64_t{0}), Number(int64_t{0})}).mean(),
              Number(-1.0 / 3));
  expect_same(sum_of({Number(int64_t{1}), Number(2.0)}).mean(), Number(1.5));
  expect_same(sum_of({Number(int64_t{2}), Number(2.0)}).mean(), Number(2.0));
}

TEST(ExactSum, PassesThroughSumsBeyondAllDoubles) {
  ExactSum sum;
  constexpr int kTimes = 100'000;
  for (int i = 0; i < kTimes; ++i) sum.add(Number(kLargest));
  expect_same(sum.sum(), Number(kLargest));  // it is beyond: the largest one stands for it
  expect_same(sum.mean(), Number(kLargest));
  sum.add(Number(1.5));
  for (int i = 0; i < kTimes; ++i) sum.add(Number(-kLargest));
  expect_same(sum.sum(), Number(1.5));
}

TEST(ExactSum, HasAMeanWhereTheSumIsBeyondAllDoubles) {
  ExactSum sum;
  for (int i = 0; i < 10'000; ++i) {
    sum.add(Number(-kLargest));
    sum.add(Number(kLargest));
    sum.add(Number(-kLargest));
  }
  expect_same(sum.sum(), Number(-kLargest));
  expect_same(sum.mean(), Number(-kLargest / 3));
}

TEST(ExactSum, IsAsNewWhenClearedAndKeepsItsMemory) {
  ExactSum sum = sum_of_reals({0.5, 1e300, kLeast});
  sum.add(Number(int64_t{7}));
  const size_t footprint = sum.footprint();
  EXPECT_GT(footprint, 0U);
  EXPECT_LT(footprint, 600U);

  sum.clear();

  EXPECT_EQ(sum, ExactSum());
  EXPECT_EQ(sum.footprint(), footprint);
  expect_same(sum.sum(), Number(int64_t{0}));
  sum.add(Number(0.25));
  EXPECT_EQ(sum, sum_of_reals({0.25}));
}

TEST(ExactSum, IsAnotherOneWhereCountsOrKindsDiffer) {
  EXPECT_FALSE(sum_of_reals({0.5, -0.5}) == ExactSum());
  EXPECT_FALSE(sum_of({Number(1.0)}) == sum_of({Number(int64_t{1})}));
  EXPECT_FALSE(sum_of_reals({1.0}) == sum_of_reals({1.0 + 0x1p-52}));
  EXPECT_FALSE(sum_of({Number(0.5), Number(int64_t{1})}) ==
               sum_of({Number(0.5), Number(int64_t{2})}));
  EXPECT_EQ(sum_of_reals({1.0, 3.0}), sum_of_reals({2.0, 2.0}));
}

class RandomExactSum : public ::testing::Test {
 protected:
  RandomExactSum() : trace_(__FILE__, __LINE__, "random seed " + std::to_string(seed())) {}

  static unsigned seed() {
    return static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  }

  size_t below(size_t bound) { return random_() % bound; }

  // Any finite double: all exponents are as likely, subnormal ones included.
  double real() {
    for (;;) {
      const auto any = std::bit_cast<double>(random_());
      if (std::isfinite(any)) return any;
    }
  }

  Number number() {
    switch (below(4)) {
      case 0:
        return Number(static_cast<int64_t>(random_() >> below(64)));
      case 1:
        return Number(std::ldexp(static_cast<double>(random_()), -60));
      case 2:
        return Number(kLeast * static_cast<double>(random_() % 1000) * (below(2) == 0 ? 1 : -1));
      default:
        return Number(real());
    }
  }

  std::mt19937_64 random_{seed()};

 private:
  ::testing::ScopedTrace trace_;
};

// The quotient, rounded once: as many bits as there is room for, and the lowest one says whether
// something is left.
double divide_rounding_once(Int128 dividend, int64_t divisor) {
  if (dividend == 0) return 0;
  const bool negative = dividend < 0;
  if (negative) dividend = -dividend;
  int shift = 0;
  for (; dividend >> 120 == 0; dividend <<= 1) ++shift;
  const Int128 quotient = dividend / divisor | (dividend % divisor != 0 ? 1 : 0);
  const double magnitude = std::ldexp(static_cast<double>(quotient), -shift);
  return negative ? -magnitude : magnitude;
}

TEST_F(RandomExactSum, AgreesWithIntegersOf128Bits) {
  for (int round = 0; round < 2'000; ++round) {
    ExactSum sum;
    Int128 expected = 0;
    const size_t count = 1 + below(300);
    const size_t exponents = 1 + below(60);
    for (size_t i = 0; i < count; ++i) {
      const int64_t significand = static_cast<int64_t>(random_()) >> 11;
      const size_t exponent = below(exponents);
      Int128 value = static_cast<Int128>(significand) << exponent;
      if (below(4) == 0) value = -expected;  // cancels all so far, as far as a double can
      const auto rounded = static_cast<double>(value);
      expected += static_cast<Int128>(rounded);
      sum.add(Number(rounded));
      if (below(3) == 0) {
        sum.add(Number(significand));
        expected += significand;
      }
    }

    expect_same(sum.sum(), Number(static_cast<double>(expected)));
    expect_same(sum.mean(),
                Number(divide_rounding_once(expected, static_cast<int64_t>(sum.count()))));
    if (HasFailure()) break;
  }
}

TEST_F(RandomExactSum, AgreesWithIntegersOf128BitsBelowOne) {
  // As above, but in units of the least double: sums and means may be subnormal.
  for (int round = 0; round < 2'000; ++round) {
    ExactSum sum;
    int64_t expected = 0;
    const size_t count = 1 + below(20);
    for (size_t i = 0; i < count; ++i) {
      const int64_t units = static_cast<int64_t>(random_()) >> (11 + below(53));
      sum.add(Number(std::ldexp(static_cast<double>(units), -1074)));
      expected += units;
    }

    expect_same(sum.sum(), Number(std::ldexp(static_cast<double>(expected), -1074)));
    // Below 2^53 units a mean is a whole number of them: the nearest, of two the even one.
    const auto divisor = static_cast<int64_t>(count);
    const int64_t magnitude = std::abs(expected);
    int64_t mean = magnitude / divisor;
    if (mean < int64_t{1} << 53) {
      const int64_t left = magnitude % divisor * 2;
      if (left > divisor || (left == divisor && mean % 2 != 0)) ++mean;
      expect_same(sum.mean(),
                  Number(std::ldexp(static_cast<double>(expected < 0 ? -mean : mean), -1074)));
    }
    if (HasFailure()) break;
  }
}

TEST_F(RandomExactSum, IsTheSameInEveryOrderAndForEverySplit) {
  for (int round = 0; round < 50; ++round) {
    std::vector<Number> numbers;
    for (size_t i = below(3'000); i-- > 0;) numbers.push_back(number());
    const ExactSum whole = sum_of(numbers);

    std::shuffle(numbers.begin(), numbers.end(), random_);
    std::vector<ExactSum> parts(1 + below(20));
    for (const Number& each : numbers) parts[below(parts.size())].add(each);
    // Two at a time, whichever they are, until one is left.
    while (parts.size() > 1) {
      std::swap(parts[below(parts.size())], parts.back());
      const ExactSum last = std::move(parts.back());
      parts.pop_back();
      parts[below(parts.size())].merge(last);
    }

    ASSERT_EQ(parts[0], whole);
    expect_same(parts[0].sum(), whole.sum());
    if (whole.count() > 0) expect_same(parts[0].mean(), whole.mean());
    if (HasFailure()) break;
  }
}

TEST_F(RandomExactSum, CancelsToNothing) {
  ExactSum sum;
  std::vector<double> reals;
  for (int i = 0; i < 20'000; ++i) reals.push_back(real());
  for (const double each : reals) sum.add(Number(each));
  std::shuffle(reals.begin(), reals.end(), random_);
  for (const double each : reals) sum.add(Number(-each));
  expect_same(sum.sum(), Number(0.0));
  expect_same(sum.mean(), Number(0.0));

  sum.add(Number(-kLeast));
  expect_same(sum.sum(), Number(-kLeast));
}

// As many additions in a row as chunks can take, of the numbers that change them most.
TEST_F(RandomExactSum, CarriesInTime) {
  for (const double sign : {1.0, -1.0}) {
    for (int shift = 0; shift < 64; ++shift) {
      const double each = sign * std::ldexp(0x1.FFFFFFFFFFFFFp0, shift);
      ExactSum sum;
      constexpr int kTimes = 4096;
      for (int i = 0; i < kTimes; ++i) sum.add(Number(each));
      expect_same(sum.sum(), Number(each * kTimes));
      ExactSum part;
      for (int i = 0; i < 499; ++i) part.add(Number(each));
      ExactSum merged;
      for (int i = 0; i < 20; ++i) merged.merge(part);
      expect_same(merged.mean(), Number(each));
    }
  }
}

bool loads(const std::string& bytes, ExactSum& sum) {
  Decoder decoder(bytes);
  sum.load(decoder);
  return decoder.ok() && decoder.at_end();
}

std::string saved(const ExactSum& sum) {
  Encoder encoder;
  sum.save(encoder);
  return encoder.bytes();
}

void expect_comes_back(const ExactSum& sum) {
  ExactSum loaded;
  ASSERT_TRUE(loads(saved(sum), loaded));
  EXPECT_EQ(loaded, sum);
  EXPECT_EQ(saved(loaded), saved(sum));
  expect_same(loaded.sum(), sum.sum());
  if (sum.count() > 0) expect_same(loaded.mean(), sum.mean());
  // And goes on.
  ExactSum more = sum_of({Number(0.1), Number(int64_t{-3})});
  ExactSum other = sum_of({Number(0.1), Number(int64_t{-3})});
  more.merge(loaded);
  other.merge(sum);
  EXPECT_EQ(more, other);
}

TEST(ExactSumSaved, ComesBack) {
  expect_comes_back({});
  expect_comes_back(sum_of({Number(kIntegerMax), Number(kIntegerMax), Number(kIntegerMax)}));
  expect_comes_back(sum_of({Number(kIntegerMin), Number(kIntegerMin), Number(kIntegerMin)}));
  expect_comes_back(sum_of({Number(int64_t{0})}));
  expect_comes_back(sum_of_reals({0.0}));
  expect_comes_back(sum_of_reals({kLeast, -kLargest}));
  expect_comes_back(sum_of_reals({-kLeast, kLargest, 1e-300, 0.1}));
  ExactSum beyond;
  for (int i = 0; i < 2'000; ++i) beyond.add(Number(-kLargest));
  beyond.add(Number(kIntegerMin));
  expect_comes_back(beyond);
}

TEST(ExactSumSaved, IsTheSameForTheSameNumbersInAnyOrder) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::vector<Number> numbers;
  for (int i = 0; i < 1'500; ++i) {
    numbers.push_back(i % 3 == 0 ? Number(static_cast<int64_t>(random()) - (int64_t{1} << 31))
                                 : Number(std::ldexp(static_cast<double>(random()) - 0x1p31,
                                                     static_cast<int>(random() % 600) - 300)));
  }
  const std::string expected = saved(sum_of(numbers));
  for (int i = 0; i < 10; ++i) {
    std::shuffle(numbers.begin(), numbers.end(), random);
    ExactSum merged;
    for (size_t at = 0; at < numbers.size();) {
      const size_t end = std::min(numbers.size(), at + 1 + random() % 600);
      ExactSum part;
      for (; at < end; ++at) part.add(numbers[at]);
      // The process ends in between.
      ExactSum loaded;
      ASSERT_TRUE(loads(saved(part), loaded));
      merged.merge(loaded);
    }
    ASSERT_EQ(saved(merged), expected);
  }
}

// A sum that was cleared has a wide number of zero, and is like one that never had any.
TEST(ExactSumSaved, WritesNothingOfWhatWasCleared) {
  ExactSum cleared = sum_of_reals({0.5});
  cleared.clear();
  cleared.add(Number(int64_t{2}));
  EXPECT_EQ(saved(cleared), saved(sum_of({Number(int64_t{2})})));
}

TEST(ExactSumSaved, HasTheBytesThatItSays) {
  Encoder integers;
  integers.number(2);
  integers.number(~uint64_t{0} - 2);  // -3 in two's complement, 64 bits each
  integers.signed_number(-1);
  integers.number(0);
  EXPECT_EQ(saved(sum_of({Number(int64_t{-1}), Number(int64_t{-2})})), integers.bytes());

  Encoder reals;
  for (const uint64_t number : {1U, 0U}) reals.number(number);
  reals.signed_number(0);
  reals.number(1);
  // 1.5 is 3 times 2^1073 of the least doubles; of 32 bits each, that is bits 17 and 18 of 33.
  for (int chunk = 0; chunk < 69; ++chunk) reals.signed_number(chunk == 33 ? 3 << 17 : 0);
  EXPECT_EQ(saved(sum_of_reals({1.5})), reals.bytes());
}

TEST(ExactSumSaved, RefusesWhatNoSumIs) {
  const auto refuses = [](int64_t high, uint64_t reals, int64_t chunk, int64_t highest_chunk) {
    Encoder encoder;
    encoder.number(1);
    encoder.number(0);
    encoder.signed_number(high);
    encoder.number(reals);
    for (int i = 0; reals != 0 && i < 68; ++i) encoder.signed_number(chunk);
    if (reals != 0) encoder.signed_number(highest_chunk);
    ExactSum sum;
    return !loads(encoder.bytes(), sum);
  };
  constexpr int64_t kHigh = int64_t{1} << 48;
  EXPECT_FALSE(refuses(kHigh - 1, 0, 0, 0));
  EXPECT_FALSE(refuses(-kHigh, 0, 0, 0));
  EXPECT_TRUE(refuses(kHigh, 0, 0, 0));
  EXPECT_TRUE(refuses(-kHigh - 1, 0, 0, 0));
  EXPECT_TRUE(refuses(kIntegerMin, 0, 0, 0));
  EXPECT_FALSE(refuses(0, 1, 0xFFFF'FFFF, -1));
  EXPECT_TRUE(refuses(0, 2, 0, 0));
  EXPECT_TRUE(refuses(0, 1, int64_t{1} << 32, 0));
  EXPECT_TRUE(refuses(0, 1, -1, 0));
  EXPECT_TRUE(refuses(0, 1, 0, 1));
  EXPECT_TRUE(refuses(0, 1, 0, -2));
}

}  // namespace
}  // namespace millrace::insights
