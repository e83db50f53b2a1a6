// SPDX-License-Identifier: Apache-2.0
#include "engine/state/decode_state.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/insights/encoding.h"
#include "engine/insights/stable_hash.h"

namespace millrace::state {
namespace {

using insights::Decoder;

// Reads the state of one partition, once.
class StateDecoder {
 public:
  StateDecoder(PartitionRecords records, const insights::Declaration& declaration,
               const RestoreOptions& options)
      : records_(std::move(records)), declaration_(declaration), options_(options) {}

  [[nodiscard]] Restored decode();

 private:
  void decode_insights();
  void take_up(size_t insight, Manifest::Insight& saved);
  // Why not; empty: it is loaded.
  [[nodiscard]] std::string load(size_t insight, const Manifest::Insight& saved);
  void let_go(Manifest::Insight& saved);
  void give_up(const std::string& why);

  void note(std::string sentence) { restored_.notes.push_back(std::move(sentence)); }

  PartitionRecords records_;
  const insights::Declaration& declaration_;
  const RestoreOptions& options_;
  Restored restored_;
  std::vector<std::string> problems_;  // of insights
  std::vector<std::string> remedies_;  // "--reset-insight NAME", for each insight of a problem
};

Restored StateDecoder::decode() {
  const std::string bytes = records_.take_manifest();
  if (bytes.empty()) {
    if (!records_.empty()) give_up("is damaged: its manifest is missing");
    return std::move(restored_);
  }
  uint64_t version = 0;
  auto manifest = Manifest::parse(bytes, version);
  if (!manifest) {
    give_up(version > Manifest::kVersion
                ? fmt::format("is of format {}, which a newer version of this program wrote; this "
                              "one knows format {}",
                              version, Manifest::kVersion)
                : "is damaged: its manifest cannot be read");
    return std::move(restored_);
  }
  auto state = std::make_unique<insights::State>(declaration_);
  Decoder counts(manifest->counts);
  state->load_counts(counts);
  if (!counts.ok() || !counts.at_end() || state->coverage().end != manifest->end) {
    give_up("is damaged: its counts cannot be read");
    return std::move(restored_);
  }
  restored_.state = std::move(state);
  restored_.manifest = *std::move(manifest);
  decode_insights();
  return std::move(restored_);
}

void StateDecoder::decode_insights() {
  Manifest& manifest = restored_.manifest;
  std::vector<bool> taken(manifest.insights.size());
  for (size_t i = 0; i < declaration_.insights.size(); ++i) {
    const insights::Insight& declared = declaration_.insights[i];
    if (declared.live) continue;
    const Manifest::Insight* const saved = manifest.find(declared.name);
    if (saved == nullptr) {
      note(fmt::format("insight {} begins at offset {}; what came before is not in it.",
                       declared.name, manifest.end.value));
      continue;
    }
    const auto at = static_cast<size_t>(saved - manifest.insights.data());
    taken[at] = true;
    take_up(i, manifest.insights[at]);
  }
  for (size_t i = 0; i < taken.size(); ++i) {
    if (taken[i]) continue;
    let_go(manifest.insights[i]);
    note(
        fmt::format("insight {} is not declared any more; what it counted up to offset {} is "
                    "dropped.",
                    manifest.insights[i].name, manifest.end.value));
  }
  if (problems_.empty()) return;
  restored_.state = nullptr;
  restored_.notes.clear();
  restored_.error = fmt::format(
      "the state in topic {} cannot be taken up: {}. Go back to what was declared, or let go what "
      "these insights counted: 'millrace run FILE {}' begins them anew at offset {}",
      options_.topic.name, fmt::join(problems_, "; "), fmt::join(remedies_, " "),
      manifest.end.value);
}

void StateDecoder::take_up(size_t insight, Manifest::Insight& saved) {
  const insights::Insight& declared = declaration_.insights[insight];
  if (options_.reset.contains(declared.name)) {
    let_go(saved);
    note(fmt::format("insight {} begins anew at offset {}, as --reset-insight says.", declared.name,
                     restored_.manifest.end.value));
    return;
  }
  std::string problem;
  if (saved.definition != declared.definition) {
    problem = fmt::format("counted \"{}\", and is declared as \"{}\" now", saved.definition,
                          declared.definition);
  } else {
    problem = load(insight, saved);
  }
  if (problem.empty()) return;
  problems_.push_back(fmt::format("insight {} {}", declared.name, problem));
  remedies_.push_back("--reset-insight " + declared.name);
}

std::string StateDecoder::load(size_t insight, const Manifest::Insight& saved) {
  Decoder counts(saved.counts);
  restored_.state->load_insight(insight, counts);
  if (!counts.ok() || !counts.at_end()) return "is damaged: its counts cannot be read";
  const size_t chunks = saved.chunks.size();
  for (size_t i = 0; i < chunks; ++i) {
    const Manifest::Chunk& chunk = saved.chunks[i];
    std::string value;
    if (chunk.bytes > 0) value = records_.take_chunk(saved.name, static_cast<uint32_t>(i));
    if (value.size() < chunk.bytes)
      return fmt::format("is damaged: chunk {} of {} is missing", i, chunks);
    // (What follows is left of a longer one.)
    value.resize(chunk.bytes);
    if (chunk.bytes > 0 && insights::stable_hash(value) != chunk.hash)
      return fmt::format("is damaged: chunk {} of {} is not what was written", i, chunks);
    Decoder decoder(value);
    restored_.state->accumulator(insight).load(decoder);
    if (!decoder.ok() || !decoder.at_end())
      return fmt::format("is damaged: chunk {} of {} cannot be read", i, chunks);
  }
  return {};
}

// What the topic has of an insight is of no use any more. How much that is is what was found there,
// whatever the manifest says: the writer makes tombstones for it.
void StateDecoder::let_go(Manifest::Insight& saved) {
  saved.definition.clear();
  for (size_t i = 0; i < saved.chunks.size(); ++i) {
    const std::string value = records_.take_chunk(saved.name, static_cast<uint32_t>(i));
    saved.chunks[i] = {.hash = 0, .bytes = value.size()};
  }
}

// Nothing of the state can be used.
void StateDecoder::give_up(const std::string& why) {
  std::vector<std::string> remedies;
  restored_.given_up = true;
  for (const insights::Insight& declared : declaration_.insights) {
    if (declared.live) continue;
    remedies.push_back("--reset-insight " + declared.name);
    if (!options_.reset.contains(declared.name)) restored_.given_up = false;
  }
  if (restored_.given_up) {
    note(fmt::format("the state in topic {} {}; all insights begin anew.", options_.topic.name,
                     why));
    return;
  }
  restored_.error = fmt::format(
      "the state in topic {} {}. What all insights counted has to be let go: 'millrace run FILE "
      "{}' begins them anew",
      options_.topic.name, why, fmt::join(remedies, " "));
}

}  // namespace

Restored decode_state(PartitionRecords records, const insights::Declaration& declaration,
                      const RestoreOptions& options) {
  return StateDecoder(std::move(records), declaration, options).decode();
}

}  // namespace millrace::state
