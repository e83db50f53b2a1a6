// SPDX-License-Identifier: Apache-2.0
// The floor: what moving records through Kafka costs when nothing else is done. One thread
// consumes with librdkafka, parses with simdjson, appends one member and produces. It checks no
// schema, counts nothing, keeps no order beyond what librdkafka keeps, survives no failure. What a
// real engine does comes on top; its rates are stated as ratios to these.
//
// Modes, each doing all of the one before it:
//   consume       reads the records
//   parse         copies each into an arena and parses all of it
//   produce       appends a member and sends the record to the same partition of the output
//   idempotent    the same by an idempotent producer
//   transactions  the same in transactions, one per 100 ms, with the input's offsets
//
// It ends after N records and prints one line of JSON. A record that is not JSON is skipped and
// counted. The first error ends it: exit code 1.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <simdjson.h>

namespace millrace::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// ------------------------------------------------------------------------------------ settings

constexpr size_t kPoll = 4000;  // records per call of the batch API
constexpr milliseconds kTransactionEvery{100};
constexpr int kWaitMs = 60'000;  // for anything that a broker must do, but for a commit

struct Setting {
  std::string_view name;
  std::string_view value;
};

// Whatever is not here is librdkafka's default: no compression, acks=all, no check of CRCs.
constexpr auto kConsumerSettings = std::to_array<Setting>({
    {"auto.offset.reset", "earliest"},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"partition.assignment.strategy", "range"},
    // Enough that the loop never waits for a full queue to be looked at again.
    {"queued.max.messages.kbytes", "262144"},
    {"queued.min.messages", "1000000"},
    {"max.partition.fetch.bytes", "4194304"},
    {"fetch.wait.max.ms", "10"},
    {"socket.nagle.disable", "true"},
});
constexpr auto kProducerSettings = std::to_array<Setting>({
    {"linger.ms", "5"},
    {"batch.size", "1000000"},
    {"batch.num.messages", "10000"},
    {"queue.buffering.max.messages", "1000000"},
    {"queue.buffering.max.kbytes", "262144"},
    {"socket.nagle.disable", "true"},
});
// librdkafka (2.0.2) has one request of a partition on its way at a time when it is idempotent, and
// while it waits for the answer its thread polls without a pause, for as long as there is more to
// send: half of all CPU time. With one request per connection it waits as it should, and is not
// slower here.
constexpr auto kIdempotentSettings = std::to_array<Setting>({
    {"enable.idempotence", "true"},
    {"max.in.flight", "1"},
});

enum class Mode { kConsume, kParse, kProduce, kIdempotent, kTransactions };

const std::map<std::string, Mode> kModes = {{"consume", Mode::kConsume},
                                            {"parse", Mode::kParse},
                                            {"produce", Mode::kProduce},
                                            {"idempotent", Mode::kIdempotent},
                                            {"transactions", Mode::kTransactions}};

struct Options {
  std::string mode;
  std::string brokers = "localhost:9092";
  std::string input;
  std::string output;
  std::string group;
  uint64_t records = 0;
  size_t append = 1;
  int64_t patience_s = 60;
  std::vector<std::string> consumer;  // NAME=VALUE
  std::vector<std::string> producer;
};

// ------------------------------------------------------------------------------ librdkafka's own

template <auto kDestroy>
struct Deleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    kDestroy(object);
  }
};

using Handle = std::unique_ptr<rd_kafka_t, Deleter<rd_kafka_destroy>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Deleter<rd_kafka_topic_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                   Deleter<rd_kafka_topic_partition_list_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, Deleter<rd_kafka_error_destroy>>;
using Group = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                              Deleter<rd_kafka_consumer_group_metadata_destroy>>;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what);
}

void expect(rd_kafka_resp_err_t code, std::string_view what) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) fail(fmt::format("{}: {}", what, rd_kafka_err2str(code)));
}

void expect(rd_kafka_error_t* error, std::string_view what) {
  const Error owner(error);
  if (error != nullptr) fail(fmt::format("{}: {}", what, rd_kafka_error_string(error)));
}

// One that recovers by itself goes to librdkafka's log, one that does not ends the program.
void on_error(rd_kafka_t* client, int code, const char* reason, void* /*opaque*/) {
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  fmt::print(stderr, "{}: {}: {}\n", rd_kafka_name(client), rd_kafka_err2str(error), reason);
}

using Settings = std::vector<Setting>;

// What the command line sets comes last, and counts.
void override_by(Settings& settings, const std::vector<std::string>& pairs) {
  for (const std::string_view pair : pairs) {
    const size_t split = std::min(pair.find('='), pair.size());
    settings.push_back({pair.substr(0, split), pair.substr(std::min(split + 1, pair.size()))});
  }
}

Handle client(rd_kafka_type_t type, std::span<const Setting> table, const Settings& more,
              void (*on_delivery)(rd_kafka_t*, const rd_kafka_message_t*, void*)) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();  // belongs to the client in the end
  std::array<char, 512> text{};
  const auto set = [&](const Setting& setting) {
    if (rd_kafka_conf_set(conf, std::string(setting.name).c_str(),
                          std::string(setting.value).c_str(), text.data(),
                          text.size()) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      fail(text.data());
    }
  };
  for (const Setting& setting : table) set(setting);
  for (const Setting& setting : more) set(setting);
  rd_kafka_conf_set_error_cb(conf, on_error);
  if (on_delivery != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t* made = rd_kafka_new(type, conf, text.data(), text.size());
  if (made == nullptr) {
    rd_kafka_conf_destroy(conf);
    fail(text.data());
  }
  return Handle(made);
}

// --------------------------------------------------------------------------------------- arenas

// The bytes of the records of one poll. They are not copied again: librdkafka reads them from here
// until their delivery is reported.
struct Arena {
  std::vector<char> bytes;
  size_t unreported = 0;
};

// Arenas that are no longer read are used again; a fresh one costs a page fault per 4 KB.
class Arenas {
 public:
  // Room for `size` bytes and what simdjson may read past them.
  Arena& take(size_t size) {
    const auto idle = std::find_if(all_.begin(), all_.end(),
                                   [](const Arena& arena) { return arena.unreported == 0; });
    Arena& arena = idle == all_.end() ? all_.emplace_back() : *idle;
    if (arena.bytes.size() < size + simdjson::SIMDJSON_PADDING)
      arena.bytes.resize(size + simdjson::SIMDJSON_PADDING);
    return arena;
  }

 private:
  std::deque<Arena> all_;  // the addresses stay
};

// --------------------------------------------------------------------------------------- output

class Output {
 public:
  Output(const Options& options, Mode mode) : transactional_(mode == Mode::kTransactions) {
    Settings more = {{"bootstrap.servers", options.brokers}};
    if (mode >= Mode::kIdempotent)
      more.insert(more.end(), kIdempotentSettings.begin(), kIdempotentSettings.end());
    if (transactional_) more.push_back({"transactional.id", options.group});
    override_by(more, options.producer);
    producer_ = client(RD_KAFKA_PRODUCER, kProducerSettings, more, on_delivery);
    topic_.reset(rd_kafka_topic_new(producer_.get(), options.output.c_str(), nullptr));
    if (topic_ == nullptr) fail("the output topic cannot be used");
    const struct rd_kafka_metadata* metadata = nullptr;
    expect(rd_kafka_metadata(producer_.get(), 0, topic_.get(), &metadata, kWaitMs),
           "the brokers did not say which partitions the output has");
    partitions_ = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    if (partitions_ == 0) fail(fmt::format("there is no topic {}", options.output));
    if (!transactional_) return;
    expect(rd_kafka_init_transactions(producer_.get(), kWaitMs), "init_transactions");
    begin();
  }

  // `messages` are those of one partition, in order, with `arena` as their _private.
  void send(std::span<rd_kafka_message_t> messages, int32_t partition, Arena& arena) {
    if (partition >= partitions_) fail("the output has fewer partitions than the input");
    arena.unreported += messages.size();
    while (!messages.empty()) {
      // No RD_KAFKA_MSG_F_COPY: the arena stays.
      rd_kafka_produce_batch(topic_.get(), partition, 0, messages.data(),
                             static_cast<int>(messages.size()));
      // It stops at the first that does not fit into the queue, and refuses all behind it.
      const auto refused =
          std::find_if(messages.begin(), messages.end(), [](const rd_kafka_message_t& message) {
            return message.err != RD_KAFKA_RESP_ERR_NO_ERROR;
          });
      if (refused == messages.end()) break;
      if (refused->err != RD_KAFKA_RESP_ERR__QUEUE_FULL) expect(refused->err, "produce");
      messages = messages.subspan(static_cast<size_t>(refused - messages.begin()));
      for (rd_kafka_message_t& message : messages) message.err = RD_KAFKA_RESP_ERR_NO_ERROR;
      serve(1);
    }
  }

  // Serves delivery reports, and waits for the first one so long.
  void serve(int wait_ms) {
    rd_kafka_poll(producer_.get(), wait_ms);
    check();
  }

  // Ends the interval, if it is time or `now`: outputs and `offsets` become one fact.
  void commit(rd_kafka_t* consumer, const std::map<int32_t, int64_t>& offsets,
              const std::string& input, bool now) {
    if (!transactional_ || (!now && Clock::now() - began_ < kTransactionEvery)) return;
    const Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
    for (const auto& [partition, offset] : offsets)
      rd_kafka_topic_partition_list_add(list.get(), input.c_str(), partition)->offset = offset;
    const Group group(rd_kafka_consumer_group_metadata(consumer));
    expect(rd_kafka_send_offsets_to_transaction(producer_.get(), list.get(), group.get(), kWaitMs),
           "send_offsets_to_transaction");
    expect(rd_kafka_commit_transaction(producer_.get(), -1), "commit_transaction");
    check();
    ++transactions_;
    if (!now) begin();
  }

  void flush() {
    expect(rd_kafka_flush(producer_.get(), kWaitMs), "flush");
    check();
  }

  [[nodiscard]] uint64_t transactions() const { return transactions_; }

 private:
  void begin() {
    expect(rd_kafka_begin_transaction(producer_.get()), "begin_transaction");
    began_ = Clock::now();
  }

  static void check() { expect(failed_, "a record was not delivered"); }

  static void on_delivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* /*o*/) {
    --static_cast<Arena*>(message->_private)->unreported;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) failed_ = message->err;
  }

  inline static rd_kafka_resp_err_t failed_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // one thread, one output

  bool transactional_;
  int32_t partitions_ = 0;
  uint64_t transactions_ = 0;
  Clock::time_point began_;
  Handle producer_;
  Topic topic_;
};

// ----------------------------------------------------------------------------------------- loop

struct Counts {
  uint64_t records = 0;
  uint64_t skipped = 0;
  uint64_t input_bytes = 0;
  uint64_t output_bytes = 0;
};

class Floor {
 public:
  explicit Floor(Options options)
      : options_(std::move(options)),
        mode_(kModes.at(options_.mode)),
        tail_(fmt::format(R"(, "floor": "{}"}})", std::string(options_.append, '1'))) {
    Settings more = {{"bootstrap.servers", options_.brokers}, {"group.id", options_.group}};
    override_by(more, options_.consumer);
    consumer_ = client(RD_KAFKA_CONSUMER, kConsumerSettings, more, nullptr);
    rd_kafka_poll_set_consumer(consumer_.get());
    queue_.reset(rd_kafka_queue_get_consumer(consumer_.get()));
    if (mode_ >= Mode::kProduce) output_ = std::make_unique<Output>(options_, mode_);
    const Partitions topics(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(topics.get(), options_.input.c_str(), RD_KAFKA_PARTITION_UA);
    expect(rd_kafka_subscribe(consumer_.get(), topics.get()), "subscribe");
  }

  void run() {
    std::vector<rd_kafka_message_t*> polled(kPoll);
    auto last = Clock::now();
    bool idle = false;
    while (counts_.records < options_.records) {
      // With a time-out the call waits for the whole of it, unless it can fill the array.
      const ssize_t count =
          rd_kafka_consume_batch_queue(queue_.get(), idle ? 1 : 0, polled.data(), polled.size());
      if (count < 0) expect(rd_kafka_last_error(), "consume");
      idle = count == 0;
      if (!idle) {
        last = Clock::now();
        if (counts_.records == 0) first_ = last;
        take(std::span(polled).first(static_cast<size_t>(count)));
      } else if (Clock::now() - last > std::chrono::seconds(options_.patience_s)) {
        fail(fmt::format("no record of {} came within {} s; {} of {} had come", options_.input,
                         options_.patience_s, counts_.records, options_.records));
      }
      if (output_ == nullptr) continue;
      output_->serve(0);
      output_->commit(consumer_.get(), offsets_, options_.input, false);
    }
    if (output_ != nullptr) {
      output_->commit(consumer_.get(), offsets_, options_.input, true);
      output_->flush();
    }
    last_ = Clock::now();
    queue_.reset();
    expect(rd_kafka_consumer_close(consumer_.get()), "close");
  }

  void print(Clock::time_point began) const {
    const auto seconds = std::chrono::duration<double>(last_ - first_).count();
    const auto start = std::chrono::duration<double>(first_ - began).count();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto to_seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    const double cpu = to_seconds(usage.ru_utime) + to_seconds(usage.ru_stime);
    const auto records = static_cast<double>(counts_.records);
    fmt::print(
        R"({{"mode": "{}", "records": {}, "skipped": {}, "input_bytes": {}, "output_bytes": {}, )"
        R"("transactions": {}, "start_seconds": {:.3f}, "seconds": {:.3f}, "cpu_seconds": {:.3f}, )"
        R"("records_per_second": {:.0f}, "records_per_cpu_second": {:.0f}, "peak_rss_bytes": {}, )"
        R"("librdkafka": "{}", "simdjson": "{}"}})"
        "\n",
        options_.mode, counts_.records, counts_.skipped, counts_.input_bytes, counts_.output_bytes,
        output_ == nullptr ? 0 : output_->transactions(), start, seconds, cpu, records / seconds,
        records / cpu, int64_t{usage.ru_maxrss} * 1024, rd_kafka_version_str(),
        SIMDJSON_STRINGIFY(SIMDJSON_VERSION));
  }

 private:
  // The records of one poll: each is in the arena, and parsed, before the next is looked at.
  void take(std::span<rd_kafka_message_t* const> polled) {
    size_t size = 0;
    for (const rd_kafka_message_t* message : polled) size += message->len + tail_.size();
    Arena* arena = mode_ >= Mode::kParse ? &arenas_.take(size) : nullptr;
    char* free = arena == nullptr ? nullptr : arena->bytes.data();
    int32_t partition = RD_KAFKA_PARTITION_UA;
    for (rd_kafka_message_t* message : polled) {
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        fail(fmt::format("consume: {}", rd_kafka_message_errstr(message)));
      if (message->partition != partition) {
        send(partition, arena);
        partition = message->partition;
      }
      ++counts_.records;
      counts_.input_bytes += message->len;
      offsets_[partition] = message->offset + 1;
      if (mode_ >= Mode::kParse) free = add(*message, free, *arena);
      rd_kafka_message_destroy(message);
    }
    send(partition, arena);
  }

  // Copies, parses and appends; where the next record begins.
  char* add(const rd_kafka_message_t& message, char* to, Arena& arena) {
    const size_t length = message.len;
    if (length > 0) std::memcpy(to, message.payload, length);
    // simdjson reads up to its padding past the record: the arena has it. The whole record is
    // parsed, as DOM; an on-demand walk over all of it costs 8 % more (docs/benchmarks.md).
    const bool good = length > 1 && parser_.parse(to, length, false).error() == simdjson::SUCCESS &&
                      to[length - 1] == '}';
    if (!good) {
      ++counts_.skipped;
      return to;
    }
    if (mode_ < Mode::kProduce) return to + length;
    std::memcpy(to + length - 1, tail_.data(), tail_.size());
    rd_kafka_message_t& out = run_.emplace_back();
    out.payload = to;
    out.len = length - 1 + tail_.size();
    out._private = &arena;
    counts_.output_bytes += out.len;
    return to + out.len;
  }

  void send(int32_t partition, Arena* arena) {
    if (run_.empty()) return;
    output_->send(run_, partition, *arena);
    run_.clear();
  }

  Options options_;
  Mode mode_;
  std::string tail_;
  Counts counts_;
  Clock::time_point first_;
  Clock::time_point last_;
  simdjson::dom::parser parser_;
  Arenas arenas_;  // longer than the output, which reads them
  std::unique_ptr<Output> output_;
  std::map<int32_t, int64_t> offsets_;   // of the next record, per partition
  std::vector<rd_kafka_message_t> run_;  // of one partition, not yet sent
  Handle consumer_;
  Queue queue_;  // goes before the consumer
};

int run(Options options, Clock::time_point began) {
  if (kModes.at(options.mode) >= Mode::kProduce && options.output.empty())
    fail(fmt::format("{} needs --output", options.mode));
  if (options.group.empty()) {
    options.group =
        fmt::format("floor-{}-{}", getpid(), Clock::now().time_since_epoch().count() % 1'000'000);
  }
  Floor floor(std::move(options));
  floor.run();
  floor.print(began);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace millrace::bench

int main(int argc, char** argv) {
  const auto began = millrace::bench::Clock::now();
  millrace::bench::Options options;
  CLI::App app("What moving records through Kafka costs when nothing else is done.");
  app.add_option("mode", options.mode, "consume, parse, produce, idempotent or transactions")
      ->required()
      ->check(CLI::IsMember(&millrace::bench::kModes));
  app.add_option("--brokers", options.brokers, "Kafka's bootstrap.servers")->capture_default_str();
  app.add_option("--input", options.input, "The topic to read, from its beginning")->required();
  app.add_option("--output", options.output, "The topic to write, with as many partitions");
  app.add_option("--records", options.records, "How many to read, then it ends")
      ->required()
      ->check(CLI::PositiveNumber);
  app.add_option("--group", options.group, "Consumer group (default: a new one)");
  app.add_option("--append", options.append, "Bytes of the value of the appended member")
      ->capture_default_str();
  app.add_option("--patience", options.patience_s, "Seconds without a record that end it")
      ->capture_default_str();
  app.add_option("--consumer", options.consumer, "A consumer's setting, NAME=VALUE; repeatable");
  app.add_option("--producer", options.producer, "A producer's setting, NAME=VALUE; repeatable");
  CLI11_PARSE(app, argc, argv);
  try {
    return millrace::bench::run(std::move(options), began);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_floor: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
