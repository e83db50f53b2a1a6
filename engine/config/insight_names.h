// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/config/insight_config.h"
#include "engine/config/problems.h"

namespace millrace::config {

// A path as a part of a name: user.address.city gives user_address_city, items[0].sku items_0_sku.
[[nodiscard]] std::string words_of(const FieldPath& path);

// The name of an insight that has none: its kind and its fields, count_by_app_version_device_type,
// and its windows, count_per_1h_hop_5m.
[[nodiscard]] std::string automatic_name(std::string_view kind, const InsightConfig& insight);

// An insight, and whether a number may follow its name to tell it from others: different paths can
// give one name.
struct NamedInsight {
  InsightConfig insight;
  bool may_be_numbered = false;
};

// Gives every insight a name of its own. What the user named, or what has a plain member's name,
// comes first: another insight never changes those. Two with one name are a problem.
[[nodiscard]] std::vector<InsightConfig> with_names(std::vector<NamedInsight> read,
                                                    Problems& problems);

}  // namespace millrace::config
