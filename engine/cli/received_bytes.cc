// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/received_bytes.h"

// The kernel's own header: the C library's has fewer members, and both together do not compile.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace millrace::cli {

uint64_t received_bytes(int socket) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  return info.tcpi_bytes_received;
}

}  // namespace millrace::cli
