#!/bin/sh
# gcxc lsp, played by a client: whole sessions, hostile ones among them. lsp_sessions.py says what must hold.
. "$(dirname "$0")/common.sh"
needs python3
cd "$work" || exit 1
PYTHONDONTWRITEBYTECODE=1 python3 "$source/tests/language/lsp_sessions.py" "$gcxc" "$source" "$@"
