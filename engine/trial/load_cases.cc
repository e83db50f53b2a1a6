// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/load_cases.h"

#include <cstdint>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "engine/config/problems.h"
#include "engine/config/read_file.h"
#include "engine/config/yaml_parser.h"
#include "engine/config/yaml_reader.h"
#include "engine/trial/base64_decode.h"
#include "engine/trial/wall_time.h"

namespace millrace::trial {
namespace {

using config::Field;
using config::MapReader;
using config::NodeKind;
using record::Outcome;

constexpr uint64_t kTimestampMsMax = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z
constexpr uint64_t kPartitionMax = std::numeric_limits<int32_t>::max();
constexpr uint64_t kOffsetMax = uint64_t{1} << 62U;

OptionalBytes read_text(const Field& field) {
  auto text = field.any_text("a text");
  if (!text) return std::nullopt;
  return std::move(text->value);
}

// A text, or null.
OptionalBytes read_text_or_null(const Field& field) {
  return field.is(NodeKind::kNull) ? std::nullopt : read_text(field);
}

std::vector<CaseHeader> read_headers(const Field& field, config::Problems& problems) {
  std::vector<CaseHeader> headers;
  if (!field.map("a map of header names and texts")) return headers;
  for (const config::NodeMember& member : field.node().members) {
    const Field value(member.value.get(), field.path() + "." + member.key.value, member.key.place,
                      problems);
    headers.push_back({member.key.value, read_text_or_null(value)});
  }
  return headers;
}

std::optional<base::WallTime> read_now(const Field& field) {
  static constexpr std::string_view kExpectation = "a time such as 2024-07-10T23:47:48Z";
  const auto text = field.any_text(kExpectation);
  if (!text) return std::nullopt;
  const auto now = parse_wall_time(text->value);
  if (!now) field.expected(kExpectation);
  return now;
}

OptionalBytes read_base64(const Field& field) {
  const auto text = field.any_text("bytes in base64");
  if (!text) return std::nullopt;
  auto bytes = decode_base64(text->value);
  if (!bytes) field.expected("bytes in base64");
  return bytes;
}

void read_true(const Field& field) {
  const auto value = field.boolean();
  if (value && !*value) field.problem("is true where it stands; leave it out instead");
}

// The one of several keys that is there; more than one is a problem, and so is none of them.
const Field* only_one(const std::vector<const Field*>& fields) {
  const Field* found = nullptr;
  for (const Field* field : fields) {
    if (!field->present()) continue;
    if (found != nullptr) field->problem("cannot stand beside '" + found->path() + "'");
    if (found == nullptr) found = field;
  }
  return found;
}

// Reads one case; what is wrong is in the problems.
class CaseReader {
 public:
  CaseReader(base::WallTime now, config::Problems& problems) : now_(now), problems_(problems) {}

  Case read(const Field& field) {
    Case one;
    one.place = field.node().place;
    one.now = now_;
    auto map = field.map("a map with name, input and expect");
    if (!map) return one;
    const auto name = map->require("name", "say what the case shows").text("a text");
    if (name) one.name = name->value;
    config::set_if(one.now, read_now(map->take("now")));
    read_record(*map, one.record);
    const Field expect = map->require("expect",
                                      "write 'expect: {output: {…}}', 'expect: filtered' "
                                      "or 'expect: {dead_letter: {reason: …}}'");
    if (expect.present()) one.expectation = read_expectation(expect);
    map->finish();
    return one;
  }

 private:
  void read_record(MapReader& map, CaseRecord& to) {
    const Field json = map.take("input");
    const Field text = map.take("input_text");
    const Field base64 = map.take("input_base64");
    const Field tombstone = map.take("tombstone");
    const Field* const value = only_one({&json, &text, &base64, &tombstone});
    if (value == &json) to.value = json.json();
    if (value == &text) to.value = read_text(text);
    if (value == &base64) to.value = read_base64(base64);
    if (value == &tombstone) read_true(tombstone);
    if (value == nullptr) {
      problems_.add(map.place(),
                    "the case has no record; write 'input: {…}', 'input_text: …', "
                    "'input_base64: …' or 'tombstone: true'");
    }
    const Field key = map.take("key");
    if (key.present()) to.key = read_text_or_null(key);
    to.headers = read_headers(map.take("headers"), problems_);
    if (const auto time = map.take("timestamp").count(0, kTimestampMsMax))
      to.timestamp_ms = static_cast<int64_t>(*time);
    if (auto topic = map.take("topic").topic()) to.topic = std::move(topic->value);
    config::set_if(to.partition, map.take("partition").count(0, kPartitionMax));
    config::set_if(to.offset, map.take("offset").count(0, kOffsetMax));
  }

  Expectation read_expectation(const Field& field) {
    Expectation expected;
    if (field.is(NodeKind::kScalar)) {
      const auto outcome =
          field.choice<Outcome>({{"filtered", Outcome::kFiltered}, {"emitted", Outcome::kEmitted}});
      if (outcome) expected.outcome = *outcome;
      return expected;
    }
    auto map = field.map("filtered, emitted, or a map with what comes out");
    if (!map) return expected;
    const Field filtered = map->take("filtered");
    const Field dead_letter = map->take("dead_letter");
    ExpectedOutput output;
    const bool has_output = read_output(*map, {"output", "output_text"}, output);
    const Field outputs = map->take("outputs");
    map->finish();

    if (filtered.present()) {
      read_true(filtered);
      expected.outcome = Outcome::kFiltered;
    }
    if (dead_letter.present()) read_dead_letter(dead_letter, expected);
    if (filtered.present() && dead_letter.present())
      filtered.problem(
          "cannot stand beside "
          "'dead_letter'");
    if (outputs.present()) expected.outputs = read_outputs(outputs);
    if (has_output && expected.outcome != Outcome::kEmitted) {
      field.problem("says what an emitted record is like, and that it is not emitted");
    } else if (has_output) {
      expected.output = std::move(output);
    }
    if (!has_output && !filtered.present() && !dead_letter.present() && !outputs.present()) {
      field.problem(
          "must say what comes out: output, output_text, outputs, filtered or "
          "dead_letter");
    }
    return expected;
  }

  struct ValueKeys {
    std::string_view json;
    std::string_view text;
  };

  // False where none of the keys of an output is there.
  bool read_output(MapReader& map, ValueKeys keys, ExpectedOutput& to) {
    const Field json = map.take(keys.json);
    const Field text = map.take(keys.text);
    const Field tombstone = map.take("tombstone");
    const Field* const value = only_one({&json, &text, &tombstone});
    using Kind = ExpectedValue::Kind;
    if (value == &json) to.value = {Kind::kJson, json.json().value_or("")};
    if (value == &text) to.value = {Kind::kText, read_text(text).value_or("")};
    if (value == &tombstone) {
      read_true(tombstone);
      to.value.kind = Kind::kTombstone;
    }
    const Field key = map.take("key");
    if (key.present()) to.key = read_text_or_null(key);
    const Field headers = map.take("headers");
    to.headers = read_headers(headers, problems_);
    const Field topic = map.take("topic");
    if (auto name = topic.topic()) to.topic = std::move(name->value);
    const Field partition = map.take("partition");
    if (const auto number = partition.count(0, kPartitionMax))
      to.partition = static_cast<int32_t>(*number);
    return value != nullptr || key.present() || headers.present() || topic.present() ||
           partition.present();
  }

  std::vector<ExpectedOutput> read_outputs(const Field& field) {
    std::vector<ExpectedOutput> outputs;
    // A record may be expected to write nothing.
    if (field.is(NodeKind::kList) && field.node().items.empty()) return outputs;
    for (const Field& item : field.items("a list of maps with topic, value, key")) {
      auto map = item.map("a map with topic, value, key");
      if (!map) continue;
      ExpectedOutput output;
      if (!read_output(*map, {"value", "value_text"}, output))
        item.problem("has an entry that says nothing; write {topic: …, value: {…}}");
      map->finish();
      outputs.push_back(std::move(output));
    }
    return outputs;
  }

  // dead_letter: RULE, or a map.
  void read_dead_letter(const Field& field, Expectation& to) {
    static constexpr std::string_view kExpectation =
        "the reason, such as schema:/required/user_id, or a map with reason";
    to.outcome = Outcome::kDeadLettered;
    if (field.is(NodeKind::kScalar)) {
      if (const auto reason = field.text(kExpectation)) to.reason = reason->value;
      return;
    }
    auto map = field.map(kExpectation);
    if (!map) return;
    const auto reason =
        map->require("reason", "name the rule, such as schema:/required/user_id").text("a rule");
    if (reason) to.reason = reason->value;
    const Field reason_text = map->take("reason_text");
    if (reason_text.present()) to.reason_text = read_text(reason_text);
    ExpectedOutput output;
    if (read_output(*map, {"value", "value_text"}, output)) to.output = std::move(output);
    map->finish();
  }

  const base::WallTime now_;
  config::Problems& problems_;
};

// A case is told by its name.
void check_names(const std::vector<Case>& cases, config::Problems& problems) {
  std::map<std::string_view, int> lines;
  for (const Case& one : cases) {
    const auto [first, is_new] = lines.emplace(one.name, one.place.line);
    if (!is_new && !one.name.empty()) {
      problems.add(one.place, "a case named " + config::in_quotes(one.name) + " stands in line " +
                                  std::to_string(first->second) + " already");
    }
  }
}

void read_cases(const config::YamlNode& root, CaseFile& file, config::Problems& problems) {
  MapReader map(root, "", config::Place{file.path, 1, 1}, problems);
  const base::WallTime now = read_now(map.take("now")).value_or(kDefaultNow);
  CaseReader reader(now, problems);
  const Field cases = map.require("cases", "write 'cases: [{name: …, input: {…}, expect: …}]'");
  if (cases.present()) {
    for (const Field& item : cases.items("a list of cases"))
      file.cases.push_back(reader.read(item));
  }
  map.finish();
  check_names(file.cases, problems);
}

}  // namespace

CaseFile load_cases(const std::string& path) {
  const auto contents = config::read_file(path, config::kFileBytesMax);
  if (contents.ok()) return load_cases_text(contents.value(), path);
  CaseFile file{path, {}, {}};
  file.problems.push_back({config::Place{path}, contents.message()});
  return file;
}

CaseFile load_cases_text(const std::string& text, const std::string& name) {
  config::Problems problems;
  CaseFile file{name, {}, {}};
  const config::NodePointer root = config::parse_yaml(text, name, nullptr, problems);
  if (root && root->kind != NodeKind::kMap) {
    problems.add(root->place, "a case file must be a map with the key 'cases'");
  } else if (root) {
    read_cases(*root, file, problems);
  }
  file.problems = problems.take(name);
  return file;
}

}  // namespace millrace::trial
