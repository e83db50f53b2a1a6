// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/show_result.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/trial/trial_fixture.h"

namespace millrace::trial {
namespace {

class ShowResult : public TrialTest {
 protected:
  std::string json(const std::string& members) {
    const Case one = make_case(members + ", expect: filtered");
    TrialRun run(*plan_);
    record::JsonWriter writer;
    write_json(run_case(one, run, *plan_), writer);
    return writer.take();
  }

  std::string text(const std::string& members) {
    const Case one = make_case(members + ", expect: filtered");
    TrialRun run(*plan_);
    std::string text;
    append_text(run_case(one, run, *plan_), "record 1", text);
    return text;
  }

  // What two pipelines make of a record; the second is like the first but for its steps.
  std::string difference(const std::string& members, const std::string& steps) {
    const auto other =
        compile_plan("schema: {required: [id]}\ndead_letters: {topic: dead}\n" + steps);
    const Case one = make_case(members + ", expect: filtered");
    TrialRun before(*plan_);
    TrialRun after(*other);
    const RecordResult left = run_case(one, before, *plan_);
    const RecordResult right = run_case(one, after, *other);
    if (same(left, right)) return "same";
    std::string text;
    append_difference(left, right, "record 1", text);
    return text;
  }
};

TEST_F(ShowResult, JsonHasTheSameMembersForEveryOutcome) {
  EXPECT_EQ(json("input: {id: a}, key: k"),
            R"({"outcome":"emitted","reason":null,"reason_text":null,"outputs":[)"
            R"({"topic":"copies","key":"k","value":"{\"id\":\"a\"}"},)"
            R"({"topic":"out","key":"k","value":"{\"id\":\"a\"}"}]})");
  EXPECT_EQ(json("input: {id: old}"),
            R"({"outcome":"filtered","reason":null,"reason_text":null,"outputs":[]})");
  EXPECT_EQ(json("input: {}"), R"({"outcome":"dead_lettered","reason":"schema:/required/id",)"
                               R"("reason_text":"'id' is a required property",)"
                               R"("outputs":[{"topic":"dead","key":null,"value":"{}"}]})");
}

TEST_F(ShowResult, JsonCarriesBytesThatAreNoText) {
  const std::string line = json("input_base64: /3s=");

  EXPECT_NE(line.find("\"value\":\"\uFFFD{\",\"value_base64\":\"/3s=\""), std::string::npos)
      << line;
}

TEST_F(ShowResult, TextIsSafeForATerminal) {
  EXPECT_EQ(text("input: {id: a}, key: \"\\e[2J\""),
            "record 1: emitted\n"
            "  -> copies  key=\\x1b[2J\n"
            "     {\"id\":\"a\"}\n"
            "  -> out  key=\\x1b[2J\n"
            "     {\"id\":\"a\"}\n");
  EXPECT_EQ(text("input: {}"),
            "record 1: dead_lettered by schema:/required/id\n"
            "  'id' is a required property\n"
            "  -> dead  key=(null)\n"
            "     {}\n");
}

TEST_F(ShowResult, ThePlanItselfMakesNoDifference) {
  EXPECT_EQ(difference("input: {id: a, name: B, n: 2}", kSteps), "same");
  EXPECT_EQ(difference("input: {}", "steps: [remove: name]\n"), "same");
}

TEST_F(ShowResult, AnotherOutcomeIsADifference) {
  EXPECT_EQ(difference("input: {id: old}", "steps: [remove: name]\n"),
            "record 1:\n"
            "  - filtered\n"
            "  + emitted\n"
            "  + -> out  key=(null)\n"
            "  +    {\"id\":\"old\"}\n");
}

TEST_F(ShowResult, AnotherValueIsShownMemberByMember) {
  EXPECT_EQ(difference("input: {id: a, name: B}", "steps:\n  - emit: copies\n  - remove: name\n"),
            "record 1: emitted\n"
            "    -> copies  key=(null)\n"
            "       {\n"
            "         \"id\": \"a\"\n"
            "     -   \"name\": \"b\"\n"
            "     +   \"name\": \"B\"\n"
            "       }\n"
            "    -> out  key=(null)\n"
            "       {\n"
            "         \"id\": \"a\"\n"
            "     -   \"name\": \"b\"\n"
            "       }\n");
}

}  // namespace
}  // namespace millrace::trial
