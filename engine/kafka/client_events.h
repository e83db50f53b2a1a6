// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>

#include "engine/base/mutex.h"

namespace millrace::kafka {

// What a client of librdkafka says about itself, turned into few and clear log lines: an
// unreachable broker is said once until it works again, a repeated error once a minute, and what
// nothing but a person can change (a wrong password, a certificate) becomes fatal(), as long as the
// client never worked: later on it may be a broker that restarts.
//
// Threading: on_log() and fatal() any thread; the rest the thread that serves the client.
// Lifetime: outlives the client handle whose opaque it is.
class ClientEvents {
 public:
  // `who` begins sentences: "The consumer".
  ClientEvents(std::string who, std::string brokers, bool uses_sasl);
  virtual ~ClientEvents() = default;
  ClientEvents(const ClientEvents&) = delete;
  ClientEvents& operator=(const ClientEvents&) = delete;

  void on_error(int code, const char* text) noexcept;
  void on_log(int level, const char* facility, const char* text) noexcept;

  // The client works: a record, an acknowledgement or metadata came.
  void works() {
    if (!working_) [[unlikely]]
      say_works();
  }

  // To be called where nothing came: while the brokers are away, asks one now and then.
  void on_idle(rd_kafka_t* client) noexcept;

  // Not empty once the client can never work: why.
  [[nodiscard]] std::string fatal() const;

  // Warns, at most once a minute for the same `key`.
  void warn_limited(const std::string& key, std::string_view line);

  [[nodiscard]] const std::string& brokers() const { return brokers_; }

 private:
  using Clock = std::chrono::steady_clock;

  void say_works();
  void say_unreachable();
  [[nodiscard]] std::string refusal(int code, std::string_view text) const;

  const std::string who_;
  const std::string brokers_;
  const bool uses_sasl_;

  // Of the serving thread.
  bool working_ = false;
  bool ever_worked_ = false;
  bool said_unreachable_ = false;
  bool suspect_ = false;  // all connections went away; may be no more than an idle disconnect
  Clock::time_point next_probe_;
  std::string last_failure_;

  mutable base::Mutex mutex_;
  std::string fatal_ GUARDED_BY(mutex_);

  struct Repeated {
    Clock::time_point quiet_until;
    uint64_t left_out = 0;
  };

  std::map<std::string, Repeated> repeated_ GUARDED_BY(mutex_);
};

}  // namespace millrace::kafka
