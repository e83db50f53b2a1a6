// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "engine/record/document.h"
#include "engine/record/names.h"
#include "engine/record/path.h"

namespace millrace::steps {

// The place of a value that a step or condition is about. Members of the top level, which most
// are, cost one load.
class Field {
 public:
  explicit Field(record::Path path)
      : path_(std::move(path)),
        top_(path_.is_top_level() ? path_.segments.front().name : record::kNoName) {}

  // kNoNode where absent.
  [[nodiscard]] record::NodeIndex find(const record::Document& document) const noexcept {
    return top_ != record::kNoName ? document.top(top_) : document.find(path_);
  }

  // The value there, made as null where absent; kNoNode where that cannot be.
  [[nodiscard]] record::NodeIndex find_or_add(record::Document& document) const noexcept {
    return document.find_or_add(path_);
  }

  [[nodiscard]] const record::Path& path() const noexcept { return path_; }

  // As the user wrote it, for messages.
  [[nodiscard]] const std::string& text() const noexcept { return path_.text; }

 private:
  record::Path path_;
  record::NameId top_;  // kNoName: deeper, or the record itself
};

}  // namespace millrace::steps
