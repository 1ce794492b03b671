#!/bin/sh
# What gcxc check says of sources with one wrong token (mutated.py), of the goldens and the strategies.
# mutated.sh [SEED [COUNT]]: others, or more.
. "$(dirname "$0")/common.sh"
needs python3
cp -r "$source"/strategies "$source"/tests/language "$work" && rm -f "$work"/language/*.expect || exit 1
python3 "$source"/tests/language/mutated.py "$gcxc" "${1-1}" "${2-400}" "$work"/strategies/*/*.gcx "$work"/language/*.gcx
