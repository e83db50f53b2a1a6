// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace millrace::config {

inline constexpr size_t kNameBytesMax = 200;
inline constexpr size_t kTopicBytesMax = 249;  // Kafka's own limit
inline constexpr size_t kGroupBytesMax = 255;
inline constexpr size_t kInstanceBytesMax = 100;

// Letters, digits, '.', '_' and '-', 1 to `bytes_max` of them.
[[nodiscard]] bool is_plain_name(std::string_view text, size_t bytes_max);

// A name that Kafka accepts for a topic.
[[nodiscard]] bool is_topic_name(std::string_view text);

// Numbers with dots between them: "2.3.0".
[[nodiscard]] bool is_version(std::string_view text);

}  // namespace millrace::config
