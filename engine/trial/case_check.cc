// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/case_check.h"

#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "engine/base/nearest_name.h"
#include "engine/record/bytes.h"
#include "engine/record/printable.h"
#include "engine/record/value_text.h"
#include "engine/trial/json_difference.h"
#include "engine/trial/text_difference.h"

namespace millrace::trial {
namespace {

using record::Outcome;
using record::OutputRecord;
using record::OutputRole;

constexpr size_t kShownBytesMax = 400;

record::Bytes bytes_of(const OptionalBytes& bytes) {
  return bytes ? record::Bytes::of(*bytes) : record::Bytes();
}

bool equal(const OptionalBytes& expected, record::Bytes actual) {
  return actual.null() ? !expected : expected && *expected == actual.view();
}

std::string shown(record::Bytes bytes) {
  if (bytes.null()) return "(null)";
  const std::string_view cut = record::cut_text(bytes.view(), kShownBytesMax);
  return record::printable(cut) + (cut.size() < bytes.size() ? "…" : "");
}

std::string shown(const RecordResult& result, const OutputRecord& output) {
  return fmt::format("{}  key={}  {}", result.topic(output), shown(output.key),
                     shown(output.value));
}

std::string indented(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const size_t end = lines.find('\n') + 1;
    text.append("  ").append(lines.substr(0, end));
    lines.remove_prefix(end);
  }
  return text;
}

// Compares one result with what is expected; every difference adds lines.
class Judge {
 public:
  explicit Judge(const RecordResult& result) : result_(result) {}

  std::string judge(const Expectation& expected) {
    if (expected.outcome != result_.outcome) {
      add_outcome(expected);
      return std::move(text_);
    }
    if (expected.outcome == Outcome::kDeadLettered) check_reason(expected);
    if (expected.output) check_output(expected);
    if (expected.outputs) check_outputs(*expected.outputs);
    return std::move(text_);
  }

 private:
  void add_outcome(const Expectation& expected) {
    text_ += fmt::format("expected: {}", outcome_name(expected.outcome));
    if (!expected.reason.empty()) text_ += " by " + record::printable(expected.reason);
    text_ += fmt::format("\nactual:   {}", outcome_name(result_.outcome));
    if (result_.outcome == Outcome::kDeadLettered)
      text_ += fmt::format(" by {}\n          {}", result_.reason,
                           record::printable(result_.reason_text));
    text_ += '\n';
    if (result_.outcome == Outcome::kEmitted) add_list();
    add_unknown_rule(expected.reason);
  }

  void add_list() {
    for (const OutputRecord& output : result_.outputs)
      text_ += fmt::format("          {}\n", shown(result_, output));
  }

  // A rule that the plan does not have can never be the reason.
  void add_unknown_rule(std::string_view reason) {
    if (reason.empty()) return;
    std::vector<std::string_view> rules;
    for (const std::string& rule : result_.plan->declaration().rules) {
      if (rule == reason) return;
      rules.emplace_back(rule);
    }
    text_ += fmt::format("the pipeline has no rule {}", record::printable(reason));
    if (const auto nearest = base::nearest_name(reason, rules))
      text_ += fmt::format("; did you mean {}?", *nearest);
    text_ += '\n';
  }

  void check_reason(const Expectation& expected) {
    if (expected.reason != result_.reason) {
      text_ += fmt::format("the reason differs:\n  - {}\n  + {}\n    {}\n",
                           record::printable(expected.reason), result_.reason,
                           record::printable(result_.reason_text));
      add_unknown_rule(expected.reason);
    }
    if (expected.reason_text && *expected.reason_text != result_.reason_text) {
      text_ += "the reason text differs:\n" +
               indented(text_difference(*expected.reason_text, result_.reason_text));
    }
  }

  // The emitted record itself (or its one piece), or the dead letter.
  void check_output(const Expectation& expected) {
    const bool dead = expected.outcome == Outcome::kDeadLettered;
    std::vector<const OutputRecord*> found;
    for (const OutputRecord& output : result_.outputs) {
      const bool letter = output.role == OutputRole::kDeadLetter;
      if (output.role != OutputRole::kCopy && letter == dead) found.push_back(&output);
    }
    if (found.size() == 1) {
      check(*expected.output, *found.front(), dead ? "the dead letter" : "the output");
    } else if (dead) {
      text_ += "there is no dead letter: the pipeline only counts this reason\n";
    } else {
      text_ +=
          fmt::format("the record became {} records; expect them with 'outputs':\n", found.size());
      add_list();
    }
  }

  void check_outputs(const std::vector<ExpectedOutput>& expected) {
    if (expected.size() != result_.outputs.size()) {
      text_ += fmt::format("{} outputs expected, {} written:\n", expected.size(),
                           result_.outputs.size());
      add_list();
      return;
    }
    for (size_t i = 0; i < expected.size(); ++i)
      check(expected[i], result_.outputs[i], fmt::format("outputs[{}]", i));
  }

  void check(const ExpectedOutput& expected, const OutputRecord& actual, std::string_view what) {
    if (expected.topic && *expected.topic != result_.topic(actual)) {
      text_ += fmt::format("{} went to another topic:\n  - {}\n  + {}\n", what, *expected.topic,
                           result_.topic(actual));
    }
    if (expected.partition && *expected.partition != actual.partition) {
      text_ += fmt::format("{} went to another partition:\n  - {}\n  + {}\n", what,
                           *expected.partition, actual.partition);
    }
    if (expected.key && !equal(*expected.key, actual.key))
      add_bytes(fmt::format("the key of {}", what), bytes_of(*expected.key), actual.key);
    for (const CaseHeader& header : expected.headers) check_header(header, actual, what);
    check_value(expected.value, actual.value, what);
  }

  void check_header(const CaseHeader& expected, const OutputRecord& actual, std::string_view what) {
    record::Bytes value;  // of the last one of the name, which is what readers take
    for (const record::Header& header : actual.headers)
      if (header.name == expected.name) value = header.value;
    if (equal(expected.value, value)) return;
    add_bytes(fmt::format("the header {} of {}", record::printable(expected.name), what),
              bytes_of(expected.value), value);
  }

  void check_value(const ExpectedValue& expected, record::Bytes actual, std::string_view what) {
    switch (expected.kind) {
      case ExpectedValue::Kind::kAnything:
        return;
      case ExpectedValue::Kind::kTombstone:
        if (!actual.null()) add_bytes(what, {}, actual);
        return;
      case ExpectedValue::Kind::kText:
        if (actual.null() || actual.view() != expected.text)
          add_bytes(what, record::Bytes::of(expected.text), actual);
        return;
      case ExpectedValue::Kind::kJson:
        check_json(expected.text, actual, what);
        return;
    }
  }

  void check_json(const std::string& expected, record::Bytes actual, std::string_view what) {
    const JsonComparison comparison = compare_json(expected, actual.view());
    if (!comparison.is_json) {
      text_ += fmt::format("{} is not JSON:\n  - {}\n  + {}\n", what,
                           shown(record::Bytes::of(expected)), shown(actual));
    } else if (comparison.difference) {
      const std::string& pointer = comparison.difference->pointer;
      text_ += fmt::format("{} differs{}{}:\n{}", what, pointer.empty() ? "" : " first at ",
                           record::printable(pointer), indented(comparison.difference->text));
    }
  }

  void add_bytes(std::string_view what, record::Bytes expected, record::Bytes actual) {
    text_ += fmt::format("{} differs:\n", what);
    if (expected.null() || actual.null()) {
      text_ += fmt::format("  - {}\n  + {}\n", shown(expected), shown(actual));
    } else {
      text_ += indented(text_difference(expected.view(), actual.view()));
    }
  }

  const RecordResult& result_;
  std::string text_;
};

std::string_view input_topic(const Case& one, const plan::Plan& plan) {
  if (one.record.topic) return *one.record.topic;
  const auto& topics = plan.config().input.topics;
  return topics.empty() ? std::string_view("input") : topics.front().value;
}

}  // namespace

RecordResult run_case(const Case& one, TrialRun& run, const plan::Plan& plan) {
  const base::Offset offset{one.record.offset};
  run.open(input_topic(one, plan), one.record.partition, offset, one.now);
  std::vector<record::Header> headers;
  for (const CaseHeader& header : one.record.headers)
    headers.push_back({header.name, bytes_of(header.value)});
  record::InputRecord record;
  record.offset = offset;
  record.timestamp_ms = one.record.timestamp_ms.value_or(
      std::chrono::floor<std::chrono::milliseconds>(one.now.time_since_epoch()).count());
  record.key = bytes_of(one.record.key);
  record.value = bytes_of(one.record.value);
  record.headers = headers;
  run.add(record);
  run.run();
  return run.result(0);
}

std::string check_case(const Case& one, const RecordResult& result) {
  return Judge(result).judge(one.expectation);
}

}  // namespace millrace::trial
