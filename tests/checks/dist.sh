#!/bin/sh
# Fails where `make dist` would leave out a file of the tree that git has, or a listed file is not there. Deliberately
# left out: what only those need who work with git.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL # of the make that runs this
cd "$top_srcdir" || exit 1
git -c safe.directory='*' ls-files >/dev/null 2>&1 && [ -e .git ] || { echo "dist: no git checkout"; exit 77; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-dist-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
make -s --no-print-directory -C "$top_builddir" dist-list >"$dir/listed" || exit 1
git -c safe.directory='*' ls-files | grep -vE '^(\.ci/|\.gitignore$|\.clang-format$)' >"$dir/files"
awk 'NR == FNR {listed[$0]; next}
    {path = $0; while (!(path in listed) && sub(/\/[^\/]*$/, "", path)) ; if (!(path in listed)) {print "dist: make dist leaves out " $0; bad = 1}}
    END {exit bad}' "$dir/listed" "$dir/files"
status=$?
# make gives the list to a shell as one word, which may have 131,072 bytes.
bytes=$(wc -c <"$dir/listed")
[ "$bytes" -lt 128000 ] || { echo "dist: the list has $bytes bytes of 131,072: name a folder where its files are named"; status=1; }
[ -s "$dir/listed" ] && [ -s "$dir/files" ] || { echo "dist: the lists are empty"; status=1; }
[ $status = 0 ] && echo "dist: $(wc -l <"$dir/files") files are shipped"
exit $status
