#!/bin/sh
# No error that another one caused: single mistakes in good strategies, and how many of them have more than one error.
. "$(dirname "$0")/common.sh"
python3 -c '' 2>/dev/null || exit 77
PYTHONDONTWRITEBYTECODE=1 python3 "$source/tests/language/follow.py" "$gcxc" "$source" "$work" 20 || failed=1
exit "$failed"
