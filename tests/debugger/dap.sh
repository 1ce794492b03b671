#!/bin/sh
# tests/debugger/dap.sh - Sessions of an editor with gcxdb --dap, by debugpy's channel for the Debug Adapter Protocol.
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
python=/usr/bin/python3 # Debian's, to which the package belongs
"$python" -c 'import debugpy.common.messaging' 2>/dev/null || exit 77
PYTHONDONTWRITEBYTECODE=1 exec "$python" "$top_srcdir/tests/debugger/dap.py" "$(cd "$top_builddir" && pwd)/gcxdb" "$top_srcdir/tests/debugger"
