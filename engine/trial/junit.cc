// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/junit.h"

#include <cstddef>
#include <string_view>

#include <fmt/format.h>

#include "engine/record/json_writer.h"

namespace millrace::trial {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Of text and of attributes in double quotes; line feeds, which attributes would lose, as entities.
std::string escaped(std::string_view text) {
  std::string to;
  const std::string well_formed = record::repair_utf8(text);
  for (size_t i = 0; i < well_formed.size(); ++i) {
    const char c = well_formed[i];
    const std::string_view rest = std::string_view(well_formed).substr(i);
    if (c == '&') {
      to += "&amp;";
    } else if (c == '<') {
      to += "&lt;";
    } else if (c == '>') {
      to += "&gt;";
    } else if (c == '"') {
      to += "&quot;";
    } else if (c == '\n' || c == '\t' || c == '\r') {
      to += fmt::format("&#{};", static_cast<int>(c));
    } else if (static_cast<unsigned char>(c) < 0x20) {
      to += kReplacement;
    } else if (rest.starts_with("\xEF\xBF\xBE") || rest.starts_with("\xEF\xBF\xBF")) {
      to += kReplacement;  // U+FFFE and U+FFFF are no XML characters
      i += 2;
    } else {
      to += c;
    }
  }
  return to;
}

// Multi-line text stays readable in the element; only the attribute needs entities.
std::string element_text(std::string_view text) {
  std::string to;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    to += escaped(text.substr(0, end));
    if (end == std::string_view::npos) break;
    to += '\n';
    text.remove_prefix(end + 1);
  }
  return to;
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

struct Counts {
  size_t tests = 0;
  size_t failures = 0;
  size_t errors = 0;
};

Counts count(const JunitSuite& suite) {
  Counts counts;
  for (const JunitCase& one : suite.cases) {
    ++counts.tests;
    if (!one.failure.empty()) ++counts.failures;
    if (!one.error.empty()) ++counts.errors;
  }
  return counts;
}

void append_problem(std::string_view element, const std::string& text, std::string& to) {
  if (text.empty()) return;
  to += fmt::format("      <{0} message=\"{1}\">{2}</{0}>\n", element, escaped(first_line(text)),
                    element_text(text));
}

void append_suite(const JunitSuite& suite, std::string& to) {
  const Counts counts = count(suite);
  to += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
                    escaped(suite.name), counts.tests, counts.failures, counts.errors);
  for (const JunitCase& one : suite.cases) {
    const std::string head = fmt::format("    <testcase classname=\"{}\" name=\"{}\"",
                                         escaped(suite.name), escaped(one.name));
    if (one.failure.empty() && one.error.empty()) {
      to += head + "/>\n";
      continue;
    }
    to += head + ">\n";
    append_problem("failure", one.failure, to);
    append_problem("error", one.error, to);
    to += "    </testcase>\n";
  }
  to += "  </testsuite>\n";
}

}  // namespace

std::string junit_xml(const std::vector<JunitSuite>& suites) {
  Counts all;
  for (const JunitSuite& suite : suites) {
    const Counts counts = count(suite);
    all.tests += counts.tests;
    all.failures += counts.failures;
    all.errors += counts.errors;
  }
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  xml += fmt::format("<testsuites tests=\"{}\" failures=\"{}\" errors=\"{}\">\n", all.tests,
                     all.failures, all.errors);
  for (const JunitSuite& suite : suites) append_suite(suite, xml);
  xml += "</testsuites>\n";
  return xml;
}

}  // namespace millrace::trial
