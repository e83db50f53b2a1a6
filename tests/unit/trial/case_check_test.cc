// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/case_check.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/trial/trial_fixture.h"

namespace millrace::trial {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using CaseCheck = TrialTest;

TEST_F(CaseCheck, WhatIsAsExpectedPasses) {
  EXPECT_EQ(check("input: {id: a, name: B, n: 1}, expect: {output: {n: 1, name: b, id: a}}"), "");
  EXPECT_EQ(check("input: {id: a}, key: k, headers: {h: v}, "
                  "expect: {output_text: '{\"id\":\"a\"}', key: k, headers: {h: v, x: null}, "
                  "topic: out, partition: 0}"),
            "");
  EXPECT_EQ(check("input: {id: old}, expect: filtered"), "");
  EXPECT_EQ(check("input: {id: a}, expect: emitted"), "");
  EXPECT_EQ(check("input: {}, expect: {dead_letter: {reason: schema:/required/id, "
                  "reason_text: \"'id' is a required property\", topic: dead, value: {}}}"),
            "");
  EXPECT_EQ(check("input_text: '{', expect: {dead_letter: parse:syntax}"), "");
  EXPECT_EQ(check("tombstone: true, expect: {dead_letter: {reason: input:tombstone, "
                  "tombstone: true}}"),
            "");
}

TEST_F(CaseCheck, OutputsAreAllThatWasWritten) {
  EXPECT_EQ(check("input: {id: a, n: 1.0}, expect: {outputs: ["
                  "{topic: copies, value: {id: a, n: 1.0}}, {topic: out, value: {id: a, n: 1}}]}"),
            "");
  EXPECT_EQ(check("input: {id: a, n: x}, expect: {dead_letter: step:4:cast, outputs: ["
                  "{topic: copies}, {topic: dead, value: {id: a, n: x}}]}"),
            "");
  EXPECT_EQ(check("input: {id: old}, expect: {filtered: true, outputs: []}"), "");
  EXPECT_EQ(check("input: {id: a}, expect: {outputs: [{topic: out}]}"),
            "1 outputs expected, 2 written:\n"
            "          copies  key=(null)  {\"id\":\"a\"}\n"
            "          out  key=(null)  {\"id\":\"a\"}\n");
}

TEST_F(CaseCheck, AnotherOutcomeSaysBoth) {
  EXPECT_EQ(check("input: {}, expect: {output: {}}"),
            "expected: emitted\n"
            "actual:   dead_lettered by schema:/required/id\n"
            "          'id' is a required property\n");
  EXPECT_EQ(check("input: {id: a}, expect: filtered"),
            "expected: filtered\n"
            "actual:   emitted\n"
            "          copies  key=(null)  {\"id\":\"a\"}\n"
            "          out  key=(null)  {\"id\":\"a\"}\n");
}

TEST_F(CaseCheck, AnotherReasonSaysBoth) {
  EXPECT_EQ(check("input: {}, expect: {dead_letter: step:4:cast}"),
            "the reason differs:\n"
            "  - step:4:cast\n"
            "  + schema:/required/id\n"
            "    'id' is a required property\n");
  EXPECT_THAT(check("input: {}, expect: {dead_letter: {reason: schema:/required/id, "
                    "reason_text: no}}"),
              StartsWith("the reason text differs:\n  - no\n  + 'id'"));
}

TEST_F(CaseCheck, ARuleThatThePlanLacksNamesTheNearest) {
  EXPECT_THAT(check("input: {}, expect: {dead_letter: schema:/required/ids}"),
              HasSubstr("the pipeline has no rule schema:/required/ids; did you mean "
                        "schema:/required/id?\n"));
  EXPECT_THAT(check("input: {id: a}, expect: {dead_letter: nonsense}"),
              HasSubstr("the pipeline has no rule nonsense\n"));
}

TEST_F(CaseCheck, AnotherValueIsShownMemberByMember) {
  EXPECT_EQ(check("input: {id: a, name: B}, expect: {output: {id: a, name: B}}"),
            "the output differs first at /name:\n"
            "    {\n"
            "      \"id\": \"a\"\n"
            "  -   \"name\": \"B\"\n"
            "  +   \"name\": \"b\"\n"
            "    }\n");
  EXPECT_EQ(check("input: {id: a}, expect: {output_text: '{\"id\": \"a\"}'}"),
            "the output differs:\n"
            "  - {\"id\": \"a\"}\n"
            "  + {\"id\":\"a\"}\n"
            "          ^ byte 6\n");
  EXPECT_EQ(check("input_text: '{', expect: {dead_letter: {reason: parse:syntax, value: {}}}"),
            "the dead letter is not JSON:\n"
            "  - {}\n"
            "  + {\n");
}

TEST_F(CaseCheck, KeyTopicPartitionAndHeaders) {
  EXPECT_EQ(check("input: {id: a}, key: k, headers: {h: v}, expect: {output: {id: a}, key: l, "
                  "topic: dead, partition: 1, headers: {h: w, x: y}}"),
            "the output went to another topic:\n  - dead\n  + out\n"
            "the output went to another partition:\n  - 1\n  + 0\n"
            "the key of the output differs:\n  - l\n  + k\n    ^ byte 0\n"
            "the header h of the output differs:\n  - w\n  + v\n    ^ byte 0\n"
            "the header x of the output differs:\n  - y\n  + (null)\n");
}

class CaseCheckDiscarding : public TrialTest {
 protected:
  CaseCheckDiscarding() : TrialTest("schema: {required: [id]}\ndead_letters: discard\n") {}
};

TEST_F(CaseCheckDiscarding, ADeadLetterThatIsNotWritten) {
  EXPECT_EQ(check("input: {}, expect: {dead_letter: schema:/required/id}"), "");
  EXPECT_EQ(check("input: {}, expect: {dead_letter: {reason: schema:/required/id, value: {}}}"),
            "there is no dead letter: the pipeline only counts this reason\n");
}

class CaseCheckExploding : public TrialTest {
 protected:
  CaseCheckExploding() : TrialTest("steps: [explode: items]\ndead_letters: {topic: dead}\n") {}
};

TEST_F(CaseCheckExploding, PiecesAreOutputs) {
  EXPECT_EQ(check("input: {items: [1, 2]}, expect: {outputs: [{value: {items: 1}}, "
                  "{value: {items: 2}}]}"),
            "");
  EXPECT_EQ(check("input: {items: [1]}, expect: {output: {items: 1}}"), "");
  EXPECT_THAT(check("input: {items: [1, 2]}, expect: {output: {items: 1}}"),
              StartsWith("the record became 2 records; expect them with 'outputs':\n"));
}

class CaseCheckOfTheInput : public TrialTest {
 protected:
  CaseCheckOfTheInput()
      : TrialTest(
            "steps:\n"
            "  - add: {at: {now: rfc3339}, of: {topic: true}, p: {partition: true}, "
            "o: {offset: true}, t: {timestamp: unix_milliseconds}}\n"
            "dead_letters: {topic: dead}\n") {}
};

TEST_F(CaseCheckOfTheInput, TheRecordIsAsTheCaseSays) {
  EXPECT_EQ(check("input: {}, topic: else, partition: 3, offset: 42, timestamp: 1000, "
                  "now: 2024-07-10T23:47:48Z, expect: {output: {at: 2024-07-10T23:47:48Z, "
                  "of: else, p: 3, o: 42, t: 1000}}"),
            "");
  EXPECT_EQ(check("input: {}, now: 1970-01-01T00:00:01Z, expect: {output: "
                  "{at: 1970-01-01T00:00:01Z, of: in, p: 0, o: 0, t: 1000}}"),
            "");
}

}  // namespace
}  // namespace millrace::trial
