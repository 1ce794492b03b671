#!/bin/sh
# gcxc lsp, asked of a whole site: what each name is, types and times between the words, symbols, calls, actions, and
# diagnostics for an editor that asks. lsp_asked.py says what must hold.
. "$(dirname "$0")/common.sh"
needs python3
cd "$work" || exit 1
PYTHONDONTWRITEBYTECODE=1 python3 "$source/tests/language/lsp_asked.py" "$gcxc" "$source"
