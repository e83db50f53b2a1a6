// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/broker_probe.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "engine/base/mutex.h"
#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/error_class.h"

namespace millrace::kafka {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kAttempt{500};
constexpr int kDebugLevel = 7;
constexpr int kFetch = 1;
constexpr int kInitProducerId = 22;
// What is not understood by then is a wrong protocol: a person waits.
constexpr milliseconds kOddFor{2000};

// One client that knows one broker. What the broker understands stands in librdkafka's log only.
class Probe : public ClientEvents {
 public:
  Probe(const config::KafkaConfig& kafka, Side side, std::string address)
      : ClientEvents("The doctor", address, uses_sasl(kafka, role_of(side)), kOddFor),
        kafka_(kafka),
        role_(role_of(side)),
        address_(std::move(address)) {}

  ~Probe() override = default;
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  // Adds the brokers that it names to `others`.
  BrokerAnswer ask(milliseconds wait, std::vector<std::string>& others) {
    BrokerAnswer answer{.address = address_};
    base::Status status = open();
    if (status.ok()) status = ask_for_brokers(wait, others);
    if (!status.ok()) answer.error = status.message();
    if (answer.error.empty()) note_versions(answer);
    return answer;
  }

 private:
  struct Versions {
    int oldest = 0;
    int newest = 0;
  };

  static Probe& probe_of(const rd_kafka_t* client) {
    return static_cast<Probe&>(*static_cast<ClientEvents*>(rd_kafka_opaque(client)));
  }

  static void take_error(rd_kafka_t* client, int code, const char* text, void* /*opaque*/) {
    Probe& probe = probe_of(client);
    probe.on_error(code, text);
    const base::MutexLock lock(probe.mutex_);
    if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) probe.last_error_ = text;
  }

  static void take_log(const rd_kafka_t* client, int level, const char* facility,
                       const char* text) {
    if (client == nullptr) return;
    if (level == kDebugLevel) {
      probe_of(client).note_version(text);
    } else {
      probe_of(client).on_log(level, facility, text);
    }
  }

  base::Status open() {
    const std::vector<Setting> fixed = {{"bootstrap.servers", address_},
                                        {"allow.auto.create.topics", "false"},
                                        {"reconnect.backoff.max.ms", "500"},
                                        {"debug", "feature"}};
    auto conf = make_conf(kafka_, role_, {}, fixed);
    if (!conf.ok()) return conf.error();
    rd_kafka_conf_set_opaque(conf.value().get(), static_cast<ClientEvents*>(this));
    rd_kafka_conf_set_log_cb(conf.value().get(), take_log);
    rd_kafka_conf_set_error_cb(conf.value().get(), take_error);
    std::array<char, 512> text{};
    rd_kafka_t* const client =
        rd_kafka_new(RD_KAFKA_CONSUMER, conf.value().get(), text.data(), text.size());
    if (client == nullptr)
      return base::Error{fmt::format("librdkafka refuses the kafka properties: {}", text.data())};
    static_cast<void>(conf.value().release());  // rd_kafka_new took it over
    handle_.reset(client);
    return {};
  }

  base::Status ask_for_brokers(milliseconds wait, std::vector<std::string>& others) {
    const auto until = SteadyClock::now() + wait;
    while (true) {
      const struct rd_kafka_metadata* found = nullptr;
      const rd_kafka_resp_err_t error =
          rd_kafka_metadata(handle_.get(), 0, nullptr, &found, rd::to_ms(kAttempt));
      const rd::Metadata metadata(found);
      rd_kafka_poll(handle_.get(), 0);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        for (int i = 0; i < metadata->broker_cnt; ++i) {
          others.push_back(
              fmt::format("{}:{}", metadata->brokers[i].host, metadata->brokers[i].port));
        }
        return {};
      }
      if (std::string why = fatal(); !why.empty()) return base::Error{why};
      if (SteadyClock::now() >= until) return base::Error{failure(error)};
    }
  }

  std::string failure(rd_kafka_resp_err_t error) {
    const base::MutexLock lock(mutex_);
    return last_error_.empty() ? sentence(error, "") : last_error_;
  }

  // "  ApiKey Fetch (1) Versions 0..12"
  void note_version(const char* text) {
    const std::string line(text);
    const size_t at = line.find("ApiKey ");
    const size_t number = line.find('(', at);
    if (at == std::string::npos || number == std::string::npos) return;
    int key = 0;
    Versions versions;
    // NOLINTNEXTLINE(cert-err34-c): three numbers were read, or it is none of these lines
    if (std::sscanf(line.c_str() + number, "(%d) Versions %d..%d", &key, &versions.oldest,
                    &versions.newest) != 3) {
      return;
    }
    const base::MutexLock lock(mutex_);
    versions_[key] = versions;
  }

  void note_versions(BrokerAnswer& answer) {
    const base::MutexLock lock(mutex_);
    if (versions_.empty()) return;
    answer.transactions = versions_.contains(kInitProducerId);
    if (const auto found = versions_.find(kFetch); found != versions_.end())
      answer.version = version_of(found->second.oldest, found->second.newest);
  }

  const config::KafkaConfig& kafka_;
  const Role role_;
  const std::string address_;
  base::Mutex mutex_;
  std::string last_error_ GUARDED_BY(mutex_);
  std::map<int, Versions> versions_ GUARDED_BY(mutex_);
  rd::Handle handle_;  // last: its callbacks use the rest
};

std::vector<std::string> listed_brokers(const config::KafkaConfig& kafka) {
  std::vector<std::string> addresses;
  std::string rest = bootstrap_servers(kafka);
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    std::string one = rest.substr(0, comma);
    rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
    one.erase(0, one.find_first_not_of(' '));
    one.erase(one.find_last_not_of(' ') + 1);
    if (!one.empty()) addresses.push_back(one);
  }
  return addresses;
}

}  // namespace

std::string version_of(int oldest, int newest) {
  struct Known {
    int newest;
    const char* version;
  };

  // The first release whose brokers understand this version of Fetch.
  static constexpr std::array<Known, 7> kKnown{
      {{17, "3.9"}, {16, "3.7"}, {15, "3.5"}, {13, "3.1"}, {12, "2.7"}, {11, "2.3"}, {4, "0.11"}}};
  // 4.0 dropped the oldest ones.
  if (oldest >= 4) return "4.0";
  for (const Known& known : kKnown) {
    if (newest >= known.newest) return known.version;
  }
  return {};
}

std::vector<BrokerAnswer> probe_brokers(const config::KafkaConfig& kafka, Side side,
                                        milliseconds wait) {
  std::vector<BrokerAnswer> answers;
  std::vector<std::string> named;
  for (const std::string& address : listed_brokers(kafka)) {
    Probe probe(kafka, side, address);
    answers.push_back(probe.ask(wait, named));
    answers.back().listed = true;
  }
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  for (const std::string& address : named) {
    const bool known = std::any_of(answers.begin(), answers.end(),
                                   [&](const BrokerAnswer& one) { return one.address == address; });
    if (known) continue;
    std::vector<std::string> ignored;
    Probe probe(kafka, side, address);
    answers.push_back(probe.ask(wait, ignored));
  }
  return answers;
}

}  // namespace millrace::kafka
