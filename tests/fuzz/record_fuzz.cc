// SPDX-License-Identifier: Apache-2.0
// A record is parsed, edited and written; what was written is read again and must say the same.
// Input: the record; behind a NUL, the edits, three bytes each.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/record/document.h"
#include "engine/record/json_text.h"
#include "engine/record/names.h"
#include "engine/record/path.h"
#include "tests/fuzz/fuzz_target.h"

namespace millrace::fuzz {
namespace {

using record::Document;
using record::Encoding;
using record::JsonValue;
using record::kNoNode;
using record::NameId;
using record::NodeIndex;
using record::ParseError;
using record::Path;
using record::ValueKind;

// The names and paths that a plan would mention.
struct Mentioned {
  Mentioned() {
    for (const char* name : {"user_id", "user", "items", "id", "a\"b"}) {
      ids.push_back(names.intern(name));
    }
    const NameId user = ids[1];
    const NameId items = ids[2];
    const NameId id = ids[3];
    paths = {{{{ids[0], 0}}, "user_id"},
             {{{user, 0}, {id, 0}}, "user.id"},
             {{{items, 0}, {record::kNoName, 0}, {id, 0}}, "items[0].id"},
             {{{user, 0}, {user, 0}, {ids[4], 0}}, "user.user.a\"b"}};
  }

  record::NameTable names;
  std::vector<NameId> ids;
  std::vector<Path> paths;
};

constexpr std::array<JsonValue, 5> kScalars{
    {{.text = "null", .kind = ValueKind::kNull},
     {.text = "-1.50e3", .kind = ValueKind::kNumber},
     {.text = "\"plain\"", .kind = ValueKind::kString},
     {.text = R"("\u00e9\ud83d\ude00\"")", .kind = ValueKind::kString, .escaped = true},
     {.text = "\"\xC3\xA9\x7F\"", .kind = ValueKind::kString}}};

constexpr std::array<std::string_view, 7> kGrafts{
    "{}",
    "[1, {\"id\": [ ]} ]",
    "{\"user\" : {\"id\":1,\"id\":2}, \"x\": \"\\n\"}",
    "\"text\"",
    "{\"a\":",
    "",
    "\xFF"};

// What a document says, whatever way it is written: strings unescaped, without white space.
void say(const Document& document, NodeIndex index, std::string& to) {
  const record::Node& node = document.node(index);
  const bool object = node.value.kind == ValueKind::kObject;
  if (!object && node.value.kind != ValueKind::kArray) {
    if (node.value.kind == ValueKind::kString) {
      record::append_unescaped(node.value.text, to);
      to += '\0';  // ends it: no string that is written holds this byte unescaped
      return;
    }
    to += node.value.text;
    return;
  }
  to += object ? '{' : '[';
  for (NodeIndex child = document.first_child(index); child != kNoNode;
       child = document.next_child(child)) {
    if (object) {
      record::append_unescaped(document.node(child).name_text, to);
      to += ':';
    }
    say(document, child, to);
    to += ',';
  }
  to += object ? '}' : ']';
}

std::string said(const Document& document) {
  std::string text;
  say(document, document.root(), text);
  return text;
}

// Written into a buffer of exactly its size, so that the sanitizer sees a byte too far.
struct Written {
  Written(const Document& document, Encoding encoding)
      : size(document.encoded_size(encoding)), bytes(new char[size]) {
    document.encode(encoding, bytes.get(), size);
  }

  [[nodiscard]] std::string_view text() const { return {bytes.get(), size}; }

  size_t size;
  std::unique_ptr<char[]> bytes;
};

// `again` is there to parse with.
void check_written(const Document& document, Document& again) {
  const std::string original = said(document);
  for (const Encoding encoding : {Encoding::kCompact, Encoding::kSpaced}) {
    const Written first(document, encoding);
    MILLRACE_CHECK(again.parse(first.text()) == ParseError::kNone);
    MILLRACE_CHECK(said(again) == original);
    const Written second(again, encoding);
    MILLRACE_CHECK(first.text() == second.text());
  }
}

std::vector<NodeIndex> live_nodes(const Document& document) {
  std::vector<NodeIndex> nodes{document.root()};
  for (size_t i = 0; i < nodes.size(); ++i) {
    for (NodeIndex child = document.first_child(nodes[i]); child != kNoNode;
         child = document.next_child(child)) {
      nodes.push_back(child);
    }
  }
  return nodes;
}

bool has_member(const Document& document, NodeIndex object, std::string_view name) {
  for (NodeIndex child = document.first_child(object); child != kNoNode;
       child = document.next_child(child)) {
    std::string plain;
    record::append_unescaped(document.node(child).name_text, plain);
    if (plain == name) return true;
  }
  return false;
}

class Editor {
 public:
  Editor(Document& document, const Mentioned& mentioned)
      : document_(document), mentioned_(mentioned) {}

  // One edit: what to do, to which value, with what.
  void edit(uint8_t what, uint8_t where, uint8_t with) {
    const std::vector<NodeIndex> nodes = live_nodes(document_);
    const NodeIndex node = nodes[where % nodes.size()];
    switch (what % 6) {
      case 0:
        replace(node, kScalars[with % kScalars.size()]);
        break;
      case 1:
        graft(node, kGrafts[with % kGrafts.size()]);
        break;
      case 2:
        if (node != document_.root()) document_.remove(node);
        break;
      case 3:
        rename(node, mentioned_.ids[with % mentioned_.ids.size()]);
        break;
      case 4:
        add(mentioned_.paths[with % mentioned_.paths.size()]);
        break;
      default:
        keep_only(with);
        break;
    }
  }

 private:
  void replace(NodeIndex node, const JsonValue& scalar) {
    document_.replace(node, scalar);
    MILLRACE_CHECK(document_.node(node).value.text == scalar.text);
  }

  void graft(NodeIndex node, std::string_view json) {
    const std::string before = said(document_);
    const bool good = document_.graft(node, json) == ParseError::kNone;
    MILLRACE_CHECK(good || said(document_) == before);
  }

  void rename(NodeIndex node, NameId to) {
    const NodeIndex parent = document_.node(node).parent;
    if (parent == kNoNode || document_.node(parent).value.kind != ValueKind::kObject) return;
    if (has_member(document_, parent, mentioned_.names.plain(to))) return;
    document_.rename(node, to);
  }

  void add(const Path& path) {
    const std::string before = said(document_);
    const NodeIndex node = document_.find_or_add(path);
    if (node == kNoNode) {
      MILLRACE_CHECK(said(document_) == before);
    } else {
      MILLRACE_CHECK(document_.find(path) == node);
    }
  }

  void keep_only(uint8_t which) {
    if (document_.node(document_.root()).value.kind != ValueKind::kObject) return;
    std::vector<NameId> kept;
    for (size_t i = 0; i < mentioned_.ids.size(); ++i) {
      if ((which >> i & 1) != 0) kept.push_back(mentioned_.ids[i]);
    }
    document_.keep_only(kept);
  }

  Document& document_;
  const Mentioned& mentioned_;
};

using Inputs = std::vector<std::optional<std::string>>;

// What the record had at the paths when it came in, which no edit changes.
Inputs inputs_of(const Document& document, const Mentioned& mentioned) {
  Inputs inputs;
  for (const Path& path : mentioned.paths) {
    const JsonValue* const value = document.input(path);
    inputs.push_back(value == nullptr ? std::nullopt : std::optional<std::string>(value->text));
  }
  return inputs;
}

void run(std::string_view input) {
  static const Mentioned mentioned;
  static Document again(mentioned.names, {.objects_only = false});
  const std::string_view text = input.substr(0, input.find('\0'));
  Document document(mentioned.names, {.objects_only = false});
  Document strict(mentioned.names, {.reject_duplicates = true, .objects_only = true});
  const ParseError error = document.parse(text);
  const ParseError strict_error = strict.parse(text);
  if (error != ParseError::kNone) {
    MILLRACE_CHECK(strict_error != ParseError::kNone);
    return;
  }
  if (strict_error == ParseError::kNone) MILLRACE_CHECK(said(strict) == said(document));
  check_written(document, again);
  const Inputs inputs = inputs_of(document, mentioned);

  Editor editor(document, mentioned);
  for (size_t i = text.size() + 1; i + 3 <= input.size(); i += 3) {
    editor.edit(static_cast<uint8_t>(input[i]), static_cast<uint8_t>(input[i + 1]),
                static_cast<uint8_t>(input[i + 2]));
  }

  check_written(document, again);
  MILLRACE_CHECK(inputs_of(document, mentioned) == inputs);
}

}  // namespace
}  // namespace millrace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A copy of exactly this size, so that the sanitizer sees a byte too far.
  const std::vector<char> exact(data, data + size);
  millrace::fuzz::run({exact.data(), exact.size()});
  return 0;
}
