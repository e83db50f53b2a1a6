// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/sha256.h"

#include <algorithm>
// The calls of OpenSSL 1.1: its EVP interface of today allocates for every digest.
#define OPENSSL_API_COMPAT 10101
#include <openssl/sha.h>

#include "engine/base/check.h"

namespace millrace::steps {
namespace {

constexpr unsigned char kInnerPad = 0x36;
constexpr unsigned char kOuterPad = 0x5C;

std::string_view bytes_of(const Sha256Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string_view bytes_of(const std::array<char, kSha256BlockBytes>& block) noexcept {
  return {block.data(), block.size()};
}

}  // namespace

// None of these calls can fail.
Sha256Digest sha256(std::initializer_list<std::string_view> parts) noexcept {
  SHA256_CTX context;
  MILLRACE_CHECK(SHA256_Init(&context) == 1);
  for (const std::string_view part : parts)
    MILLRACE_CHECK(SHA256_Update(&context, part.data(), part.size()) == 1);
  Sha256Digest digest;
  MILLRACE_CHECK(SHA256_Final(digest.data(), &context) == 1);
  return digest;
}

HmacKey::HmacKey(std::string_view key) {
  Sha256Digest short_key;
  if (key.size() > kSha256BlockBytes) {
    short_key = sha256({key});
    key = bytes_of(short_key);
  }
  std::copy(key.begin(), key.end(), inner_.begin());
  outer_ = inner_;
  for (char& byte : inner_) byte = static_cast<char>(static_cast<unsigned char>(byte) ^ kInnerPad);
  for (char& byte : outer_) byte = static_cast<char>(static_cast<unsigned char>(byte) ^ kOuterPad);
}

Sha256Digest HmacKey::sign(std::string_view message) const noexcept {
  const Sha256Digest inner = sha256({bytes_of(inner_), message});
  return sha256({bytes_of(outer_), bytes_of(inner)});
}

}  // namespace millrace::steps
