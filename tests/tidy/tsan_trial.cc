// SPDX-License-Identifier: Apache-2.0
// Shows that the tsan preset can be believed: a correct flow graph of the shape that the engine
// uses must be silent, and a race planted in a node body ("race" as the argument) must be found.
#include <atomic>
#include <cstddef>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <tbb/flow_graph.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

namespace {

constexpr size_t kTokens = 2000;

struct Token {
  size_t sequence;
  size_t value;
};

bool run(bool race) {
  std::vector<Token> tokens(kTokens);
  size_t unguarded = 0;
  std::atomic<size_t> guarded = 0;
  size_t next = 0;
  bool ordered = true;

  // Each of the two threads waits in its first body for the other, so that both take part.
  // Relaxed: an order between them would hide the race.
  std::atomic<int> threads = 0;
  const auto wait_for_the_other = [&threads] {
    thread_local bool here = false;
    if (std::exchange(here, true)) return;
    threads.fetch_add(1, std::memory_order_relaxed);
    while (threads.load(std::memory_order_relaxed) < 2) std::this_thread::yield();
  };

  tbb::flow::graph graph;
  tbb::flow::function_node<Token*, Token*> process(
      graph, tbb::flow::unlimited, [&](Token* token) noexcept {
        wait_for_the_other();
        token->value = token->sequence * 2;
        if (race) ++unguarded;
        guarded.fetch_add(1, std::memory_order_relaxed);
        return token;
      });
  tbb::flow::sequencer_node<Token*> order(
      graph, [](const Token* token) noexcept { return token->sequence; });
  tbb::flow::function_node<Token*> finish(
      graph, tbb::flow::serial, [&](const Token* token) noexcept {
        ordered = ordered && token->sequence == next && token->value == 2 * next;
        ++next;
      });
  tbb::flow::make_edge(process, order);
  tbb::flow::make_edge(order, finish);
  for (size_t i = 0; i < kTokens; ++i) {
    tokens[i].sequence = i;
    process.try_put(&tokens[i]);
  }
  graph.wait_for_all();
  return ordered && next == kTokens && guarded == kTokens && unguarded <= kTokens;
}

}  // namespace

int main(int argc, char** argv) {
  const bool race = argc > 1 && std::string_view(argv[1]) == "race";
  // Two threads, also where there is one core.
  const tbb::global_control two_threads(tbb::global_control::max_allowed_parallelism, 2);
  tbb::task_arena arena(2);
  return arena.execute([race] { return run(race); }) ? 0 : 1;
}
