// SPDX-License-Identifier: Apache-2.0
#include "engine/config/yaml_parser.h"

#include <sstream>
#include <string_view>
#include <type_traits>
#include <utility>

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "engine/config/place_at.h"
#include "engine/config/tree_builder.h"
#include "engine/config/utf8.h"

namespace millrace::config {
namespace {

Place place_of(const YAML::Mark& mark, const std::string& file) {
  if (mark.is_null()) return Place{file};
  return Place{file, mark.line + 1, mark.column + 1};
}

// EmitterStyle is a struct around its enumeration in some versions, and the enumeration in others.
using Style = std::remove_const_t<decltype(YAML::EmitterStyle::Block)>;

// What yaml-cpp writes where a tag stands: "?" for a plain scalar or a collection, "!" for quotes.
Tag tag_of(const std::string& tag) {
  static constexpr std::string_view kStandard = "tag:yaml.org,2002:";
  if (tag.empty() || tag == "?") return Tag::kPlain;
  if (tag == "!") return Tag::kQuoted;
  const std::string_view name = std::string_view(tag).starts_with(kStandard)
                                    ? std::string_view(tag).substr(kStandard.size())
                                    : std::string_view();
  if (name == "str") return Tag::kQuoted;
  return name == "map" || name == "seq" ? Tag::kPlain : Tag::kOther;
}

// Hands yaml-cpp's events to the builder, in our types.
class Events : public YAML::EventHandler {
 public:
  Events(TreeBuilder& builder, std::string file) : builder_(builder), file_(std::move(file)) {}

  void OnDocumentStart(const YAML::Mark& mark) override { builder_.document(place(mark)); }

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.null(place(mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.alias(place(mark), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    builder_.scalar(place(mark), tag_of(tag), anchor, value);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       Style /*style*/) override {
    builder_.begin(NodeKind::kList, place(mark), tag_of(tag), anchor);
  }

  void OnSequenceEnd() override { builder_.end(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  Style /*style*/) override {
    builder_.begin(NodeKind::kMap, place(mark), tag_of(tag), anchor);
  }

  void OnMapEnd() override { builder_.end(); }

 private:
  [[nodiscard]] Place place(const YAML::Mark& mark) const { return place_of(mark, file_); }

  TreeBuilder& builder_;
  std::string file_;
};

// What yaml-cpp would take wrong or too long over: bytes that are no text, and brackets that open
// without end. Brackets in comments and quotes count too, which no real file comes near.
bool is_readable(std::string_view text, const std::string& file, Problems& problems) {
  if (text.size() > kFileBytesMax) {
    problems.add(Place{file}, "the file is larger than 4MiB");
    return false;
  }
  if (const auto byte = find_invalid_utf8(text)) {
    problems.add(place_at(file, text, *byte), "the file is not valid UTF-8 here");
    return false;
  }
  if (const auto byte = find_control_character(text)) {
    problems.add(place_at(file, text, *byte), "a control character cannot stand here");
    return false;
  }
  size_t open = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[' || text[i] == '{') ++open;
    if ((text[i] == ']' || text[i] == '}') && open > 0) --open;
    if (open > kOpenBracketsMax) {
      problems.add(place_at(file, text, i), "more than 1,000 brackets are open here");
      return false;
    }
  }
  return true;
}

}  // namespace

NodePointer parse_yaml(const std::string& text, const std::string& file,
                       const Environment* environment, Problems& problems) {
  static constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const std::string_view all(text);
  const std::string_view body =
      all.starts_with(kByteOrderMark) ? all.substr(kByteOrderMark.size()) : all;
  if (!is_readable(body, file, problems)) return nullptr;

  TreeBuilder builder(body, environment, problems);
  Events events(builder, file);
  try {
    std::istringstream stream{std::string(body)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const TreeBuilder::Stop& stop) {
    problems.add(stop.problem.place, stop.problem.message);
    return nullptr;
  } catch (const YAML::DeepRecursion& error) {
    problems.add(place_of(error.mark, file), "the values are nested too deeply here");
    return nullptr;
  } catch (const YAML::Exception& error) {
    problems.add(place_of(error.mark, file), "this is not valid YAML: " + error.msg);
    return nullptr;
  }
  NodePointer root = builder.root();
  if (!root || root->kind == NodeKind::kNull) {
    problems.add(Place{file}, "the file is empty");
    return nullptr;
  }
  return root;
}

}  // namespace millrace::config
