# SPDX-License-Identifier: Apache-2.0
# Two interface targets that every target of ours links: how code is compiled, and what is an error.
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
find_program(MILLRACE_CCACHE ccache)
if(MILLRACE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${MILLRACE_CCACHE}")
endif()

set(MILLRACE_SANITIZE "" CACHE STRING "Sanitizers to build with: address;undefined or thread")
option(MILLRACE_FUZZ "Build the fuzz targets; needs clang" OFF)
set(MILLRACE_TEST_LANES "quick;default;long" CACHE STRING "Tests of which lanes are built")

add_library(engine_options INTERFACE)
target_compile_features(engine_options INTERFACE cxx_std_20)
target_include_directories(engine_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(engine_options INTERFACE MILLRACE_VERSION="${PROJECT_VERSION}")
if(MILLRACE_SANITIZE)
  string(REPLACE ";" "," sanitize_list "${MILLRACE_SANITIZE}")
  # vptr checks fire inside oneTBB's own headers; nothing of ours needs them.
  set(sanitize_flags "-fsanitize=${sanitize_list}" -fno-omit-frame-pointer)
  if("undefined" IN_LIST MILLRACE_SANITIZE)
    list(APPEND sanitize_flags -fno-sanitize=vptr -fno-sanitize-recover=all)
  endif()
  if("thread" IN_LIST MILLRACE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The fences that g++ warns about are in oneTBB's headers, inlined into our code.
    list(APPEND sanitize_flags -Wno-tsan)
  endif()
  if("thread" IN_LIST MILLRACE_SANITIZE)
    # Compiled into every program: the file says why.
    set(shim "${CMAKE_SOURCE_DIR}/tests/tidy/tsan_librdkafka.cc")
    target_sources(engine_options INTERFACE
      "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:${shim}>")
  endif()
  target_compile_options(engine_options INTERFACE ${sanitize_flags})
  target_link_options(engine_options INTERFACE ${sanitize_flags})
endif()

if(MILLRACE_FUZZ)
  # libFuzzer sees which paths an input takes through all code of ours.
  target_compile_options(engine_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

add_library(engine_warnings INTERFACE)
target_compile_options(engine_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wextra-semi -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(engine_warnings INTERFACE -Wthread-safety -Wnull-dereference)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # These follow values through inlined code and report what cannot happen: null-dereference inside
  # libstdc++ with g++ 12, the others around sanitizer code and with later versions. They stay
  # visible (null-dereference in the clang build), but a false one must not stop a build.
  target_compile_options(engine_warnings INTERFACE
    -Wno-error=maybe-uninitialized -Wno-error=restrict -Wno-error=stringop-overflow
    -Wno-error=stringop-overread -Wno-error=array-bounds -Wno-error=dangling-pointer
    -Wno-error=free-nonheap-object)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    target_compile_options(engine_warnings INTERFACE -Wno-error=dangling-reference)
  endif()
endif()
