// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/plan/pipeline_run.h"

// Random pipelines and random records over one small alphabet of names, so that steps, schemas and
// records often speak of the same members. The same seed makes the same.
namespace millrace::plan::testing {

class RandomPipeline {
 public:
  explicit RandomPipeline(uint64_t seed) : random_(seed) {}

  // A pipeline's text. Now and then it says something twice and is refused.
  [[nodiscard]] Yaml pipeline();

  // A record's value; now and then it is no JSON.
  [[nodiscard]] std::string record();

  [[nodiscard]] OptionalText key();

 private:
  // One of `count` times.
  [[nodiscard]] bool one_in(size_t count) { return below(count) == 0; }

  [[nodiscard]] size_t below(size_t limit) { return random_() % limit; }

  template <typename Texts>
  [[nodiscard]] std::string any(const Texts& texts) {
    return std::string(texts[below(texts.size())]);
  }

  [[nodiscard]] std::string path();
  [[nodiscard]] std::string member_path();
  [[nodiscard]] std::string paths();
  [[nodiscard]] std::string into();
  [[nodiscard]] std::string constant();
  [[nodiscard]] std::string condition(size_t depth);
  [[nodiscard]] std::string test();
  [[nodiscard]] std::string step();
  [[nodiscard]] std::string filter_step();
  [[nodiscard]] std::string member_step();
  [[nodiscard]] std::string value_step();
  [[nodiscard]] std::string routing_step();
  [[nodiscard]] std::string steps();
  [[nodiscard]] std::string schema(size_t depth);
  [[nodiscard]] std::string keyword(size_t number, size_t depth);
  [[nodiscard]] std::string schema_list(size_t depth);
  [[nodiscard]] std::string space();
  [[nodiscard]] std::string value(size_t depth);
  [[nodiscard]] std::string object(size_t depth);
  [[nodiscard]] std::string array(size_t depth);
  [[nodiscard]] std::string broken(std::string text);

  std::mt19937_64 random_;
};

}  // namespace millrace::plan::testing
