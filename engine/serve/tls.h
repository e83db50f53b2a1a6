// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"

// OpenSSL's types, which stay in tls.cc and channel.cc.
struct ssl_ctx_st;

namespace millrace::serve {

// What a server shows of itself over TLS (1.2 and 1.3): its certificate and the key to it.
//
// Threading: any, once loaded.
class TlsContext {
 public:
  // Files in PEM, the key without a password. The message says which file is wrong.
  [[nodiscard]] static base::Result<std::shared_ptr<TlsContext>> load(
      const std::string& certificate_file, const std::string& key_file);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  [[nodiscard]] ssl_ctx_st* get() const { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

  ssl_ctx_st* context_;
};

}  // namespace millrace::serve
