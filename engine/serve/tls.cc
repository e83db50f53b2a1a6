// SPDX-License-Identifier: Apache-2.0
#include "engine/serve/tls.h"

#include <array>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <fmt/format.h>

namespace millrace::serve {
namespace {

// What OpenSSL has against it; the errors are taken off its list.
std::string last_error() {
  std::array<char, 256> text{};
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  ERR_error_string_n(code, text.data(), text.size());
  const char* const reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : text.data();
}

// A key with a password would be asked for on the terminal.
int no_password(char* /*to*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return 0;
}

}  // namespace

base::Result<std::shared_ptr<TlsContext>> TlsContext::load(const std::string& certificate_file,
                                                           const std::string& key_file) {
  ERR_clear_error();
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return base::Error{"OpenSSL gives no TLS: " + last_error()};
  std::shared_ptr<TlsContext> made(new TlsContext(context));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Nothing is resumed, so that there are no tickets whose key would have to change.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context, no_password);
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    return base::Error{
        fmt::format("'{}' is no certificate in PEM: {}", certificate_file, last_error())};
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return base::Error{
        fmt::format("'{}' is no key in PEM without a password that fits the certificate: {}",
                    key_file, last_error())};
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return base::Error{fmt::format("the key in '{}' does not fit the certificate in '{}': {}",
                                   key_file, certificate_file, last_error())};
  }
  return made;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

}  // namespace millrace::serve
