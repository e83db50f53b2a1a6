// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/largest_rows.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <type_traits>
#include <variant>

namespace millrace::insights {
namespace {

// The rows of a kind that has some; nullptr of others.
template <typename Of>
auto* rows_of(Of& result) {
  if constexpr (requires { result.rows; }) {
    return &result.rows;
  } else if constexpr (requires { result.items; }) {
    return &result.items;
  } else {
    return static_cast<std::vector<int>*>(nullptr);
  }
}

template <typename Row>
uint64_t size_of(const Row& row) {
  if constexpr (requires { row.count; }) {
    return row.count;
  } else if constexpr (requires { row.distinct; }) {
    return row.distinct.value;
  } else {
    return 0;
  }
}

}  // namespace

std::vector<size_t> rows_by_size(const ResultValue& value) {
  std::vector<size_t> order;
  std::visit(
      [&order](const auto& result) {
        const auto* const rows = rows_of(result);
        if (rows == nullptr) return;
        order.resize(rows->size());
        std::iota(order.begin(), order.end(), size_t{0});
        std::stable_sort(order.begin(), order.end(), [rows](size_t a, size_t b) {
          return size_of((*rows)[a]) > size_of((*rows)[b]);
        });
      },
      value);
  return order;
}

ResultValue with_rows(const ResultValue& value, const std::vector<size_t>& order, size_t count) {
  std::vector<size_t> chosen(order.begin(), order.begin() + static_cast<ptrdiff_t>(count));
  std::sort(chosen.begin(), chosen.end());
  return std::visit(
      [&chosen](const auto& result) -> ResultValue {
        using Of = std::decay_t<decltype(result)>;
        const auto* const from = rows_of(result);
        if (from == nullptr) return result;
        Of some;
        if constexpr (requires { some.keys; }) some.keys = result.keys;
        auto* const to = rows_of(some);
        to->reserve(chosen.size());
        for (const size_t row : chosen) to->push_back((*from)[row]);
        return some;
      },
      value);
}

}  // namespace millrace::insights
