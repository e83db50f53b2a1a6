// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "engine/base/check.h"
#include "engine/schema/evaluator.h"
#include "engine/schema/explainer.h"
#include "engine/schema/program.h"
#include "engine/schema/schema.h"

namespace millrace::schema {

class Checker::Impl {
 public:
  explicit Impl(const Program& program) : program_(program), evaluator_(program) {}

  bool valid(const record::Document& document) noexcept {
    evaluator_.start(document);
    return evaluator_.holds(program_.root, document.node(document.root()));
  }

  void explain(const record::Document& document, Failure& failure) noexcept {
    evaluator_.start(document);
    Explainer explainer(program_, evaluator_, document, failure);
    const bool found = explainer.explain(program_.root, document.node(document.root()));
    MILLRACE_CHECK(found);
  }

 private:
  const Program& program_;
  Evaluator evaluator_;
};

Checker::Checker(const Schema& schema) : impl_(std::make_unique<Impl>(schema.program())) {}

Checker::~Checker() = default;

bool Checker::valid(const record::Document& document) noexcept {
  return impl_->valid(document);
}

void Checker::explain(const record::Document& document, Failure& failure) noexcept {
  impl_->explain(document, failure);
}

}  // namespace millrace::schema
