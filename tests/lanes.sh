# SPDX-License-Identifier: Apache-2.0
# `./dev test`: which tests run in which lane, and the totals at the end. Sourced by ./dev, whose
# functions it uses. Everything runs, whatever fails before it, so that one run shows all.
#
# A row of `rows` is one line of the final table: name, passed, failed, skipped, seconds.
rows=()
results=build/test-results
broker_data=
finished=
keep_going=yes # a build shows every error, not only the first

add_row() { rows+=("$1|$2|$3|$4|$((SECONDS - row_began))"); }
begin_row() { row_began=$SECONDS; title "$1"; }

run_check() { # NAME COMMAND...: one pass, one failure, or with exit code 77 one skip
  local name=$1 code=0
  shift
  begin_row "$name"
  "$@" || code=$?
  case $code in
    0) add_row "$name" 1 0 0 ;;
    77) add_row "$name" 0 0 1 ;;
    *) add_row "$name" 0 1 0 ;;
  esac
  return $code
}

run_ctest() { # NAME BUILD_DIR CTEST_ARG...: counts every test, from ctest's own report
  local name=$1 dir=$2 junit=$root/$results/${1//[^a-z0-9]/-}.xml counts
  shift 2
  begin_row "$name"
  rm -f "$junit"
  ctest --test-dir "$dir" -j 2 --output-on-failure --progress --output-junit "$junit" "$@" || true
  counts=$(count_junit "$junit") || counts="0 1 0"
  # shellcheck disable=SC2086 # three words
  add_row "$name" $counts
}

# What failed, at the end of the run, where it is found: each test's name and its last lines.
show_failures() {
  python3 - "$root/$results" <<'END'
import pathlib
import sys
import xml.etree.ElementTree as xml

for report in sorted(pathlib.Path(sys.argv[1]).glob("*.xml")):
    for case in xml.parse(report).getroot().iter("testcase"):
        if case.get("status") in ("run", "disabled", "notrun") and case.find("failure") is None:
            continue
        lines = (case.findtext("system-out") or "").splitlines()
        print(f"\nFAILED ({report.stem}): {case.get('name')}")
        print("\n".join(f"  {line[:200]}" for line in lines[-40:]))
END
}

count_junit() { # FILE: passed, failed and skipped
  python3 - "$1" <<'END'
import sys
import xml.etree.ElementTree as xml

passed = failed = skipped = 0
for case in xml.parse(sys.argv[1]).getroot().iter("testcase"):
    status, reason = case.get("status"), case.find("skipped")
    if status == "run":
        passed += 1
    elif status == "disabled" or (reason is not None and "SKIP" in reason.get("message", "")):
        skipped += 1
    else:  # failed, or not run because the program is missing
        failed += 1
if passed + failed + skipped == 0:
    failed = 1
    print("No tests were found: a lane without tests is a mistake.", file=sys.stderr)
print(passed, failed, skipped)
END
}

sanitized() { # NAME PRESET: builds it and runs the quick tests
  run_check "build $2" build "$2" || return 0
  local within=()
  [[ $2 == tsan ]] && within=(fixed_addresses)
  export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
  export UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=second_deadlock_stack=1
  local program
  program=$(type -P ctest) # setarch starts programs, not this function
  ctest() { "${within[@]}" "$program" "$@"; }
  run_ctest "$1" "build/$2" -L '^quick$'
  unset -f ctest
}

# How much of the official JSON Schema suite passes, and what of it is not run; ctest, which ran it
# above, keeps to itself what a test prints.
show_schema_suite() {
  title "The official JSON Schema suite"
  build/release/tests/unit/schema/unit_schema_suite | grep -vE '^(\[|Note|Running|$)' || true
}

broker_tests() { # CTEST_ARG...: starts a Kafka of its own, on a free port
  local count address code=0
  count=$(ctest --test-dir build/release -N -L '^broker$' "$@" | sed -n 's/^Total Tests: //p')
  ((count)) || return 0
  begin_row "Apache Kafka for $count tests"
  need "${kafka_packages[@]}"
  broker_data=$root/build/kafka/test
  rm -rf "$broker_data"
  address=$(python3 tests/broker/kafka/kafka.py start 0 "$broker_data") || code=$?
  if ((code == 75)); then
    echo
    echo "*** SKIPPED: $count tests against a real Apache Kafka, as its jars could not be fetched" \
      "from Maven Central. ***"
    if [[ ${CI:-} == true ]]; then
      echo "*** With CI=true that is a failure. ***"
      add_row "broker" 0 "$count" 0
    else
      add_row "broker" 0 0 "$count"
    fi
  elif ((code)); then
    add_row "broker" 0 "$count" 0
  else
    export MILLRACE_TEST_BOOTSTRAP=$address
    run_ctest "broker" build/release -L '^broker$' "$@"
    python3 tests/broker/kafka/kafka.py stop "$broker_data"
  fi
}

fuzz() { # NAME WORDS [SEEDS...]: runs one target; what it learns stays in build/fuzz/corpus
  local name=$1 words=tests/fuzz/$2.dict code=0 log=$root/$results/fuzz-$1.log
  shift 2
  local kept=build/fuzz/corpus/$name findings=build/fuzz/findings
  mkdir -p "$kept" "$findings"
  build/fuzz/tests/fuzz/fuzz_"$name" -max_total_time="${MILLRACE_FUZZ_SECONDS:-60}" -timeout=25 \
    -rss_limit_mb=2048 -max_len=8192 -dict="$words" -error_exitcode=1 -timeout_exitcode=1 \
    -artifact_prefix="$findings/$name-" "$kept" "tests/fuzz/corpus/$name" "$@" >"$log" 2>&1 ||
    code=$?
  if ((code)); then
    grep -vE '^(#[0-9]|\s+NEW_)' "$log" | head -n 100
    echo "The input that did this lies in $findings; to see it again:"
    echo "  build/fuzz/tests/fuzz/fuzz_$name $findings/$name-…"
    return 1
  fi
  tail -n 1 "$log"
}

fuzz_targets() {
  run_check "build fuzz" build fuzz || return 0
  export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
  export UBSAN_OPTIONS=print_stacktrace=1
  run_check "fuzz record" fuzz record record || true
  run_check "fuzz schema" fuzz schema schema engine/schema/data || true
  run_check "fuzz config" fuzz config config config || true
  run_check "fuzz plan" fuzz plan config || true
  run_check "fuzz state" fuzz state state || true
  run_check "fuzz http" fuzz http http || true
}

finish() { # the table and, as the last line of all, the totals; also when something broke off
  local code=$? row name passed failed skipped seconds total=(0 0 0)
  trap - EXIT
  [[ -n $broker_data ]] && python3 tests/broker/kafka/kafka.py stop "$broker_data" 2>/dev/null
  show_failures || true
  [[ $finished ]] || rows+=("the run broke off (exit code $code)|0|1|0|0")
  printf '\n%-44s %7s %7s %8s %8s\n' "what ran" passed failed skipped seconds
  for row in "${rows[@]}"; do
    IFS='|' read -r name passed failed skipped seconds <<<"$row"
    printf '%-44s %7d %7d %8d %8d\n' "$name" "$passed" "$failed" "$skipped" "$seconds"
    total=($((total[0] + passed)) $((total[1] + failed)) $((total[2] + skipped)))
  done
  echo "in $((SECONDS / 60)) min $((SECONDS % 60)) s; reports of each lane: $results"
  echo "${total[0]} passed, ${total[1]} failed, ${total[2]} skipped"
  exit $((total[1] > 0))
}

command_test() {
  local lane=${1:-default}
  case $lane in
    default | --quick | --long | --fuzz) ;;
    *) echo "dev: test takes --quick, --long, --fuzz or nothing" >&2; exit 2 ;;
  esac
  exec 2>&1 # one stream, so that the totals are the last line wherever it goes
  rm -rf "$results"
  mkdir -p "$results"
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  need "${build_packages[@]}" "${suite_packages[@]}"
  if [[ $lane == --fuzz ]]; then
    fuzz_targets
    finished=yes
    return
  fi
  [[ $lane == --quick ]] || need "${test_packages[@]}" "${kafka_packages[@]}"

  run_check "format" command_format --check || true
  if run_check "build release" build release; then
    case $lane in
      --quick) run_ctest "units" build/release -L '^quick$' ;;
      default)
        run_ctest "units and engine" build/release -L '^(quick|default)$' -LE '^broker$'
        broker_tests -LE '^long$'
        ;;
      --long)
        run_ctest "units, engine and soaks" build/release -LE '^broker$'
        broker_tests
        ;;
    esac
    show_schema_suite
  fi
  if [[ $lane != --quick ]]; then
    sanitized "units under ASan and UBSan" debug
    sanitized "units under TSan" tsan
    # clang-tidy shows clang's own warnings too, -Wthread-safety among them: no build beside it.
    if [[ $lane == --long ]]; then
      run_check "build clang" build clang all all_verify_interface_header_sets || true
      run_check "tidy" command_tidy || true
    else
      run_check "tidy of engine" command_tidy engine || true
    fi
  fi
  finished=yes
}
