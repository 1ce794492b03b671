#!/bin/sh
# tests/checks/matrix.sh - Every test that tests/README.md names is there.
top=${top_srcdir:-.} failures=0
missing() { echo "tests/README.md names $1, which is not there"; failures=$((failures + 1)); }
names=$(grep '^|' "$top/tests/README.md" | grep -o '`[a-z0-9_]*\.[a-z0-9_]*`' | tr -d '`' | sort -u)
[ "$(echo "$names" | wc -l)" -ge 40 ] || { echo "tests/README.md names only: $names"; exit 1; }
for name in $names; do
    case $name in
    *.sh)
        [ "$name" = run.sh ] || [ -f "$top/tests/flows/$name" ] || [ -f "$top/tests/promises/$name" ] ||
            [ -f "$top/tests/debugger/$name" ] || missing "$name" ;;
    *) cat "$top"/tests/unit/*.c | grep -q "^Test(${name%%.*}, ${name#*.}[,)]" || missing "$name" ;;
    esac
done
exit $((failures > 0))
