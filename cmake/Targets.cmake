# SPDX-License-Identifier: Apache-2.0
# The kinds of target of this project.

# engine_library(NAME record SOURCES a.cc HEADERS a.h DEPS base
#                PUBLIC_LIBS fmt::fmt LIBS simdjson::simdjson)
#   A folder of engine/: target millrace_NAME. DEPS are other folders, and are what it may include.
function(engine_library)
  cmake_parse_arguments(L "" "NAME" "SOURCES;HEADERS;DEPS;PUBLIC_LIBS;LIBS" ${ARGN})
  set(target millrace_${L_NAME})
  set(deps ${L_DEPS})
  list(TRANSFORM deps PREPEND millrace_)
  if(L_SOURCES)
    add_library(${target} STATIC ${L_SOURCES})
    target_link_libraries(${target}
      PUBLIC engine_options ${deps} ${L_PUBLIC_LIBS}
      PRIVATE engine_warnings ${L_LIBS})
    target_sources(${target} PUBLIC FILE_SET HEADERS
      BASE_DIRS "${CMAKE_SOURCE_DIR}" FILES ${L_HEADERS})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE engine_options ${deps} ${L_PUBLIC_LIBS})
    target_sources(${target} INTERFACE FILE_SET HEADERS
      BASE_DIRS "${CMAKE_SOURCE_DIR}" FILES ${L_HEADERS})
  endif()
endfunction()

# engine_test(NAME unit_record LANE quick SOURCES a_test.cc DEPS record [TIMEOUT 60] [BROKER])
#   A GoogleTest program in one of the lanes quick, default or long (a ctest label). BROKER: it
#   needs a real Apache Kafka, named by MILLRACE_TEST_BOOTSTRAP, and gets the label broker too.
function(engine_test)
  cmake_parse_arguments(T "BROKER" "NAME;LANE;TIMEOUT" "SOURCES;DEPS;LIBS" ${ARGN})
  engine_test_labels("${T_NAME}" "${T_LANE}" ${T_BROKER} labels)
  if(NOT T_LANE IN_LIST MILLRACE_TEST_LANES)
    return()
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 60)
  endif()
  set(deps ${T_DEPS})
  list(TRANSFORM deps PREPEND millrace_)
  add_executable(${T_NAME} ${T_SOURCES})
  # What is tested is optimised; tests themselves take half the time to compile without.
  target_compile_options(${T_NAME} PRIVATE -O0)
  target_link_libraries(${T_NAME} PRIVATE engine_options engine_warnings ${deps} ${T_LIBS}
    GTest::gtest GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${T_NAME} DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${T_LANE}" TIMEOUT ${T_TIMEOUT})
  if(T_BROKER)
    # gtest_discover_tests takes no lists, so ctest adds the second label when it reads the tests.
    set(script "${CMAKE_CURRENT_BINARY_DIR}/${T_NAME}_labels.cmake")
    file(WRITE "${script}" "if(${T_NAME}_TESTS)
  set_tests_properties(\${${T_NAME}_TESTS} PROPERTIES LABELS \"${labels}\")\nendif()\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${script}")
  endif()
endfunction()

# engine_script_test(NAME tidy LANE quick COMMAND python3 a_test.py [TIMEOUT 60] [BROKER])
#   A test in another language, or a program of ours with arguments.
function(engine_script_test)
  cmake_parse_arguments(T "BROKER" "NAME;LANE;TIMEOUT" "COMMAND" ${ARGN})
  engine_test_labels("${T_NAME}" "${T_LANE}" ${T_BROKER} labels)
  if(NOT T_LANE IN_LIST MILLRACE_TEST_LANES)
    return()
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 60)
  endif()
  add_test(NAME ${T_NAME} COMMAND ${T_COMMAND} WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  set_tests_properties(${T_NAME} PROPERTIES
    LABELS "${labels}" TIMEOUT ${T_TIMEOUT} SKIP_RETURN_CODE 77)
endfunction()

function(engine_test_labels name lane broker result)
  if(NOT lane MATCHES "^(quick|default|long)$")
    message(FATAL_ERROR "${name}: LANE is one of quick, default, long")
  endif()
  set(labels ${lane})
  if(broker)
    list(APPEND labels broker)
  endif()
  set(${result} "${labels}" PARENT_SCOPE)
endfunction()

# engine_bench(NAME bench_micro SOURCES a_bench.cc DEPS plan): a Google Benchmark program.
function(engine_bench)
  cmake_parse_arguments(B "" "NAME" "SOURCES;DEPS;LIBS" ${ARGN})
  set(deps ${B_DEPS})
  list(TRANSFORM deps PREPEND millrace_)
  add_executable(${B_NAME} ${B_SOURCES})
  target_link_libraries(${B_NAME} PRIVATE engine_options engine_warnings ${deps} ${B_LIBS}
    benchmark::benchmark benchmark::benchmark_main)
endfunction()

# engine_fuzz(NAME fuzz_record SOURCES record_fuzz.cc DEPS record): a libFuzzer program. Its seeds
# are the files of corpus/record beside it; the target `fuzz` builds them all.
function(engine_fuzz)
  cmake_parse_arguments(F "" "NAME" "SOURCES;DEPS;LIBS" ${ARGN})
  set(deps ${F_DEPS})
  list(TRANSFORM deps PREPEND millrace_)
  add_executable(${F_NAME} ${F_SOURCES})
  target_link_libraries(${F_NAME} PRIVATE engine_options engine_warnings ${deps} ${F_LIBS})
  target_link_options(${F_NAME} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzz ${F_NAME})
endfunction()
