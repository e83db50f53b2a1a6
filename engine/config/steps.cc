// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/names.h"
#include "engine/config/step_readers.h"

namespace millrace::config {
namespace {

constexpr std::string_view kDeadLetters = "dead_letters";
constexpr std::string_view kStage = "stage";

struct Kind {
  std::string_view name;
  Step (*read)(const Field& field, const Context& context);
};

constexpr std::array<Kind, 22> kKinds = {Kind{"keep_if", read_keep_if},
                                         Kind{"drop_if", read_drop_if},
                                         Kind{"reject_if", read_reject_if},
                                         Kind{"rename", read_rename},
                                         Kind{"remove", read_remove},
                                         Kind{"keep_only", read_keep_only},
                                         Kind{"add", read_add},
                                         Kind{"default", read_default},
                                         Kind{"lowercase", read_lowercase},
                                         Kind{"uppercase", read_uppercase},
                                         Kind{"trim", read_trim},
                                         Kind{"replace", read_replace},
                                         Kind{"lookup", read_lookup},
                                         Kind{"cast", read_cast},
                                         Kind{"parse_time", read_parse_time},
                                         Kind{"format_time", read_format_time},
                                         Kind{"valid_ip", read_valid_ip},
                                         Kind{"mask", read_mask},
                                         Kind{"unwrap", read_unwrap},
                                         Kind{"explode", read_explode},
                                         Kind{"emit", read_emit},
                                         Kind{"route", read_route}};

const Kind* find_kind(std::string_view name) {
  const auto* const found = std::find_if(kKinds.begin(), kKinds.end(),
                                         [name](const Kind& kind) { return kind.name == name; });
  return found == kKinds.end() ? nullptr : found;
}

// A topic of a step's or a stage's own; the word `discard` is the top level's.
std::optional<Text> read_own_dead_letters(const Field& field) {
  auto topic = field.topic();
  if (topic && topic->value == "discard") {
    field.problem("must be a topic here; 'discard' stands at the top level only");
  }
  return topic;
}

// What the steps of a stage have in common. Outside of stages it is empty.
struct Stage {
  std::string name;
  std::optional<Text> dead_letters;
};

class StepsReader {
 public:
  explicit StepsReader(const Context& context) : context_(context) {}

  void read_list(const Field& field, const Stage* stage) {
    if (!field.present() || field.node().broken) return;
    if (field.node().kind != NodeKind::kList) {
      field.expected("a list of steps");
      return;
    }
    for (const NodePointer& item : field.node().items) {
      if (!item->broken) read_item(*item, stage);
    }
  }

  std::vector<StepConfig> take() { return std::move(steps_); }

 private:
  [[nodiscard]] Field field_of(const NodeMember& member) const {
    return {member.value.get(), member.key.value, member.key.place, context_.problems};
  }

  // A map with one key, the kind, and perhaps dead_letters.
  void read_item(const YamlNode& item, const Stage* stage) {
    const auto is_kind = [](const NodeMember& member) { return member.key.value != kDeadLetters; };
    const auto known_first = [](const NodeMember& member) {
      return find_kind(member.key.value) != nullptr || member.key.value == kStage;
    };
    auto kind = std::find_if(item.members.begin(), item.members.end(), known_first);
    if (kind == item.members.end()) {
      kind = std::find_if(item.members.begin(), item.members.end(), is_kind);
    }
    if (kind == item.members.end()) {
      context_.problems.add(item.place,
                            "a step must be a map with one key, the step's kind: '- lowercase: "
                            "device_type'");
      return;
    }
    check_others(item, *kind);
    const NodeMember* dead_letters = nullptr;
    for (const NodeMember& member : item.members) {
      if (!is_kind(member)) dead_letters = &member;
    }
    if (kind->key.value == kStage) {
      if (dead_letters != nullptr) {
        context_.problems.add(dead_letters->key.place,
                              "'dead_letters' of a stage stands inside of it: 'stage: {name: NAME, "
                              "dead_letters: TOPIC, steps: [...]}'");
      }
      read_stage(field_of(*kind), stage);
    } else {
      read_step(*kind, dead_letters, stage);
    }
  }

  void check_others(const YamlNode& item, const NodeMember& kind) {
    for (const NodeMember& member : item.members) {
      const std::string& key = member.key.value;
      if (&member == &kind || key == kDeadLetters) continue;
      if (find_kind(key) != nullptr || key == kStage) {
        context_.problems.add(member.key.place, "a step has one kind; " + in_quotes(key) +
                                                    " needs an item of its own: '- " + key +
                                                    ": …'");
      } else {
        context_.problems.add(
            member.key.place,
            unknown("key", key, "the step " + in_quotes(kind.key.value), {kDeadLetters}));
      }
    }
  }

  void read_step(const NodeMember& member, const NodeMember* dead_letters, const Stage* stage) {
    StepConfig step;
    step.place = member.key.place;
    step.kind = member.key.value;
    step.number = ++count_;
    if (stage != nullptr) {
      step.stage = stage->name;
      step.dead_letters = stage->dead_letters;
    }
    if (dead_letters != nullptr) step.dead_letters = read_own_dead_letters(field_of(*dead_letters));
    const Kind* const kind = find_kind(step.kind);
    if (kind == nullptr) {
      add_unknown(member.key);
      return;
    }
    if (member.value->broken) return;
    step.step = kind->read(field_of(member), context_);
    steps_.push_back(std::move(step));
  }

  void add_unknown(const Text& name) {
    if (name.value == "script") {
      add_not_yet(context_.problems, name.place, "the step 'script'");
      return;
    }
    std::vector<std::string_view> known = {kStage};
    for (const Kind& kind : kKinds) known.push_back(kind.name);
    context_.problems.add(name.place, unknown("step", name.value, "", known));
  }

  void read_stage(const Field& field, const Stage* outer) {
    static constexpr std::string_view kName = "1 to 200 letters, digits, '.', '_' and '-'";
    auto map = field.map("a map such as {name: clean, steps: [lowercase: city]}");
    if (!map) return;
    if (outer != nullptr) {
      context_.problems.add(field.key_place(), "a stage cannot stand inside of a stage (" +
                                                   in_quotes(outer->name) +
                                                   "); write it after that one");
      return;
    }
    Stage stage;
    const Field name = map->require("name", "write the name of the stage");
    const Field dead_letters = map->take(kDeadLetters);
    const Field steps = map->require("steps", "write the list of its steps");
    map->finish();
    if (const auto text = name.text(kName)) {
      if (!is_plain_name(text->value, kNameBytesMax)) name.expected(kName);
      check_new_stage(*text);
      stage.name = text->value;
    }
    if (dead_letters.present()) stage.dead_letters = read_own_dead_letters(dead_letters);
    if (steps.is(NodeKind::kList) && steps.node().items.empty()) {
      steps.problem("is an empty list; it must be a list of steps");
    }
    read_list(steps, &stage);
  }

  void check_new_stage(const Text& name) {
    const auto [first, is_new] = stages_.emplace(name.value, name.place.line);
    if (is_new) return;
    context_.problems.add(name.place, "two stages are named " + in_quotes(name.value) +
                                          " (the other in line " + std::to_string(first->second) +
                                          "); give one of them another name");
  }

  const Context& context_;
  std::vector<StepConfig> steps_;
  size_t count_ = 0;
  std::map<std::string, int> stages_;
};

}  // namespace

std::vector<StepConfig> read_steps(const Field& field, const Context& context) {
  StepsReader reader(context);
  reader.read_list(field, nullptr);
  return reader.take();
}

}  // namespace millrace::config
