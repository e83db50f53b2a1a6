#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds oneTBB with ThreadSanitizer, from Debian's own source package, into the folder that is
# named as the argument (the tsan preset expects build/onetbb-tsan).
#
# Why: with the packaged library every flow graph yields false reports, and a suppression that
# silences them (race:tbb::detail) hides the races of our own node bodies too, because oneTBB's
# frames are on every stack. Instrumented, a clean graph is silent and a planted race is found
# (tests/tidy/tsan_trial.cc shows both).
set -euo pipefail

prefix=$(realpath -m "${1:?usage: build_tsan_tbb.sh PREFIX}")
cxx=${CXX:-c++}
version=$(dpkg-query -W -f '${source:Version}' libtbb-dev)
stamp="$version $("$cxx" -dumpfullversion)"
if [[ -f $prefix/stamp && $(<"$prefix/stamp") == "$stamp" ]]; then
  exit 0
fi
echo "Building an instrumented oneTBB $version for the tsan preset (about a minute, once)..."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/parts" "$work/cache/archives/partial"

# The sources that this system is configured with, Debian's own only, as source entries in a
# private list: the system's own configuration and package lists stay as they are. An entry is
# Debian's if its suite has this release's name and it has the component main.
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [[ -f $list ]] || continue
  { grep -E "^deb .*[[:space:]/]${codename}[^[:space:]]*[[:space:]].*main" "$list" || true; } |
    sed 's/^deb /deb-src /' >>"$work/parts/private.list"
done
for list in /etc/apt/sources.list.d/*.sources; do
  [[ -f $list ]] || continue
  awk -v RS= -v codename="$codename" '
    $0 ~ "(^|\n)Suites:[^\n]*" codename && /(^|\n)Components:[^\n]*main/ {
      gsub(/(^|\n)Types:[^\n]*/, "\nTypes: deb-src"); sub(/^\n/, ""); print $0 "\n" }
  ' "$list" >>"$work/parts/private.sources"
done
apt=(apt-get -o APT::Sandbox::User="$(id -un)"
  -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/parts"
  -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache")
cd "$work"
"${apt[@]}" -q update
"${apt[@]}" -qq source "onetbb=$version" || "${apt[@]}" -qq source onetbb
source=$(find "$work" -mindepth 1 -maxdepth 1 -type d -name 'onetbb-*')

# -Wno-tsan: g++ warns on every seq_cst fence that TSan does not model; on x86-64 those that matter
# to user code are atomic operations anyway, and the trial above shows no false report.
cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_CXX_FLAGS=-Wno-tsan \
  -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
  -DTBB_SANITIZE=thread -DTBB_TEST=OFF -DTBB_STRICT=OFF -DTBBMALLOC_BUILD=OFF >"$work/log"
cmake --build "$work/build"
rm -rf "$prefix"
cmake --install "$work/build" >>"$work/log"
echo "$stamp" >"$prefix/stamp"
