#!/bin/sh
# gcxc lsp, asked of a whole site: what each name is, types and times between the words, symbols, calls, actions, and
# diagnostics for an editor that asks. lsp_asked.py says what must hold. lsp_rank.py: what is typed next stands high.
. "$(dirname "$0")/common.sh"
needs python3
cd "$work" || exit 1
export PYTHONDONTWRITEBYTECODE=1
python3 "$source/tests/language/lsp_asked.py" "$gcxc" "$source" || exit 1
# Of all strategies the words drawn so: without --every N it takes a minute, and tells the figures.
python3 "$source/tests/language/lsp_rank.py" "$gcxc" "$source"/strategies/*/*.gcx --every 97 --median 2 --lacking 8
