// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>

#include "engine/base/mutex.h"
#include "engine/base/repeat_limit.h"

namespace millrace::kafka {

// What a client of librdkafka says about itself, turned into few and clear log lines: an
// unreachable broker is said once until it works again, a repeated error once a minute, and what
// nothing but a person can change (a wrong password, a certificate) becomes fatal(), as long as the
// client never worked: later on it may be a broker that restarts.
//
// Threading: on_log(), fatal(), away(), cut_off_at() and statistics() any thread; the rest the
// thread that serves the client. Lifetime: outlives the client handle whose opaque it is.
class ClientEvents {
 public:
  // `who` begins sentences: "The consumer". What may be a broker that just starts is taken for a
  // wrong protocol after `odd_for`: longer than brokers, and proxies in front of them, hang up on
  // everybody.
  ClientEvents(std::string who, std::string brokers, bool uses_sasl,
               std::chrono::milliseconds odd_for = std::chrono::milliseconds{60'000});
  virtual ~ClientEvents() = default;
  ClientEvents(const ClientEvents&) = delete;
  ClientEvents& operator=(const ClientEvents&) = delete;

  void on_error(int code, const char* text) noexcept;
  void on_log(int level, const char* facility, const char* text) noexcept;
  void on_statistics(std::string_view json) noexcept;

  // The client works: a record, an acknowledgement or metadata came.
  void works() {
    if (!working_) [[unlikely]]
      say_works();
  }

  // To be called where nothing came: while the brokers are away, asks one now and then.
  void on_idle(rd_kafka_t* client) noexcept;

  // Not empty once the client can never work: why.
  [[nodiscard]] std::string fatal() const;

  // Not empty while no broker can be reached: the reason. Any thread.
  [[nodiscard]] std::string away() const;

  // When the group's coordinator was out of reach last: its connection or a request to it failed,
  // or no heartbeat was answered for a session. Nothing: never.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> cut_off_at() const;

  // The last statistics that the client gave (statistics.interval.ms), as librdkafka wrote them;
  // empty where it gives none. To be read by whoever wants them: read_statistics().
  [[nodiscard]] std::string statistics() const;

  // Warns, at most once a minute for the same `key`.
  void warn_limited(const std::string& key, std::string_view line);

  [[nodiscard]] const std::string& brokers() const { return brokers_; }

 private:
  using Clock = std::chrono::steady_clock;

  void say_works();
  void say_unreachable();
  [[nodiscard]] std::string refusal(int code, std::string_view text) const;
  void note_oddity(int code, std::string_view text);
  void set_away(std::string why);
  void set_cut_off();

  const std::string who_;
  const std::string brokers_;
  const bool uses_sasl_;
  const std::chrono::milliseconds odd_for_;

  // Of the serving thread.
  bool working_ = false;
  bool ever_worked_ = false;
  bool said_unreachable_ = false;
  bool suspect_ = false;  // all connections went away; may be no more than an idle disconnect
  Clock::time_point next_probe_;
  std::string last_failure_;

  mutable base::Mutex mutex_;
  std::string fatal_ GUARDED_BY(mutex_);
  std::string away_ GUARDED_BY(mutex_);
  std::optional<Clock::time_point> cut_off_ GUARDED_BY(mutex_);
  // The connection ends in a way that a wrong protocol and a broker that just starts have in
  // common. Since when nothing else was heard: librdkafka says the same thing once only.
  std::string odd_ GUARDED_BY(mutex_);
  Clock::time_point odd_since_ GUARDED_BY(mutex_);

  mutable base::Mutex statistics_mutex_;
  std::string statistics_ GUARDED_BY(statistics_mutex_);

  base::RepeatLimit repeated_{std::chrono::seconds(60)};
};

}  // namespace millrace::kafka
