// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/client_events.h"

#include <algorithm>
#include <utility>

#include "engine/base/log.h"
#include "engine/kafka/rd.h"

namespace millrace::kafka {
namespace {

constexpr std::chrono::seconds kProbeEvery{2};
constexpr int kProbeMs = 200;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// librdkafka begins its lines with the name of its thread, which says nothing to a user.
std::string_view without_thread(std::string_view text) {
  if (!text.starts_with("[thrd:")) return text;
  const size_t end = text.find("]: ");
  return end == std::string_view::npos ? text : text.substr(end + 3);
}

// librdkafka's name for its connection to the group's coordinator, which is apart from those to the
// same broker for other things, and never idle: a broker closes it for a reason.
bool of_coordinator(std::string_view text) {
  return contains(text, "GroupCoordinator");
}

// A line that says that the coordinator is out of reach. A session that ends behind a fence is no
// sign of that: the member had ceased to send heartbeats.
bool is_cut_off(std::string_view facility, std::string_view text) {
  if (facility == "SESSTMOUT") {
    return !contains(text, rd_kafka_err2str(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID));
  }
  return (facility == "FAIL" || facility == "REQTMOUT") && of_coordinator(text);
}

// "host:9092/bootstrap: Connect to … failed: Connection refused (after 0ms in state CONNECT)"
// becomes "Connect to … failed: Connection refused".
std::string brief(std::string_view text) {
  text = without_thread(text);
  if (const size_t state = text.find(" (after "); state != std::string_view::npos) {
    text = text.substr(0, state);
  }
  if (const size_t name = text.find(": "); name != std::string_view::npos) {
    const std::string_view head = text.substr(0, name);
    if (contains(head, "/") || contains(head, "://")) text = text.substr(name + 2);
  }
  std::string out(text.substr(0, 300));
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

}  // namespace

ClientEvents::ClientEvents(std::string who, std::string brokers, bool uses_sasl,
                           std::chrono::milliseconds odd_for)
    : who_(std::move(who)),
      brokers_(std::move(brokers)),
      uses_sasl_(uses_sasl),
      odd_for_(odd_for) {}

std::string ClientEvents::fatal() const {
  const base::MutexLock lock(mutex_);
  if (fatal_.empty() && !odd_.empty() && Clock::now() - odd_since_ >= odd_for_) return odd_;
  return fatal_;
}

std::string ClientEvents::away() const {
  const base::MutexLock lock(mutex_);
  return away_;
}

void ClientEvents::set_away(std::string why) {
  const base::MutexLock lock(mutex_);
  away_ = std::move(why);
}

std::optional<std::chrono::steady_clock::time_point> ClientEvents::cut_off_at() const {
  const base::MutexLock lock(mutex_);
  return cut_off_;
}

void ClientEvents::set_cut_off() {
  const base::MutexLock lock(mutex_);
  cut_off_ = Clock::now();
}

// What a broker that starts may do too: only a person's business if it lasts.
void ClientEvents::note_oddity(int code, std::string_view text) {
  const char* why = nullptr;
  if (contains(text, "connecting to a SSL listener?")) {
    why = "they hang up at once, as brokers do that want TLS";
  } else if (contains(text, "might require SASL")) {
    why = "they hang up, as brokers do that want a user name and a password";
  } else if (code == RD_KAFKA_RESP_ERR__SSL && contains(text, "unexpected eof")) {
    why = "they hang up on TLS, as brokers do that do not use it";
  }
  const base::MutexLock lock(mutex_);
  if (why == nullptr) {
    // Nobody there is another matter. Other errors come with the odd ones: a reset in the middle of
    // a handshake, the line that all connections are gone.
    if (contains(text, "Connect to ") || code == RD_KAFKA_RESP_ERR__RESOLVE) odd_.clear();
    return;
  }
  if (odd_.empty()) odd_since_ = Clock::now();
  odd_ = fmt::format("{} was refused by the brokers at {}: {} (security.protocol)", who_, brokers_,
                     why);
}

std::string ClientEvents::refusal(int code, std::string_view text) const {
  if (ever_worked_) return {};
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION && uses_sasl_) {
    return fmt::format("{} was refused by the brokers at {}: authentication failed ({})", who_,
                       brokers_, brief(text));
  }
  if (code == RD_KAFKA_RESP_ERR__SSL && contains(text, "certificate verify failed")) {
    return fmt::format("{} does not trust the certificate of the brokers at {} (ssl.ca.location)",
                       who_, brokers_);
  }
  // A broker that does not like our certificate says so by a TLS alert, and librdkafka calls that
  // a transport error: 42 bad, 43 unsupported, 44 revoked, 45 expired, 46 unknown certificate,
  // 48 unknown CA, 116 certificate required.
  if (contains(text, "SSL alert number ")) {
    for (const char* alert : {"42", "43", "44", "45", "46", "48", "116"}) {
      if (contains(text, std::string("SSL alert number ") + alert)) {
        return fmt::format(
            "{} was refused by the brokers at {}: they do not accept our client certificate "
            "(ssl.certificate.location, ssl.key.location)",
            who_, brokers_);
      }
    }
  }
  if (code == RD_KAFKA_RESP_ERR__SSL && contains(text, "wrong version number")) {
    return fmt::format(
        "{} was refused by the brokers at {}: they do not speak TLS on this port "
        "(security.protocol)",
        who_, brokers_);
  }
  return {};
}

void ClientEvents::on_error(int code, const char* text) noexcept {
  const std::string_view reason = text == nullptr ? "" : text;
  if (std::string refused = refusal(code, reason); !refused.empty()) {
    const base::MutexLock lock(mutex_);
    if (fatal_.empty()) fatal_ = std::move(refused);
    return;
  }
  if (!ever_worked_) note_oddity(code, reason);
  if (of_coordinator(reason)) set_cut_off();
  switch (code) {
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      working_ = false;
      suspect_ = true;
      // Brokers close idle connections, which looks the same: believe it only after a probe. At the
      // start there is nothing to wait for.
      if (!ever_worked_) say_unreachable();
      return;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      last_failure_ = brief(reason);
      // A broker that restarts looks to librdkafka as if it might want a password.
      if (ever_worked_ && contains(last_failure_, "might require SASL")) {
        last_failure_ = "Disconnected";
      }
      base::log::debug("{}: {}", who_, last_failure_);
      return;
    case RD_KAFKA_RESP_ERR__FATAL:
      return;  // rd_kafka_fatal_error() tells it with its real code
    default:
      warn_limited(rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)),
                   fmt::format("{}: {}.", who_, brief(reason)));
  }
}

void ClientEvents::on_log(int level, const char* facility, const char* text) noexcept {
  const std::string_view name = facility == nullptr ? "" : facility;
  const std::string_view said = text == nullptr ? "" : text;
  if (is_cut_off(name, said)) set_cut_off();
  // Connection failures come as errors too, CONFWARN is about properties of the other role,
  // AUTOCREATE about brokers before 0.11, which is what the embedded one takes itself for, and
  // GETPID says that an idempotent producer asks once more. Of a FATAL one tells who meets it.
  const bool noise = name == "FAIL" || name == "ERROR" || name == "CONFWARN" ||
                     name == "AUTOCREATE" || name == "GETPID" || name == "FATAL";
  const std::string line = brief(said);
  if (noise || level > 4) {
    base::log::debug("{}: {} ({})", who_, line, name);
  } else {
    warn_limited("log " + std::string(name), fmt::format("{}: {} ({}).", who_, line, name));
  }
}

void ClientEvents::on_statistics(std::string_view json) noexcept {
  const base::MutexLock lock(statistics_mutex_);
  statistics_ = json;
}

std::string ClientEvents::statistics() const {
  const base::MutexLock lock(statistics_mutex_);
  return statistics_;
}

void ClientEvents::warn_limited(const std::string& key, std::string_view line) {
  if (const auto said = repeated_.admit(key, line, Clock::now())) base::log::warn("{}", *said);
}

void ClientEvents::say_unreachable() {
  if (!fatal().empty()) return;
  const std::string why = last_failure_.empty() ? "" : fmt::format(" ({})", last_failure_);
  set_away(fmt::format("no broker at {} can be reached{}", brokers_, why));
  if (std::exchange(said_unreachable_, true)) return;
  if (ever_worked_) {
    base::log::warn("{} reaches no broker at {} any more; still trying{}.", who_, brokers_, why);
  } else {
    base::log::warn("No broker at {} reachable yet; still trying{}.", brokers_, why);
  }
}

void ClientEvents::say_works() {
  working_ = true;
  suspect_ = false;
  ever_worked_ = true;
  {
    const base::MutexLock lock(mutex_);
    away_.clear();
    odd_.clear();
  }
  if (std::exchange(said_unreachable_, false)) {
    base::log::info("{} reaches the brokers at {}.", who_, brokers_);
  }
}

void ClientEvents::on_idle(rd_kafka_t* client) noexcept {
  if (!suspect_) return;
  const Clock::time_point now = Clock::now();
  if (now < next_probe_) return;
  next_probe_ = now + kProbeEvery;
  const struct rd_kafka_metadata* metadata = nullptr;
  // Asks for the topics that the client knows already.
  if (rd_kafka_metadata(client, 0, nullptr, &metadata, kProbeMs) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_metadata_destroy(metadata);
    say_works();
  } else {
    say_unreachable();
  }
}

}  // namespace millrace::kafka
