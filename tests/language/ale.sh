#!/bin/sh
# Vim with the lines of editors/README.md for ALE (Debian: vim-ale) and gcxc lsp. ale_session.vim says what must hold. If the
# plugin is not installed, ALE may name a folder with pack/ in which it is.
. "$(dirname "$0")/common.sh"
needs vim
vim --version | grep -q '+job' || { echo "this vim runs no jobs"; exit 77; }
ALE=${ALE:-/usr/share/vim/vimfiles}
ls "$ALE"/pack/*/*/ale >/dev/null 2>&1 || { echo "vim-ale is not installed"; exit 77; }
PATH=$(cd "$top_builddir" && pwd):$PATH
HOME=$work XDG_CACHE_HOME=$work
export PATH HOME XDG_CACHE_HOME
{ echo 'set nocompatible'; echo 'filetype plugin on'; sed -n '/^packadd! ale$/,/^```$/ { /^```/!p }' "$source/editors/README.md"; } >"$work/vimrc"
grep -q ale#linter "$work/vimrc" || { echo "FAILED: editors/README.md has no lines for ALE"; exit 1; }
cp -r "$source/strategies/enterprise" "$work/site" && chmod -R u+w "$work/site" && cd "$work/site" || exit 1
timeout 120 vim -u "$work/vimrc" -i NONE -n -es --cmd "set packpath^=$ALE" -S "$source/tests/language/ale_session.vim" \
    </dev/null >"$work/said" 2>&1
[ -s found ] || { echo "FAILED: vim said nothing"; cat "$work/said"; exit 1; }
cat found
! grep -q '^FAILED' found
