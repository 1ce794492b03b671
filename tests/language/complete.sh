#!/bin/sh
# What bash and zsh complete of gcxc, and that help says of every command what it takes: all from commands.def.
. "$(dirname "$0")/common.sh"
PATH=$(cd "$top_builddir" && pwd):$PATH
export PATH

# expect LINE COMMAND...: it says that line, among others; expect '' : it says nothing.
expect() {
    line=$1
    shift
    "$@" >"$work/said" 2>&1
    if [ -n "$line" ]; then grep -qxF -e "$line" "$work/said"; else [ ! -s "$work/said" ]; fi && return
    echo "FAILED $*: '$line' was expected of"
    cat "$work/said"
    failed=$((failed + 1))
}
words() { gcxc --complete "$@" 2>&1 | cut -f 1; }

expect check words ch
expect --help words --h
expect --format words check --f
expect sarif words check --format s
expect '' words test --format s
expect :files words check ''
expect :files words build -o ''
expect pull words schema ''
expect '' words check --filter ''
expect '' words nonsense ''
expect nobody-there words lint --rules n
expect +style,-L0301 words lint --rules +style,-L03
cd "$source/strategies/enterprise" || exit 1
expect skill words uses sk
expect French words uses F
expect desk words uses queue ''
expect '' words uses queue x
expect enterprise words graph enterprise.gcx ''
expect enterprise words graph . ''
expect customers words schema --source ''
expect :files words uses queue desk ''
expect 'a gold French caller reaches Marie' words test --filter 'a g'
expect 'a gold French caller reaches Marie' words test tests.gcx -f 'a g'
expect '' words test enterprise.gcx --filter 'a g'
expect '' words test --filter 'x'
cd "$work" || exit 1
expect "E0412	unknown ... '...'" gcxc --complete explain E0412

cat >"$work/ask.bash" <<'SH'
. "$1"; shift
compopt() { echo files; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_gcxc
printf '%s\n' "${COMPREPLY[@]}"
SH
in_bash() { bash "$work/ask.bash" "$top_srcdir/compiler/cli/completion/gcxc.bash" "$@"; }
if command -v bash >/dev/null; then
    expect check in_bash gcxc ch
    expect files in_bash gcxc check ''
    expect github in_bash gcxc check --format gi
    cd "$source/strategies/enterprise" || exit 1
    expect 'a\ gold\ French\ caller\ reaches\ Marie' in_bash gcxc test --filter 'a\ g'
    expect 'a gold French caller reaches Marie' in_bash gcxc test --filter '"a g'
    cd "$work" || exit 1
fi
if command -v zsh >/dev/null; then
    cat >"$work/ask.zsh" <<'SH'
_describe() { print -l -- "${(P@)2}"; }
_files() { print files; }
functions[_gcxc]="$(<$1)"; shift
words=("$@"); CURRENT=$#
_gcxc
SH
    in_zsh() { zsh -f "$work/ask.zsh" "$top_srcdir/compiler/cli/completion/_gcxc" "$@"; }
    expect 'check:only say what is wrong' in_zsh gcxc ch
    expect files in_zsh gcxc check ''
    cd "$source/strategies/enterprise" || exit 1
    expect 'a gold French caller reaches Marie:a test' in_zsh gcxc test --filter 'a\ g'
    cd "$work" || exit 1
fi

# A command's help names what completion offers for it, and only that.
for command in $(words ''); do
    case $command in -*) continue ;; esac
    gcxc "$command" --help | grep -oE -e '--[a-z-]+' | sort -u >"$work/helped"
    words "$command" -- | grep -vx -e --help | sort -u >"$work/offered"
    cmp -s "$work/helped" "$work/offered" ||
        { echo "FAILED $command: help and completion differ"; diff "$work/helped" "$work/offered"; failed=$((failed + 1)); }
done
[ $failed -eq 0 ] && echo "all that is offered is right"
[ $failed -eq 0 ]
