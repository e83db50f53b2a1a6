// SPDX-License-Identifier: Apache-2.0
#include "engine/config/yaml_parser.h"

#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

TEST(YamlParser, AnEmptyFileIsAnError) {
  for (const std::string text : {"", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "~\n"}) {
    EXPECT_THAT(problems_in(text), ElementsAre("p.yaml: the file is empty")) << text;
  }
}

TEST(YamlParser, ASecondDocumentIsAnErrorWhereItBegins) {
  EXPECT_THAT(problems_in(smallest_with("---\npipeline: q\n")),
              ElementsAre("p.yaml:7:1: a second document begins here; a file holds one pipeline"));
}

TEST(YamlParser, ASyntaxErrorHasThePlaceOfTheParser) {
  EXPECT_THAT(problems_in("pipeline: p\ninput: {topic: in\noutput: x\n"),
              ElementsAre(HasSubstr("this is not valid YAML: end of map flow not found")));
  EXPECT_THAT(problems_in("a: b\n\tc: d\n"), ElementsAre(HasSubstr("p.yaml:")));
  EXPECT_THAT(problems_in("a: *nobody\n"),
              ElementsAre(HasSubstr("p.yaml:1:4: this is not valid YAML: the referenced anchor")));
}

TEST(YamlParser, ADuplicateKeyIsAnErrorAtTheSecond) {
  EXPECT_THAT(problems_in(smallest_with("workers: 1\nworkers: 2\n")),
              ElementsAre("p.yaml:8:1: duplicate key 'workers': it stands in line 7 already"));
  EXPECT_THAT(problems_in(smallest_but("input", "input: {topic: in, group: g, \"group\": h}")),
              ElementsAre("p.yaml:3:30: duplicate key 'group': it stands in line 3 already"));
}

TEST(YamlParser, AMergeKeyIsAnError) {
  EXPECT_THAT(problems_in(smallest_with("report: &r {every: 5s}\nlog:\n  <<: *r\n")),
              ElementsAre("p.yaml:9:3: merge keys ('<<') are not supported; write the members "
                          "out"));
}

TEST(YamlParser, AKeyThatIsNoTextIsAnError) {
  EXPECT_THAT(problems_in(smallest_with("? [a]\n: b\n")),
              ElementsAre("p.yaml:7:3: a key must be a text"));
  EXPECT_THAT(problems_in(smallest_with("? {a: b}\n: c\n")),
              ElementsAre("p.yaml:7:3: a key must be a text"));
  EXPECT_THAT(problems_in(smallest_with("~: c\n")),
              ElementsAre("p.yaml:7:1: a key must be a text"));
}

TEST(YamlParser, ATagIsAnError) {
  EXPECT_THAT(problems_in(smallest_with("workers: !!int 4\n")),
              ElementsAre("p.yaml:7:10: YAML tags are not supported; put a text into quotes "
                          "instead"));
  EXPECT_THAT(problems_in(smallest_with("workers: !mine {a: b}\n")),
              ElementsAre(HasSubstr("p.yaml:7:10: YAML tags are not supported")));
}

TEST(YamlParser, AnAliasIsTheValueOfItsAnchor) {
  const PipelineConfig config =
      config_of(smallest_with("report: {every: &time 5s}\nstop_deadline: *time\n"));

  EXPECT_EQ(config.report.every, std::chrono::seconds(5));
  EXPECT_EQ(config.stop_deadline, std::chrono::seconds(5));
}

TEST(YamlParser, AWrongValueThatAliasesRepeatIsReportedPerKey) {
  EXPECT_THAT(
      problems_in(smallest_with("steps:\n- &s {lowercase: ''}\n- *s\n")),
      ElementsAre("p.yaml:8:18: 'lowercase' is empty; it must be the path of a field, such as "
                  "user.city"));
}

TEST(YamlParser, AnAliasAsKeyIsAnError) {
  EXPECT_THAT(problems_in("pipeline: &p p\n*p : 1\n"),
              ::testing::Contains("p.yaml:2:1: an alias cannot be a key"));
}

TEST(YamlParser, AnAliasInsideItsOwnAnchorIsAnError) {
  EXPECT_THAT(problems_in("pipeline: &a [*a]\n"),
              ElementsAre("p.yaml:1:15: this alias stands inside what it refers to"));
}

TEST(YamlParser, AByteOrderMarkAndWindowsLineEndsAreTaken) {
  std::string text = "\xEF\xBB\xBF";
  for (const char c : smallest_with("workers: 9999\n")) {
    if (c == '\n') text += '\r';
    text += c;
  }

  EXPECT_THAT(problems_in(text), ElementsAre(HasSubstr("p.yaml:7:10: 'workers' must be")));
}

TEST(YamlParser, BytesThatAreNoTextAreAnErrorWithTheirPlace) {
  EXPECT_THAT(problems_in("pipeline: p\nlog: \xFF\n"),
              ElementsAre("p.yaml:2:6: the file is not valid UTF-8 here"));
  EXPECT_THAT(problems_in("pipeline: \xED\xA0\x80\n"),
              ElementsAre("p.yaml:1:11: the file is not valid UTF-8 here"));
  EXPECT_THAT(problems_in(std::string("pipeline: a\0b\n", 14)),
              ElementsAre("p.yaml:1:12: a control character cannot stand here"));
}

TEST(YamlParser, AnEmptyListItemIsReportedAtItsDash) {
  EXPECT_THAT(problems_in(smallest_with("steps:\n  - lowercase: a\n  -\n\n  - lowercase: b\n")),
              ElementsAre(HasSubstr("p.yaml:9:3: a step must be a map with one key")));
  EXPECT_THAT(problems_in(smallest_with("steps:\n  -\n")),
              ElementsAre(HasSubstr("p.yaml:8:3: a step must be a map with one key")));
}

}  // namespace
}  // namespace millrace::config
