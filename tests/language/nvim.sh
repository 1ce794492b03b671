#!/bin/sh
# Neovim with the lines of editors/README.md: its own client and gcxc lsp, in a session as an author has it. nvim_session.lua
# says what must hold.
. "$(dirname "$0")/common.sh"
needs nvim
PATH=$(cd "$top_builddir" && pwd):$PATH
export PATH
HOME=$work XDG_CONFIG_HOME=$work XDG_DATA_HOME=$work XDG_STATE_HOME=$work XDG_CACHE_HOME=$work
export HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME
sed -n '/^```lua$/,/^```$/ { /^```/!p }' "$source/editors/README.md" >"$work/init.lua"
[ -s "$work/init.lua" ] || { echo "FAILED: editors/README.md has no lines for Neovim"; exit 1; }
cp -r "$source/strategies/enterprise" "$work/site" && chmod -R u+w "$work/site" && cd "$work/site" || exit 1
timeout 120 nvim --headless -u "$work/init.lua" -i NONE -n -c "luafile $source/tests/language/nvim_session.lua" \
    </dev/null >"$work/said" 2>&1
status=$?
cat found
[ $status -eq 0 ] && exit 0
echo "FAILED: nvim ended with status $status"
cat "$work/said"
exit 1
