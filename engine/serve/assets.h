// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

// The files of the dashboard, engine/serve/page, as they were when the program was built.
namespace millrace::serve {

struct Asset {
  std::string_view path;          // "/" or "/style.css": what is asked for
  std::string_view content_type;  // with its charset where it is text
  std::string_view bytes;
};

// The page itself is "/". Any thread; lives as long as the program. They hold nothing of a
// pipeline, so that they can be given to whoever has no token yet: the page asks for it.
[[nodiscard]] std::span<const Asset> assets();

}  // namespace millrace::serve
