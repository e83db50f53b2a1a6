// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/man_page.h"

#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace millrace::cli {
namespace {

// Text as roff: nothing in it is a request or an escape, and every dash is the one to be typed.
std::string roff(std::string_view text) {
  std::string to;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) to += "\\&";
    if (c == '\\') {
      to += "\\e";
    } else if (c == '-') {
      to += "\\-";
    } else {
      to += c;
    }
    line_begins = c == '\n';
  }
  return to;
}

std::string notes_and_examples(const CommandShape& command) {
  std::string to;
  for (const std::string& note : command.notes) to += fmt::format(".PP\n{}\n", roff(note));
  if (!command.examples.empty()) to += ".PP\nExample:\n";
  for (const std::string& example : command.examples)
    to += fmt::format(".PP\n.RS 4\n.nf\n{}\n.fi\n.RE\n", roff(example));
  return to;
}

void append_options(const std::vector<OptionShape>& options, std::string& to) {
  for (const OptionShape& option : options) {
    std::vector<std::string> names;
    for (const std::string& name : option.names) names.push_back("\\fB" + roff(name) + "\\fR");
    to += fmt::format(".TP\n{}", fmt::join(names, ", "));
    const bool positional = !option.names.front().starts_with("-");
    if (!positional && !option.value.empty()) to += " \\fI" + roff(option.value) + "\\fR";
    if (positional && option.repeated) to += "...";
    std::string text = option.description;
    if (!option.notes.empty()) text += fmt::format(" ({})", fmt::join(option.notes, "; "));
    to += "\n" + roff(text) + "\n";
  }
}

void append_command(const CommandShape& command, std::string& to) {
  // Without the program's name, which all of them have.
  const std::string name =
      command.path.substr(std::min(command.path.size(), command.path.find(' ') + 1));
  to += fmt::format(".SS {}\n.B {}\n{}\n.PP\n{}\n", roff(name), roff(command.path),
                    roff(usage_of(command)), roff(command.description));
  append_options(command.positionals, to);
  append_options(command.options, to);
  to += notes_and_examples(command);
  for (const CommandShape& below : command.commands) append_command(below, to);
}

}  // namespace

std::string man_page(const CommandShape& program, const std::string& version) {
  std::string to = fmt::format(
      ".\\\" SPDX-License-Identifier: Apache-2.0\n"
      ".TH MILLRACE 1 \"\" \"millrace {}\" \"User Commands\"\n"
      ".SH NAME\nmillrace \\- Kafka JSON pipelines, exactly once\n"
      ".SH SYNOPSIS\n.B millrace\n.I COMMAND\n{}\n",
      roff(version), roff("[OPTIONS] ..."));
  to += fmt::format(".SH DESCRIPTION\n{}\n", roff(program.description));
  to += ".SH OPTIONS\n";
  append_options(program.options, to);
  to += ".SH COMMANDS\n";
  for (const CommandShape& command : program.commands) append_command(command, to);
  to +=
      ".SH EXIT STATUS\n"
      ".TP\n0\nClean: what was asked for was done.\n"
      ".TP\n1\nIt failed; of a run, what was not committed will be read again.\n"
      ".TP\n2\nBad usage or configuration; nothing was read.\n"
      ".TP\n3\nStopped to protect data: the identity does not hold, a partition was stopped, or a\n"
      "record could not be delivered.\n"
      ".SH ENVIRONMENT\n"
      ".TP\n\\fBNO_COLOR\\fR\nNot empty: no colours.\n"
      ".TP\n\\fBTERM\\fR\nUnset or \\(lqdumb\\(rq: no live panel.\n"
      ".TP\n\\fBMILLRACE_TOKEN\\fR\nThe bearer token for \\fBtop\\fR and \\fBprobe\\fR.\n"
      ".PP\nPipeline files may refer to any other.\n"
      ".SH SEE ALSO\n.BR kcat (1)\n";
  return to;
}

}  // namespace millrace::cli
