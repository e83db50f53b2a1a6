# SPDX-License-Identifier: Apache-2.0
"""Which stage of a record's life a sample of CPU time belongs to: its thread and symbol tell.

A sample is (thread, library, symbol, weight). Distributions ship libraries without the names of
their own functions, so that inside librdkafka and oneTBB only the thread says what it is about.
"""

import collections
import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Sample:
    thread: str   # any name that tells threads apart
    comm: str     # the thread's own name, where the profiler knows it
    library: str  # file name
    symbol: str   # "" where it is not known
    weight: float


# Threads. The engine's main ones have names. Where the profiler does not know these, and for the
# others, what only they do tells: the kind that most of a thread's samples speak for.
NAMED = ("poll", "worker", "deliver", "settle")
MARKS = (
    ("poll", r"record::Batch::append|flow::PollLoop|kafka::Consumer|rd_kafka_message_headers"),
    ("worker", r"plan::Processor|record::Document::(Parser|write)|schema::Evaluator"),
    ("deliver", r"flow::DeliverLoop|ProducerClient::send|rd_kafka_produce|flow::CommitCycle"
                r"|flow::Books::hand_over|insights::Encoder|state::StateWriter"),
    ("settle", r"flow::SettleLoop|rd_kafka_event_message_next|serve_reports"
               r"|flow::Books::acknowledge|insights::State::add\b"),
    ("report", r"insights::largest|insights::Decoder|report::|flow::Snapshot|insights::results"),
    ("serve", r"serve::"),
)
# librdkafka's threads for one broker each: what they copy to or from their socket.
RECEIVED = r"_copy_to_iter|copy_user_generic_to"
SENT = r"_copy_from_iter|copy_user_generic_from"
MOVES_DATA = 0.015  # of a thread's samples; one with less only waits, and sees to it that it does

THREADS = {
    "poll": "poll", "worker": "workers", "deliver": "deliver", "settle": "settle",
    "report": "report", "serve": "serve", "main": "main",
    "fetch": "librdkafka, reading", "produce": "librdkafka, writing",
    "waiting": "librdkafka, waiting for work", "client": "librdkafka, clients' own threads",
    "unknown": "other threads",
}

WORKERS = ("worker",)
RDKAFKA = ("fetch", "produce", "waiting", "client")
LIBC_MEMORY = r"^(mem|str|__mem|__str|__wmem)"

# Stage, kinds of thread (empty: any), library, symbol: the first row that fits.
RULES = (
    ("kernel: page faults", (), r"kernel", r"fault|clear_page|folio|memcg|mem_cgroup|lruvec|vma"
     r"|page|pte|pmd|unmap|mmap|mprotect|rmqueue|zap_|madvise|brk|mas_|list_del_entry"),
    ("kernel: sockets", (), r"kernel", r"tcp|sock|inet|\bip_|ip_|skb|netif|_iter$|poll|pipe|fdget"
     r"|fput|\bsk_|loopback|net_|dev_|sch_|nf_|eth_|sendmsg|recvmsg|copy_from_user|copy_to_user"
     r"|vfs_|iov|entry_SYSCALL|do_syscall|syscall_"),
    ("kernel: futex and scheduler", (), r"kernel", r"futex|sched|task_switch|wake|rwsem|hrtimer"
     r"|switch|timer|ktime|idle|rcu|tick|spin|plist|rseq|nanosleep"),
    ("kernel: other", (), r"kernel", r""),
    ("start", (), r"^ld-linux|yaml-cpp", r""),
    ("allocator", (), r"", r"malloc|calloc|realloc|\bfree\b|cfree|^_int_|unlink_chunk|tcache"
     r"|operator (new|delete)|alloc_perturb|^_Zn[wa]|^_Zd[la]"),
    ("librdkafka: fetch and decode", ("fetch",), r"", r""),
    ("librdkafka: produce", ("produce",), r"", r""),
    ("librdkafka: threads that wait", ("waiting",), r"", r""),
    ("librdkafka: clients' own threads", ("client",), r"", r""),
    ("report", ("report", "main", "serve"), r"", r"insights::|report::|flow::(Snapshot|Books)|XXH"
     r"|mem(cmp|cpy|move)|serve::|prometheus|merge"),
    ("start", ("main",), r"", r""),
    ("parse: strict walk and stage 1", (), r"", r"Document::(Parser|parse)|simdjson|StructuralIndex"
     r"|KnownMembers|stage1|NameTable"),
    ("schema", (), r"", r"schema::"),
    ("encode", (), r"", r"Document::(write|encode|plain_text|compact|text_of)|JsonWriter"
     r"|printable"),
    ("steps", (), r"", r"steps::|Document::(append_member|rename|replace|remove|keep|find|enter_top"
     r"|set_top|mark_edited|adopt|graft|make_room|fit_room|step)"),
    # Where little comes, the poll thread processes it.
    ("insights: shards", (*WORKERS, "poll"), r"", r"insights::|InsightReader|XXH"),
    ("process itself: outcome, letters", ("poll",), r"", r"plan::"),
    ("commit: state and transactions", ("deliver", "settle"), r"", r"state::|CommitCycle"
     r"|Transaction|[Cc]arr(y|ied)|insights::(Encoder|.*(save|encode))|introsort"),
    # Exactly once settles with the commit, on the deliver thread.
    ("insights: merge", ("deliver", "settle"), r"", r"insights::|XXH|PartitionState"),
    ("sequencer and graph", (), r"libtbb", r""),
    ("sequencer and graph", (), r"", r"tbb::|ProcessGraph|DeliverInbox::push|MemoryBudget"),
    ("process itself: outcome, letters", WORKERS, r"", r"plan::|record::|std::|fmt::"),
    ("libc in workers", WORKERS, r"libc|vdso", r""),
    ("poll and copy", ("poll",), r"", r""),
    ("hand over", ("deliver",), r"", r""),
    ("settle", ("settle",), r"", r""),
    ("report", ("report", "serve"), r"", r""),
)
OTHER = "other"
COMPILED = tuple((stage, kinds, re.compile(library), re.compile(symbol))
                 for stage, kinds, library, symbol in RULES)


def kinds_of(samples, main):
    """The kind of each thread. `main` is the process's first one."""
    by_thread = collections.defaultdict(list)
    for sample in samples:
        by_thread[sample.thread].append(sample)
    return {thread: kind_of(own, thread == main) for thread, own in by_thread.items()}


def kind_of(samples, is_main):
    comm = samples[-1].comm  # a thread begins with the name of the one that started it
    total = sum(sample.weight for sample in samples)
    if comm.startswith("rdk:broker"):
        received, sent = (weight_of(samples, mark) / total for mark in (RECEIVED, SENT))
        if max(received, sent) < MOVES_DATA:
            return "waiting"
        return "fetch" if received > sent else "produce"
    if comm.startswith("rdk:"):
        return "client"
    if is_main:
        return "main"
    if comm in NAMED:
        return comm
    weights = {kind: weight_of(samples, mark) for kind, mark in MARKS}
    best = max(weights, key=weights.get)
    return best if weights[best] > 0 else "unknown"


def weight_of(samples, mark):
    pattern = re.compile(mark)
    return sum(sample.weight for sample in samples if pattern.search(sample.symbol))


def stage_of(kind, sample):
    for stage, kinds, library, symbol in COMPILED:
        if ((not kinds or kind in kinds) and library.search(sample.library)
                and symbol.search(sample.symbol)):
            return stage
    return OTHER


def table(samples, main):
    """Weights by (stage, kind of thread), and of each stage by symbol."""
    kinds = kinds_of(samples, main)
    weights = collections.Counter()
    symbols = collections.defaultdict(collections.Counter)
    for sample in samples:
        kind = kinds[sample.thread]
        stage = stage_of(kind, sample)
        weights[stage, kind] += sample.weight
        name = f"{sample.symbol or '?'} ({sample.library}, {THREADS[kind]})"
        symbols[stage][name] += sample.weight
    return weights, symbols
