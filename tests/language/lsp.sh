#!/bin/sh
# gcxc lsp, played by a client: whole sessions, hostile ones among them. lsp_sessions.py says what must hold.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
command -v python3 >/dev/null || { echo "lsp: python3 is not installed"; exit 77; }
gcxc=$(cd "$top_builddir" && pwd)/gcxc
top=$(cd "$top_srcdir" && pwd)
[ -x "$gcxc" ] || { echo "$gcxc is not built"; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
PYTHONDONTWRITEBYTECODE=1 python3 "$top/tests/language/lsp_sessions.py" "$gcxc" "$top" "$@"
