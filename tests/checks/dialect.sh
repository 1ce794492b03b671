#!/bin/sh
# Fails where C is not in the tree's one dialect: what clang-format makes of it (.clang-format), and pointers tested as
# `p` and `!p`. Another version of clang-format than Debian 12's lays some lines out otherwise, so it is not asked.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
files=$(git ls-files '*.c' '*.h' 2>/dev/null) || files=''
[ -n "$files" ] || exit 77
status=0
if grep -nE '(if|while) \([^()=]+ != NULL\)|!= NULL (&&|\|\||\?)|== NULL' $files; then
    echo "dialect: a pointer is tested as p or !p (CONTRIBUTING.md)"; status=1
fi
case $(clang-format --version 2>/dev/null) in
*' 14.'*)
    if ! told=$(echo "$files" | xargs clang-format --dry-run -Werror 2>&1); then
        echo "$told" | grep 'error:' | head -20
        echo "dialect: run clang-format -i on these"; status=1
    fi ;;
esac
exit $status
