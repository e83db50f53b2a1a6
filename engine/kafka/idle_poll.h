// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>

#include "engine/kafka/rd.h"

// librdkafka's broker threads wait for their sockets in poll(). Where they have to do something
// soon, they call it with a timeout of zero, again and again. In 2.0.2 that is whenever an
// idempotent producer has as many requests under way as it may and more records to send, which is
// the usual state of one that is busy, and in the last millisecond before each timer. It took a
// third of the CPU time of exactly once.
//
// A thread of ours that asked in vain waits a little on the next such call. What there is to know
// (an answer, room in the socket, librdkafka's own wake-up) comes through the very descriptors that
// it waits for, so only what a clock alone decides happens later, by that little at most.
//
// It works by standing in front of the C library's poll, as the fortified librdkafka of Debian
// calls it; where that is built in another way nothing changes. docs/decisions/0016-idle-poll.md.
namespace millrace::kafka {

// The client that is made of `conf` does so in all of its broker threads. Requires: called once for
// a conf.
void rest_when_idle(rd_kafka_conf_t* conf);

// poll() as such a thread has it, once it said that it is one.
//
// Threading: the state is the calling thread's own.
class IdlePoll {
 public:
  static void begin_on_this_thread();

  // As poll(): `timeout_ms` below zero is for ever.
  static int poll(pollfd* descriptors, nfds_t count, int timeout_ms);
};

}  // namespace millrace::kafka
