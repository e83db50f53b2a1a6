// SPDX-License-Identifier: Apache-2.0
// Any text is read as a pipeline file, with an empty environment.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/check.h"
#include "engine/config/load.h"
#include "tests/fuzz/fuzz_target.h"

namespace millrace::fuzz {
namespace {

void run(const std::string& text) {
  // A folder that does not exist: files that the text names are not found.
  const config::Loaded loaded = config::load_text(text, "nowhere/pipeline.yaml",
                                                  [](const std::string&) { return std::nullopt; });

  for (const config::Problem& problem : loaded.problems) {
    MILLRACE_CHECK(!problem.message.empty());
    // A message is one line, whatever the file holds.
    MILLRACE_CHECK(std::none_of(problem.message.begin(), problem.message.end(), [](char c) {
      return static_cast<unsigned char>(c) < ' ' || c == '\x7F';
    }));
  }
}

}  // namespace
}  // namespace millrace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  millrace::fuzz::run(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
