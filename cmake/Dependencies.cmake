# SPDX-License-Identifier: Apache-2.0
# Everything that Debian packages for us, as imported targets. Headers come in as SYSTEM.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(TBB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(simdjson REQUIRED)
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(xxhash REQUIRED libxxhash)
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)
pkg_check_modules(tcmalloc REQUIRED IMPORTED_TARGET libtcmalloc_minimal)
find_package(OpenSSL REQUIRED)
find_package(date REQUIRED) # date::date-tz: named time zones

# Of xxHash the header alone: nothing to link, nothing to install beside the program.
add_library(xxhash::header INTERFACE IMPORTED)
target_include_directories(xxhash::header INTERFACE ${xxhash_INCLUDE_DIRS})

# With the packaged oneTBB, ThreadSanitizer reports races that are none (build_tsan_tbb.sh).
if("thread" IN_LIST MILLRACE_SANITIZE AND NOT TBB_DIR MATCHES "onetbb-tsan")
  message(FATAL_ERROR "The tsan preset needs an instrumented oneTBB, but found ${TBB_DIR}: "
    "build with ./dev build tsan, which makes one, and start from an empty build folder.")
endif()

# yaml-cpp 0.7 (Debian 12) exports yaml-cpp, 0.8 (Debian 13) yaml-cpp::yaml-cpp.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp INTERFACE IMPORTED)
  target_link_libraries(yaml-cpp::yaml-cpp INTERFACE yaml-cpp)
endif()
