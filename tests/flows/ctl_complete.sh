#!/bin/bash
# tests/flows/ctl_complete.sh - What bash and zsh complete: commands and options from the table, names by asking gcxvm;
# without a gcxvm no names, and no words of complaint.
. "$top_srcdir/tests/flows/ctl_common.sh"

four_wait
export GCX_ADMIN=$dir/state/admin.sock PATH=$top_builddir:$PATH

# words WORD...: what `gcxctl WORD...` could go on with, the last word unfinished.
words() { "$gcxctl" --complete "$@" 2>&1 | cut -f 1; }
expect "log-out" words log
expect "marie" words agents ma
expect "logged_out" words agents --state ""
expect "--limit" words queues --l
expect ":files" words load ""
expect ":files" words --socket ""
expect "" words agents marie ""
[ -z "$(words agents marie "")" ] || say_failed "an agent too many was offered"
[ -z "$(words nonsense "")" ] || say_failed "something was offered behind no command"
[ -z "$(words trace --why "")" ] || say_failed "a reason was offered"
words trace --w | grep -q -e --why && say_failed "trace takes no reason"
expect "--why" words reload --w

# In the shells, as they call it.
cat >"$dir/ask.bash" <<'SH'
. "$1"; shift
compopt() { echo files; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_gcxctl
printf '%s\n' "${COMPREPLY[@]}"
SH
in_bash() { bash "$dir/ask.bash" "$top_srcdir/runtime/ctl/completion/gcxctl.bash" "$@"; }
expect "log-out" in_bash gcxctl lo
expect "marie" in_bash gcxctl log-out ""
expect "files" in_bash gcxctl load ""
if command -v zsh >/dev/null; then
    cat >"$dir/ask.zsh" <<'SH'
_describe() { print -l -- "${(P@)2}"; }
_files() { print files; }
functions[_gcxctl]="$(<$1)"; shift
words=("$@"); CURRENT=$#
_gcxctl
SH
    in_zsh() { zsh -f "$dir/ask.zsh" "$top_srcdir/runtime/ctl/completion/_gcxctl" "$@"; }
    expect "log-out:logs an agent out" in_zsh gcxctl lo
    expect "marie:not_ready" in_zsh gcxctl log-out ""
    expect "files" in_zsh gcxctl load ""
fi

GCX_ADMIN=$dir/nowhere
expect "agents" words ag
[ -z "$(words agents "")" ] || say_failed "something was said without a gcxvm"
leave
finish
