// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/record/document.h"

namespace millrace::schema {

// The members or elements of a value, for range-for; removed ones are left out.
class Children {
 public:
  class Iterator {
   public:
    Iterator(const record::Document& document, record::NodeIndex index) noexcept
        : document_(&document), index_(index) {
      skip_removed();
    }

    [[nodiscard]] const record::Node& operator*() const noexcept { return document_->node(index_); }

    Iterator& operator++() noexcept {
      index_ = document_->node(index_).next;
      skip_removed();
      return *this;
    }

    [[nodiscard]] record::NodeIndex index() const noexcept { return index_; }

    [[nodiscard]] bool operator==(const Iterator& other) const noexcept {
      return index_ == other.index_;
    }

   private:
    void skip_removed() noexcept {
      while (index_ != record::kNoNode && document_->node(index_).removed)
        [[unlikely]] index_ = document_->node(index_).next;
    }

    const record::Document* document_;
    record::NodeIndex index_;
  };

  Children(const record::Document& document, const record::Node& parent) noexcept
      : document_(document), first_(parent.first_child) {}

  [[nodiscard]] Iterator begin() const noexcept { return {document_, first_}; }

  [[nodiscard]] Iterator end() const noexcept { return {document_, record::kNoNode}; }

  [[nodiscard]] size_t count() const noexcept {
    size_t count = 0;
    for (Iterator i = begin(); i != end(); ++i) ++count;
    return count;
  }

 private:
  const record::Document& document_;
  record::NodeIndex first_;
};

// The number of a node that is part of `document`.
[[nodiscard]] inline record::NodeIndex index_of(const record::Document& document,
                                                const record::Node& node) noexcept {
  return static_cast<record::NodeIndex>(&node - &document.node(document.root()));
}

}  // namespace millrace::schema
