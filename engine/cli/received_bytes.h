// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace millrace::cli {

// What a TCP connection has received so far, in the kernel's books; 0 where that is not known.
[[nodiscard]] uint64_t received_bytes(int socket);

}  // namespace millrace::cli
