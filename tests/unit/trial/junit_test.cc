// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/junit.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::trial {
namespace {

TEST(Junit, CountsAndNamesEverything) {
  EXPECT_EQ(junit_xml({{"p3.test.yaml", {{"good", "", ""}, {"bad", "differs:\n- 1\n+ 2\n", ""}}},
                       {"p4.yaml", {{"readable", "", "no such file"}}}}),
            R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="1">
  <testsuite name="p3.test.yaml" tests="2" failures="1" errors="0">
    <testcase classname="p3.test.yaml" name="good"/>
    <testcase classname="p3.test.yaml" name="bad">
      <failure message="differs:">differs:
- 1
+ 2
</failure>
    </testcase>
  </testsuite>
  <testsuite name="p4.yaml" tests="1" failures="0" errors="1">
    <testcase classname="p4.yaml" name="readable">
      <error message="no such file">no such file</error>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST(Junit, NothingIsADocumentToo) {
  EXPECT_EQ(junit_xml({}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites tests=\"0\" failures=\"0\" errors=\"0\">\n</testsuites>\n");
}

std::string name_in_xml(const std::string& name) {
  const std::string xml = junit_xml({{"s", {{name, "", ""}}}});
  const size_t begin = xml.find("<testcase classname=\"s\" name=\"") + 30;
  return xml.substr(begin, xml.find("\"/>", begin) - begin);
}

TEST(Junit, EscapesWhatXmlWouldTakeForItsOwn) {
  EXPECT_EQ(name_in_xml("a < b & c > \"d\" 'e'"), "a &lt; b &amp; c &gt; &quot;d&quot; 'e'");
  EXPECT_EQ(name_in_xml("a\nb\tc\rd"), "a&#10;b&#9;c&#13;d");
  EXPECT_EQ(name_in_xml("]]>"), "]]&gt;");
  EXPECT_EQ(name_in_xml("Grüße 🙂"), "Grüße 🙂");
}

TEST(Junit, ReplacesWhatXmlCannotHold) {
  EXPECT_EQ(name_in_xml(std::string("a\0b\x1b", 4)), "a\uFFFDb\uFFFD");
  EXPECT_EQ(name_in_xml("a\xff"), "a\uFFFD");
  EXPECT_EQ(name_in_xml("\uFFFE\uFFFF\uFFFD"), "\uFFFD\uFFFD\uFFFD");
}

}  // namespace
}  // namespace millrace::trial
