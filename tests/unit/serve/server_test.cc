// SPDX-License-Identifier: Apache-2.0
#include "engine/serve/server.h"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <netinet/tcp.h>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/serve/assets.h"
#include "tests/unit/serve/certificate.h"
#include "tests/unit/serve/client.h"
#include "tests/unit/serve/fake_pipeline.h"
#include "tests/unit/serve/noise.h"

namespace millrace::serve {
namespace {

using std::chrono::milliseconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kOk = "HTTP/1.1 200 OK\r\n";
// More than the system takes for a client that does not read.
constexpr size_t kLong = size_t{16} << 20;

size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  size_t pages = 0;
  file >> pages >> pages;
  return pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

class ServerTest : public ::testing::Test {
 protected:
  void serve(const std::function<void(Server::Options&)>& change = {}) {
    Server::Options options;
    // Fast, so that the tests need not wait.
    options.sampler.every = milliseconds(50);
    if (change) change(options);
    auto made = Server::listen(options, pipeline_.seams());
    ASSERT_TRUE(made.ok()) << made.message();
    server_ = std::move(made.value());
    server_->start();
  }

  [[nodiscard]] std::string get(const std::string& target, const std::string& headers = "") const {
    Client client(server_->port());
    client.get(target, headers + "Connection: close\r\n");
    return client.read_all();
  }

  // Asks until the answer has that text, for 10 s at most.
  [[nodiscard]] std::string get_until(const std::string& target, const std::string& text) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::string answer;
    do {
      answer = get(target);
    } while (answer.find(text) == std::string::npos && std::chrono::steady_clock::now() < end);
    return answer;
  }

  void await_ready() const { EXPECT_THAT(get_until("/readyz", "Ready."), StartsWith(kOk)); }

  FakePipeline pipeline_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersEveryRoute) {
  serve();
  EXPECT_THAT(get("/healthz"), AllOf(StartsWith(kOk), EndsWith("\r\n\r\nAlive.\n")));
  EXPECT_THAT(get_until("/readyz", "Ready."), AllOf(StartsWith(kOk), EndsWith("Ready.\n")));
  EXPECT_THAT(get("/report"), EndsWith("\r\n\r\nthe report\n"));
  EXPECT_THAT(get("/report", "Accept: application/json\r\n"), HasSubstr("{\"version\": 1}"));
  EXPECT_THAT(get("/report?format=json"), HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(get("/insights.json"),
              HasSubstr(R"({"pipeline":"logins","time_ms":5,"durable":true,"insights":{})"));
  EXPECT_THAT(get("/vitals.json"), HasSubstr(R"("consumed":10)"));
  EXPECT_THAT(get("/metrics"), AllOf(HasSubstr("Content-Type: text/plain; version=0.0.4"),
                                     HasSubstr("\nmillrace_records_consumed_total 10\n")));
}

TEST_F(ServerTest, SaysWhatItHasNot) {
  serve();
  EXPECT_THAT(get("/nothing"), AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("/metrics")));
  Client client(server_->port());
  client.send("DELETE /report HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_all(),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("\r\nAllow: GET, HEAD\r\n")));
}

TEST_F(ServerTest, HeadGetsTheHeadersAlone) {
  serve();
  for (const std::string target : {"/healthz", "/report", "/metrics", "/events"}) {
    await_ready();
    Client client(server_->port());
    client.send("HEAD " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(client.read_all(), AllOf(StartsWith(kOk), EndsWith("\r\n\r\n"))) << target;
  }
}

TEST_F(ServerTest, AConnectionServesRequestsOneAfterTheOther) {
  serve();
  Client client(server_->port());
  client.get("/healthz");
  EXPECT_THAT(client.read_answer(), EndsWith("Alive.\n"));
  client.get("/report");
  EXPECT_THAT(client.read_answer(), EndsWith("the report\n"));
  client.send("GET /healthz HTTP/1.1\r\n\r\nGET /report HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_all(), AllOf(HasSubstr("Alive.\n"), EndsWith("the report\n")));
}

TEST_F(ServerTest, ThePageComesWithoutAToken) {
  serve([](Server::Options& options) { options.token = "secret"; });
  ASSERT_FALSE(assets().empty());
  for (const Asset& asset : assets()) {
    const std::string answer = get(std::string(asset.path));
    EXPECT_THAT(answer, StartsWith(kOk)) << asset.path;
    EXPECT_THAT(answer, HasSubstr("Content-Type: " + std::string(asset.content_type) + "\r\n"));
    EXPECT_TRUE(answer.ends_with(asset.bytes)) << asset.path;
  }
}

TEST_F(ServerTest, DataNeedsTheToken) {
  serve([](Server::Options& options) { options.token = "secret"; });
  await_ready();
  for (const std::string target :
       {"/metrics", "/report", "/insights.json", "/vitals.json", "/events"}) {
    EXPECT_THAT(get(target), AllOf(StartsWith("HTTP/1.1 401 "),
                                   HasSubstr("\r\nWWW-Authenticate: Bearer realm=\"millrace\"")));
    for (const std::string wrong : {"secreT", "secre", "secretsecret", ""}) {
      EXPECT_THAT(get(target, "Authorization: Bearer " + wrong + "\r\n"),
                  StartsWith("HTTP/1.1 401 "));
    }
    Client client(server_->port());
    client.get(target, "authorization: bearer secret\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith(kOk)) << target;
  }
}

TEST_F(ServerTest, ProbesNeedNoTokenAndLearnNoReasonWithoutIt) {
  pipeline_.starting("a broker at kafka:9092");
  serve([](Server::Options& options) { options.token = "secret"; });
  EXPECT_THAT(get("/healthz"), StartsWith(kOk));
  EXPECT_THAT(get("/readyz"), EndsWith("\r\n\r\nNot ready.\n"));
  EXPECT_THAT(get("/readyz", "Authorization: Bearer secret\r\n"), HasSubstr("kafka:9092"));
}

// A page from elsewhere whose name leads here must not read what only this machine may.
TEST_F(ServerTest, WithoutATokenALoopbackServerAnswersToThisMachinesNamesOnly) {
  serve();
  const auto get_as = [this](const std::string& host) {
    Client client(server_->port());
    client.send("GET /report HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    return client.read_all();
  };
  for (const std::string host :
       {"evil.example", "127.0.0.1.evil.example", "localhost.evil:80", "[::2]:9464", "[::1",
        "[::1].evil", "[::1]9464", "[::ffff:128.0.0.1]", "[::127.0.0.1]", "128.0.0.1"})
    EXPECT_THAT(get_as(host), StartsWith("HTTP/1.1 421 ")) << host;
  for (const std::string host :
       {"127.0.0.1:9464", "127.1.2.3", "localhost", "LOCALHOST:1", "[::1]:9464", "[0::1]",
        "[0:0:0:0:0:0:0:1]:1", "[::ffff:127.0.0.1]:9464", "[::FFFF:7f00:1]"})
    EXPECT_THAT(get_as(host), StartsWith(kOk)) << host;
}

TEST_F(ServerTest, ReadyzSaysWhyNot) {
  pipeline_.starting("a broker at kafka:9092");
  serve();
  EXPECT_THAT(get("/readyz"),
              AllOf(StartsWith("HTTP/1.1 503 "),
                    EndsWith("Not ready: starting, waiting for a broker at kafka:9092.\n")));
  EXPECT_THAT(get("/report"),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("waiting for a broker")));
  EXPECT_THAT(get("/events"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(get("/metrics"), AllOf(StartsWith(kOk), HasSubstr("millrace_ready 0\n"),
                                     HasSubstr("millrace_phase{phase=\"starting\"} 1\n")));
  EXPECT_THAT(get("/healthz"), StartsWith(kOk));
  pipeline_.started();
  EXPECT_THAT(get_until("/readyz", "Ready."), StartsWith(kOk));

  pipeline_.change([](report::Vitals& vitals) {
    vitals.health.status = report::Status::kUnhealthy;
    vitals.health.partitions.push_back({{"logins", 3},
                                        report::Status::kUnhealthy,
                                        "no broker leads the partition",
                                        base::Offset{7},
                                        100,
                                        milliseconds(45'000)});
  });
  EXPECT_THAT(get_until("/readyz", "Not ready"),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Not ready: logins/3 is unhealthy"),
                    HasSubstr("no broker leads the partition")));
  pipeline_.change([](report::Vitals& vitals) { vitals.health.status = report::Status::kWaiting; });
  EXPECT_THAT(get_until("/readyz", "Ready."), StartsWith(kOk));
  pipeline_.change([](report::Vitals& vitals) { vitals.phase = report::Phase::kDraining; });
  EXPECT_THAT(get_until("/readyz", "draining"), StartsWith("HTTP/1.1 503 "));
}

TEST_F(ServerTest, IsNotAliveWhereWorkersFinishNothing) {
  serve([](Server::Options& options) { options.sampler.dead_after = milliseconds(300); });
  EXPECT_THAT(get("/healthz"), StartsWith(kOk));
  pipeline_.change([](report::Vitals& vitals) { vitals.batches_processing = 2; });
  EXPECT_THAT(get_until("/healthz", "Not alive"),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("the workers")));
  pipeline_.change([](report::Vitals& vitals) { ++vitals.batches_processed; });
  EXPECT_THAT(get_until("/healthz", "Alive."), StartsWith(kOk));
}

// Behind an output broker that is away, or while insights are counted up again, the workers finish
// batches of which none is counted as settled.
TEST_F(ServerTest, IsAliveWhereWorkersFinishWhatDoesNotSettle) {
  serve([](Server::Options& options) { options.sampler.dead_after = milliseconds(1000); });
  const auto end = std::chrono::steady_clock::now() + milliseconds(2000);
  while (std::chrono::steady_clock::now() < end) {
    pipeline_.change([](report::Vitals& vitals) {
      vitals.batches_processing = 2;
      ++vitals.batches_processed;
    });
    EXPECT_THAT(get("/healthz"), StartsWith(kOk));
  }
}

// A client that always has more to say has its turn like the others.
TEST_F(ServerTest, AClientThatNeverStopsHoldsNobodyUp) {
  serve();
  await_ready();
  const Noise pipelining(server_->port(), "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const Noise listening(server_->port(), "\r\n", "GET /events HTTP/1.1\r\n\r\n");
  for (int i = 0; i < 20; ++i) EXPECT_THAT(get("/healthz"), StartsWith(kOk));
  const auto begun = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(3));
  EXPECT_FALSE(pipelining.gave_up() || listening.gave_up());
}

// Then a sample is old by the time it is there, and the next one is due.
TEST_F(ServerTest, VitalsThatTakeLongAreAnsweredAndStarveNoPage) {
  pipeline_.takes = milliseconds(150);
  serve();
  for (const std::string target : {"/vitals.json", "/report", "/vitals.json", "/metrics"})
    EXPECT_THAT(get(target), StartsWith(kOk)) << target;
}

TEST_F(ServerTest, AsksForVitalsNoMoreOftenThanItSays) {
  serve([](Server::Options& options) { options.sampler.every = milliseconds(200); });
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) EXPECT_THAT(get("/vitals.json"), StartsWith(kOk));
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_LE(pipeline_.asked_vitals, 2 + took / milliseconds(200));
}

TEST_F(ServerTest, AsksThePipelineOnceHoweverManyAskIt) {
  serve([](Server::Options& options) { options.sampler.every = std::chrono::hours(1); });
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<Client>(server_->port()));
    clients.back()->get("/report", "Connection: close\r\n");
  }
  for (const auto& client : clients) EXPECT_THAT(client->read_all(), EndsWith("the report\n"));
  EXPECT_EQ(pipeline_.asked_report, 1);
}

TEST_F(ServerTest, EventsComeUntilTheServerStops) {
  serve();
  await_ready();
  Client client(server_->port());
  client.get("/events");
  EXPECT_THAT(client.read_until("\"consumed\":10"),
              AllOf(StartsWith(kOk), HasSubstr("text/event-stream"), HasSubstr("event: vitals\n")));
  pipeline_.change([](report::Vitals& vitals) { vitals.consumed = 11; });
  EXPECT_THAT(client.read_until("\"consumed\":11"), HasSubstr("\"consumed\":11"));
  pipeline_.change([](report::Vitals& vitals) { vitals.phase = report::Phase::kDraining; });
  EXPECT_THAT(client.read_until("draining"), HasSubstr("draining"));
  pipeline_.change([](report::Vitals& vitals) { vitals.phase = report::Phase::kFinished; });
  server_->stop();
  EXPECT_THAT(client.read_all(), HasSubstr("\"phase\":\"finished\""));
  EXPECT_TRUE(client.is_closed_within(10'000));
}

// Its events come once an hour: only the end brings another.
TEST_F(ServerTest, TheLastEventSaysHowItEnded) {
  serve([](Server::Options& options) { options.sampler.every = std::chrono::hours(1); });
  await_ready();
  Client client(server_->port());
  client.get("/events");
  client.read_until("\"consumed\":10");
  pipeline_.change([](report::Vitals& vitals) { vitals.phase = report::Phase::kFinished; });
  server_->stop();
  EXPECT_THAT(client.read_all(), HasSubstr("\"phase\":\"finished\""));
  EXPECT_TRUE(client.is_closed_within(10'000));
}

TEST_F(ServerTest, EventsEndWhereThePipelineIsGone) {
  serve();
  await_ready();
  Client client(server_->port());
  client.get("/events");
  client.read_until("event: vitals");
  pipeline_.gone();
  EXPECT_TRUE(client.is_closed_within(10'000));
}

TEST_F(ServerTest, ServesSoManyEventStreamsAndNoMore) {
  serve([](Server::Options& options) { options.streams_max = 2; });
  await_ready();
  auto first = std::make_unique<Client>(server_->port());
  Client second(server_->port());
  first->get("/events");
  second.get("/events");
  EXPECT_THAT(first->read_until("event: vitals"), StartsWith(kOk));
  EXPECT_THAT(second.read_until("event: vitals"), StartsWith(kOk));
  EXPECT_THAT(get("/events"), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("2 event streams")));
  first.reset();
  // The place is free once the server has seen the end.
  std::string answer;
  for (int i = 0; i < 1000 && !answer.starts_with(kOk); ++i) {
    Client third(server_->port());
    third.get("/events", "Connection: close\r\n");
    answer = third.read_until("\n\n");
  }
  EXPECT_THAT(answer, StartsWith(kOk));
}

TEST_F(ServerTest, ASlowRequestEndsAndHoldsNobodyUp) {
  serve([](Server::Options& options) { options.patience.request = milliseconds(300); });
  Client slow(server_->port());
  Client silent(server_->port());
  slow.send("GET /report HTTP/1.1\r\nHost:");
  EXPECT_THAT(get("/healthz"), StartsWith(kOk));
  EXPECT_THAT(slow.read_all(), StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(silent.is_closed_within(10'000));
}

TEST_F(ServerTest, TricklingHeadersDoNotLengthenTheTime) {
  serve([](Server::Options& options) { options.patience.request = milliseconds(500); });
  Client client(server_->port());
  client.send("GET /report HTTP/1.1\r\n");
  const auto begun = std::chrono::steady_clock::now();
  std::string answer;
  while (answer.empty() && std::chrono::steady_clock::now() - begun < std::chrono::seconds(10)) {
    client.send("a: b\r\n");
    answer = client.read_until("\r\n\r\n", 20);
  }
  EXPECT_THAT(answer, ::testing::AnyOf(StartsWith("HTTP/1.1 408 "), StartsWith("HTTP/1.1 431 ")));
}

TEST_F(ServerTest, MakesRoomByClosingIdleConnections) {
  serve([](Server::Options& options) { options.connections_max = 3; });
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(std::make_unique<Client>(server_->port()));
    idle.back()->get("/healthz");
    EXPECT_THAT(idle.back()->read_answer(), EndsWith("Alive.\n"));
  }
  EXPECT_THAT(get("/healthz"), EndsWith("Alive.\n"));
}

// Whoever comes while all are busy waits outside, and nothing spins meanwhile.
TEST_F(ServerTest, WhereAllPlacesAreBusyOneWaitsOutside) {
  serve([](Server::Options& options) {
    options.connections_max = 2;
    options.sampler.every = std::chrono::hours(1);
  });
  auto first = std::make_unique<Client>(server_->port());
  auto second = std::make_unique<Client>(server_->port());
  for (Client* busy : {first.get(), second.get()}) {
    busy->get("/healthz");
    EXPECT_THAT(busy->read_answer(), EndsWith("Alive.\n"));
    busy->send("GET /healthz HTTP/1.1\r\n");
  }
  Client third(server_->port());
  third.get("/healthz", "Connection: close\r\n");
  const std::clock_t before = std::clock();
  EXPECT_EQ(third.read_until("\r\n", 500), "");
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 10);
  second.reset();
  EXPECT_THAT(third.read_all(), EndsWith("Alive.\n"));
}

// The last place was taken; nobody needs another.
TEST_F(ServerTest, AnIdleConnectionIsClosedForSomebodyOnly) {
  serve([](Server::Options& options) { options.connections_max = 2; });
  Client first(server_->port());
  first.get("/healthz");
  EXPECT_THAT(first.read_answer(), EndsWith("Alive.\n"));
  Client second(server_->port());
  second.get("/healthz");
  EXPECT_THAT(second.read_answer(), EndsWith("Alive.\n"));
  first.get("/healthz");
  EXPECT_THAT(first.read_answer(), EndsWith("Alive.\n"));
}

// Who does not read its answer loses its place, which here is the only one.
TEST_F(ServerTest, WhoDoesNotReadItsAnswerLosesItsPlace) {
  pipeline_.report = std::string(kLong, 'x');
  serve([](Server::Options& options) {
    options.connections_max = 1;
    options.patience.response = milliseconds(300);
  });
  Client slow(server_->port(), false, 4096);
  slow.get("/report");
  EXPECT_THAT(slow.read_until("\r\n\r\n"), StartsWith(kOk));
  EXPECT_THAT(get("/healthz"), StartsWith(kOk));
}

TEST_F(ServerTest, WhoDoesNotReadItsEventsLosesItsPlace) {
  pipeline_.change([](report::Vitals& vitals) {
    vitals.samples.push_back({{"logins", 0}, base::Offset{1}, 0, "parse:syntax", {}});
    vitals.samples.back().masked = std::string(size_t{1} << 20, 'x');
  });
  serve([](Server::Options& options) {
    options.streams_max = 1;
    options.patience.events = milliseconds(300);
  });
  await_ready();
  Client slow(server_->port(), false, 4096);
  slow.get("/events");
  EXPECT_THAT(slow.read_until("\r\n\r\n"), StartsWith(kOk));
  std::string answer;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!answer.starts_with(kOk) && std::chrono::steady_clock::now() < end) {
    Client other(server_->port());
    other.get("/events", "Connection: close\r\n");
    answer = other.read_until("\r\n\r\n");
  }
  EXPECT_THAT(answer, StartsWith(kOk));
}

// A page is there once, however many are slow to read it.
TEST_F(ServerTest, SlowReadersShareAPage) {
  pipeline_.report = std::string(kLong, 'x');
  serve([](Server::Options& options) { options.sampler.every = std::chrono::hours(1); });
  EXPECT_THAT(get("/report"), StartsWith(kOk));
  const size_t before = resident_bytes();
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<Client>(server_->port(), false, 4096));
    slow.back()->get("/report");
    EXPECT_THAT(slow.back()->read_until("\r\n\r\n"), StartsWith(kOk));
  }
  EXPECT_LT(resident_bytes(), before + 4 * kLong);
}

// Of one that vanishes without a word the system finds out, also where nothing is read from it.
TEST_F(ServerTest, AClientThatVanishesIsFoundOut) {
  serve();
  Client client(server_->port());
  client.get("/healthz");
  EXPECT_THAT(client.read_answer(), EndsWith("Alive.\n"));
  // The server's end of it is in this process too.
  std::vector<unsigned> timeouts;
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in here{};
    sockaddr_in there{};
    socklen_t size = sizeof here;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size) != 0) continue;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&there), &size) != 0) continue;
    if (here.sin_family != AF_INET || ntohs(here.sin_port) != server_->port()) continue;
    unsigned timeout = 0;
    size = sizeof timeout;
    ::getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, &size);
    timeouts.push_back(timeout);
  }
  EXPECT_THAT(timeouts, ::testing::ElementsAre(30'000));
}

TEST_F(ServerTest, WhatIsNoHttpIsAnsweredAndClosed) {
  serve();
  Client client(server_->port());
  client.send("\x16\x03\x01 hello");
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 400 "));
}

TEST_F(ServerTest, SpeaksTls) {
  const Certificate certificate;
  auto tls = TlsContext::load(certificate.certificate_file(), certificate.key_file());
  ASSERT_TRUE(tls.ok()) << tls.message();
  serve([&](Server::Options& options) { options.tls = tls.value(); });
  EXPECT_THAT(server_->url(), StartsWith("https://127.0.0.1:"));
  {
    Client client(server_->port(), true);
    ASSERT_TRUE(client.connected());
    client.get("/healthz");
    EXPECT_THAT(client.read_answer(), EndsWith("Alive.\n"));
    client.get("/metrics", "Connection: close\r\n");
    EXPECT_THAT(client.read_all(), HasSubstr("millrace_info"));
  }
  Client plain(server_->port());
  plain.get("/healthz");
  EXPECT_THAT(plain.read_all(), Not(HasSubstr("Alive")));
  Client stream(server_->port(), true);
  ASSERT_TRUE(stream.connected());
  stream.get("/events");
  EXPECT_THAT(stream.read_until("event: vitals"), HasSubstr("event: vitals"));
  server_->stop();
  EXPECT_TRUE(stream.is_closed_within(10'000));
}

TEST(Tls, SaysWhichFileIsWrong) {
  const Certificate one;
  const Certificate other;
  const std::string none = one.folder() + "/none.pem";
  const auto no_file = TlsContext::load(none, one.key_file());
  ASSERT_FALSE(no_file.ok());
  EXPECT_THAT(no_file.message(), HasSubstr("'" + none + "' is no certificate in PEM"));
  const auto swapped = TlsContext::load(one.certificate_file(), one.certificate_file());
  ASSERT_FALSE(swapped.ok());
  EXPECT_THAT(swapped.message(), HasSubstr("is no key in PEM"));
  const auto misfit = TlsContext::load(one.certificate_file(), other.key_file());
  ASSERT_FALSE(misfit.ok());
  EXPECT_THAT(misfit.message(), HasSubstr(other.key_file()));
}

TEST(Server, SaysThatAPortIsTaken) {
  FakePipeline pipeline;
  auto first = Server::listen({}, pipeline.seams());
  ASSERT_TRUE(first.ok()) << first.message();
  Server::Options options;
  options.port = first.value()->port();
  const auto second = Server::listen(options, pipeline.seams());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.message(), "cannot listen on 127.0.0.1:" + std::to_string(options.port) +
                                  ": the port is taken by another program");
}

}  // namespace
}  // namespace millrace::serve
