// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/config/condition.h"
#include "engine/config/field_path.h"
#include "engine/config/place.h"

// The steps as the user wrote them, one struct per kind; docs/steps.md has a section for each.
// Files and environment variables that a step names were read already.
namespace millrace::config {

// keep_if, drop_if, reject_if.
struct FilterStep {
  enum class Action { kKeepIf, kDropIf, kRejectIf };
  Action action = Action::kKeepIf;
  Condition condition;
};

struct RenameStep {
  std::vector<std::pair<FieldPath, Text>> names;  // a path and its member's new name, in order
};

struct RemoveStep {
  std::vector<FieldPath> fields;
};

struct KeepOnlyStep {
  std::vector<Text> members;  // of the top level, in this order
};

// How a time is written. A pattern is strftime's, of these: %Y %m %d %H %M %S %f (microseconds)
// %L (milliseconds) %j %y %e %b %B %a %A %F %T %z %Z %s %%.
struct TimeFormat {
  enum class Kind {
    kUnixSeconds,
    kUnixMilliseconds,
    kUnixMicroseconds,
    kRfc3339,        // 2024-07-10T23:47:48Z; reads fractions and offsets too
    kRfc3339Millis,  // 2024-07-10T23:47:48.123Z
    kPattern,
  };
  Kind kind = Kind::kRfc3339;
  Text pattern;
};

// parse_time and format_time: one representation of a moment into another.
struct TimeStep {
  bool parses = false;  // written as parse_time
  FieldPath field;
  TimeFormat from;
  TimeFormat as;
  std::optional<FieldPath> into;  // keeps the original and writes there
  std::string zone = "UTC";       // of patterns without %z: an IANA name
  Place zone_place;
  bool accept_text = false;  // numbers may come as text: "1694479551"
  bool truncate = false;     // fractions of the unit are cut off, not rejected
};

// Where an added value comes from.
struct ConstantSource {
  std::string json;              // any JSON text
  std::string environment = {};  // the variable that it came from, else empty; never shown then
};

struct NowSource {
  TimeFormat as;
};

struct InputSource {  // of the input record
  enum class What { kTopic, kPartition, kOffset, kTimestamp, kKey, kHeader };
  What what = What::kTopic;
  std::string header;       // kHeader: the last one of this name; null where absent
  TimeFormat timestamp_as;  // kTimestamp
};

struct AddStep {
  struct Member {
    FieldPath field;
    std::variant<ConstantSource, NowSource, InputSource> value;  // environment: a constant
  };

  std::vector<Member> members;
};

struct DefaultStep {
  enum class When { kAbsent, kNull, kAbsentOrNull };
  When when = When::kAbsent;
  std::vector<std::pair<FieldPath, std::string>> values;  // JSON text
};

// lowercase, uppercase, trim.
struct TextStep {
  enum class Change { kLowercase, kUppercase, kTrim };
  Change change = Change::kLowercase;
  std::vector<FieldPath> fields;
};

struct ReplaceStep {
  FieldPath field;
  Text pattern;      // RE2's syntax; every match is replaced
  std::string with;  // \1 to \9: the pattern's groups
  Place with_place;
};

struct LookupStep {
  enum class Unmapped { kKeep, kNull, kReject };
  FieldPath field;
  std::optional<FieldPath> into;
  std::vector<std::pair<std::string, std::string>> table;  // text, JSON text; no text twice
  Unmapped unmapped = Unmapped::kKeep;
};

struct CastStep {
  enum class Type { kInteger, kNumber, kBoolean, kString };
  FieldPath field;
  Type to = Type::kString;
};

struct ValidIpStep {
  enum class Version { kAny, kV4, kV6 };
  FieldPath field;
  Version version = Version::kAny;
  std::optional<std::string> otherwise;  // JSON text of the marker; none: reject
};

struct MaskStep {
  enum class How { kDrop, kText, kKeepLast, kSha256, kHmacSha256 };
  FieldPath field;
  How how = How::kDrop;
  std::string text;      // kText: JSON text
  size_t keep_last = 0;  // kKeepLast: characters; the others become '*'
  std::string key;       // kHmacSha256: a secret, never shown
};

struct UnwrapStep {
  FieldPath field;  // a string that holds JSON
  std::optional<FieldPath> into;
};

struct ExplodeStep {
  enum class Piece { kRecord, kElement };
  enum class Empty { kFilter, kReject };
  FieldPath field;               // an array
  Piece piece = Piece::kRecord;  // the record with the element in the array's place, or the element
  Empty empty = Empty::kFilter;
};

struct EmitStep {
  Text topic;
};

struct RouteStep {
  struct Case {
    std::optional<Condition> condition;  // none: always
    Text topic;
  };

  std::vector<Case> cases;  // the first that holds; none: the output's topic
};

struct StepConfig {
  Place place;
  std::string kind;                  // as written: "keep_if", "format_time"
  size_t number = 0;                 // its place in the file, from 1; stages do not count
  std::string stage;                 // the name of the stage that it is in, or empty
  std::optional<Text> dead_letters;  // its own topic, or its stage's
  std::variant<FilterStep, RenameStep, RemoveStep, KeepOnlyStep, TimeStep, AddStep, DefaultStep,
               TextStep, ReplaceStep, LookupStep, CastStep, ValidIpStep, MaskStep, UnwrapStep,
               ExplodeStep, EmitStep, RouteStep>
      step;
};

}  // namespace millrace::config
