#!/bin/sh
# What gcxc check says of sources with one wrong token (mutated.py), of the goldens and the strategies.
# mutated.sh [SEED [COUNT]]: others, or more. Under the sanitizers a quarter: fuzz_source changes tokens of far more.
. "$(dirname "$0")/common.sh"
needs python3
count=400
sanitized && count=100
cp -r "$source"/strategies "$source"/tests/language "$work" && rm -f "$work"/language/*.expect || exit 1
python3 "$source"/tests/language/mutated.py "$gcxc" "${1-1}" "${2-$count}" "$work"/strategies/*/*.gcx "$work"/language/*.gcx
