// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/idle_poll.h"

#include <cstddef>
#include <ctime>

#include "engine/base/check.h"

namespace millrace::kafka {
namespace {

// Long against what a look at the descriptors costs, short against any latency that is asked for.
constexpr timespec kRest{.tv_sec = 0, .tv_nsec = 500'000};

struct ThreadState {
  bool rests = false;  // one of librdkafka's broker threads
  bool asked_in_vain = false;
};

thread_local ThreadState state;

rd_kafka_resp_err_t on_thread_start(rd_kafka_t* /*client*/, rd_kafka_thread_type_t type,
                                    const char* /*name*/, void* /*opaque*/) noexcept {
  if (type == RD_KAFKA_THREAD_BROKER) IdlePoll::begin_on_this_thread();
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t* /*conf*/, void* /*opaque*/,
                           char* /*text*/, size_t /*text_size*/) noexcept {
  return rd_kafka_interceptor_add_on_thread_start(client, "idle_poll", on_thread_start, nullptr);
}

timespec to_timespec(int timeout_ms) {
  return {.tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1'000'000L};
}

}  // namespace

void rest_when_idle(rd_kafka_conf_t* conf) {
  rd_kafka_conf_interceptor_add_on_new(conf, "idle_poll", on_new, nullptr);
}

void IdlePoll::begin_on_this_thread() {
  state.rests = true;
}

int IdlePoll::poll(pollfd* descriptors, nfds_t count, int timeout_ms) {
  const bool rests = state.rests && timeout_ms == 0 && state.asked_in_vain;
  const timespec timeout = rests ? kRest : to_timespec(timeout_ms);
  // The C library's own, which nobody stands in front of.
  const int ready = ppoll(descriptors, count, timeout_ms < 0 ? nullptr : &timeout, nullptr);
  state.asked_in_vain = timeout_ms == 0 && ready == 0;
  return ready;
}

}  // namespace millrace::kafka

// What a program compiled with _FORTIFY_SOURCE calls for poll(): librdkafka does.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" int __poll_chk(pollfd* descriptors, nfds_t count, int timeout_ms, size_t bytes) {
  MILLRACE_CHECK(bytes / sizeof(pollfd) >= count);
  return millrace::kafka::IdlePoll::poll(descriptors, count, timeout_ms);
}
