// SPDX-License-Identifier: Apache-2.0
#include "engine/config/read_file.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "engine/config/quantities.h"

namespace millrace::config {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}

  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

base::Error last_error(const std::string& what) {
  return base::Error{what + ": " + std::generic_category().message(errno)};
}

}  // namespace

base::Result<std::string> read_file(const std::string& path, size_t bytes_max) {
  // Without O_NONBLOCK the open of a pipe that nobody writes to would wait for ever.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) return last_error("cannot open the file");

  struct stat status {};

  if (::fstat(file.number(), &status) != 0) return last_error("cannot look at the file");
  if (S_ISDIR(status.st_mode)) return base::Error{"this is a directory, not a file"};
  if (!S_ISREG(status.st_mode)) return base::Error{"this is not a regular file"};

  // One byte more than allowed, to see that there is more: the size may change while we read.
  std::string bytes(bytes_max + 1, '\0');
  size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = ::read(file.number(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return last_error("cannot read the file");
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > bytes_max) {
    return base::Error{"the file is larger than " + bytes_text(bytes_max)};
  }
  bytes.resize(size);
  return bytes;
}

std::string relative_to_file(const std::string& path, const std::string& file) {
  return (std::filesystem::path(file).parent_path() / path).string();
}

}  // namespace millrace::config
