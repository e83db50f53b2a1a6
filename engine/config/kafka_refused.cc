// SPDX-License-Identifier: Apache-2.0
#include "engine/config/kafka_refused.h"

#include <algorithm>
#include <array>

namespace millrace::config {
namespace {

struct Refused {
  std::string_view property;
  std::string_view reason;
};

constexpr std::string_view kCommits =
    "the engine itself commits, and only what is settled; a commit by the library would lose "
    "records";
constexpr std::string_view kOrder =
    "the engine's producer is idempotent, so that nothing is lost, repeated or reordered on a "
    "retry, and this would undo it";
constexpr std::string_view kReports =
    "the engine waits for every delivery report, and this would hide some from it";
constexpr std::string_view kTimeout =
    "the engine decides when a delivery has failed; with another limit the library would give "
    "records up";
constexpr std::string_view kRebalance =
    "the engine's rebalance handling is made for the 'range' assignor of the classic protocol";
constexpr std::string_view kGroup = "the group is set by 'input.group'";
constexpr std::string_view kPartitioner =
    "the engine chooses the output partition, so that order and keys stay together";
constexpr std::string_view kMemory = "it comes out of the one memory budget, set by 'memory'";
constexpr std::string_view kProgram = "only a program can set it, not a file";

constexpr std::array kRefused = {
    Refused{"group.id", kGroup},
    Refused{"group.instance.id", "it is set by 'instance'"},
    Refused{"session.timeout.ms", "it is set by 'session_timeout'"},
    Refused{"group.protocol", kRebalance},
    Refused{"group.protocol.type", kRebalance},
    Refused{"group.remote.assignor", kRebalance},
    Refused{"partition.assignment.strategy", kRebalance},
    Refused{"enable.auto.commit", kCommits},
    Refused{"auto.commit.enable", kCommits},
    Refused{"auto.commit.interval.ms", kCommits},
    Refused{"enable.auto.offset.store", kCommits},
    Refused{"offset.store.method", kCommits},
    Refused{"offset.store.path", kCommits},
    Refused{"offset.store.sync.interval.ms", kCommits},
    Refused{"auto.offset.reset",
            "where to begin is set by 'input.start'; a reset in the middle of a run would lose or "
            "repeat records silently"},
    Refused{"isolation.level", "the engine never reads records of aborted transactions"},
    Refused{"enable.partition.eof", "the engine needs the ends of partitions to know where it is"},
    Refused{"check.crcs", "the engine always checks what it reads"},
    Refused{"queuing.strategy", "a last-in-first-out queue would break the order of records"},
    Refused{"enable.idempotence", kOrder},
    Refused{"enable.gapless.guarantee", kOrder},
    Refused{"acks", "a record counts as delivered only when all in-sync replicas have it"},
    Refused{"request.required.acks",
            "a record counts as delivered only when all in-sync replicas have it"},
    Refused{"max.in.flight", kOrder},
    Refused{"max.in.flight.requests.per.connection", kOrder},
    Refused{"retries", kOrder},
    Refused{"message.send.max.retries", kOrder},
    Refused{"message.timeout.ms", kTimeout},
    Refused{"delivery.timeout.ms", kTimeout},
    Refused{"transactional.id", "it is made of 'pipeline' and 'instance'"},
    Refused{"transaction.timeout.ms", "it is set by 'delivery.transaction_timeout'"},
    Refused{"delivery.report.only.error", kReports},
    Refused{"produce.offset.report", kReports},
    Refused{"partitioner", kPartitioner},
    Refused{"msg_order_cmp", kPartitioner},
    Refused{"queued.max.messages.kbytes", kMemory},
    Refused{"queue.buffering.max.kbytes", kMemory},
    Refused{"metadata.broker.list", "it is another name of 'bootstrap.servers'; write that"},
    Refused{"interceptors", kProgram},
    Refused{"opaque", kProgram},
    Refused{"default_topic_conf", kProgram},
    Refused{"ssl_engine_callback_data", kProgram},
};

}  // namespace

std::optional<std::string_view> why_refused(std::string_view property) {
  const auto* const found =
      std::find_if(kRefused.begin(), kRefused.end(),
                   [property](const Refused& refused) { return refused.property == property; });
  if (found != kRefused.end()) return found->reason;
  if (property.ends_with("_cb")) return kProgram;
  return std::nullopt;
}

}  // namespace millrace::config
