#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# expect_exit_code.sh CODE COMMAND [ARG...]: succeeds if the command ends with exactly that code.
expected=$1
shift
"$@"
actual=$?
echo "exit code $actual, expected $expected"
[ "$actual" -eq "$expected" ]
