#!/bin/sh
# What comes from outside - titles and texts of a source, names of files, arguments, rows of a directory - neither moves the
# cursor nor turns the writing of the terminal on which a tool tells of it: it is shown as \u{202e}.
. "$(dirname "$0")/common.sh"
build=$(cd "$top_builddir" && pwd)
cd "$work" || exit 1
# A right-to-left override, a line and a paragraph separator, a next line of C1, an escape.
nasty=$(printf 'R\342\200\256L\342\200\250P\342\200\251C\302\205E\033[31m')
written='R\u{202e}L\u{2028}P\u{2029}C\u{85}E\u{1b}[31m'
# raw: what a terminal would obey, of standard input.
raw() { LC_ALL=C grep -a "$(printf '[\001-\010\013-\037\177]\\|\302[\200-\237]\\|\342\200[\250-\256]\\|\342\201[\240-\257]')"; }
# shown PATTERN COMMAND...: the command says the pattern, and nothing that a terminal would obey.
shown() {
    pattern=$1; shift
    "$@" >said 2>&1 </dev/null
    if raw <said >bad; then say "$1 ${2-}: raw:"; cat -v bad; fi
    grep -qF -e "$pattern" said || { say "$1 ${2-} does not say $pattern"; cat -v said; }
}
clean() { shown '' "$@"; }

cat >site.gcx <<'GCX'
site { queue desk; default timeout 1m; }
GCX
cat >good.gcx <<GCX
strategy s on voice {
    attached { k: str }
    attach k = "$written";
    route queue desk;
}
test "first $written" { call s from "1" to "2"; expect k == "$written"; }
test "second $written" { call s from "1" to "2"; expect k == "x"; }
GCX
printf 'strategy s on voice {\n    say "%s";\n    route queue %s;\n}\n' "$nasty" "$nasty" >"$nasty.gcx"
# What stands in a comment is quoted with its line.
printf 'strategy s on voice { route queue none; /* \302\205\342\200\250 */ }\n' >quoted.gcx

shown "FAILED  second $written" "$gcxc" test good.gcx
shown 'k is "R\u{202e}L\u{2028}P\u{2029}C\u{85}E' "$gcxc" test good.gcx
shown "first $written" "$gcxc" test --list good.gcx
clean "$gcxc" test --coverage good.gcx
clean "$gcxc" test --exits good.gcx
clean "$gcxc" test --format tap good.gcx
clean "$gcxc" uses desk good.gcx
shown "$written" "$gcxc" uses k good.gcx
"$gcxc" build good.gcx -o good.gcxb || say "good.gcx is not built"
shown 'L\u{2028}P' "$gcxc" dis good.gcxb
clean "$gcxc" dis --source good.gcxb
shown '/* ?? */' "$gcxc" check quoted.gcx
clean "$gcxc" check --format github "$nasty.gcx"
shown "$written.gcx:2" "$gcxc" check "$nasty.gcx"
shown "$written" "$gcxc" check "$nasty"
shown "$written" "$gcxc" fmt "none $nasty.gcx"
shown "$written" "$gcxc" dis "$nasty"
shown "$written" "$gcxc" explain "$nasty"
shown "$written" "$gcxc" graph good.gcx "$nasty"
shown "$written" "$gcxc" uses "$nasty" good.gcx
shown "$written" "$gcxc" "$nasty"
cp good.gcx "$nasty.gcx"
shown "$written.gcx" "$gcxc" test --coverage --exits "$nasty.gcx"
clean "$gcxc" test --mutants "$nasty.gcx"
shown "$written.gcx:7: second $written" "$gcxc" test --list "$nasty.gcx"
sed "s/queue desk/queue desk answer 3s/" good.gcx >"$nasty.gcx"
shown "$written.gcx:4" "$gcxc" diff good.gcx "$nasty.gcx"
# XML may have an override, but no control of C0 or C1.
"$gcxc" test --format junit good.gcx >said 2>&1
if LC_ALL=C grep -a "$(printf '[\001-\010\013-\037\177]\\|\302[\200-\237]')" said >bad; then say "junit: raw:"; cat -v bad; fi

shown "first $written" "$build/gcxsim" list good.gcxb
shown "$written" "$build/gcxsim" list "$nasty"
shown "$written" "$build/gcxsim" "$nasty"
shown "$written" "$build/gcxctl" "$nasty"
shown "$written" "$build/gcxctl" --timeout "$nasty" status
shown "$written" "$build/gcxctl" --socket "$nasty" status

shown "$written" "$build/gcxvm" --check "$nasty"
printf '%s = 1\n' "$nasty" >"$nasty.conf"
shown "$written" "$build/gcxvm" --check "$nasty.conf"
printf 'directory = "directory.sql"\nstrategies = {"good.gcxb"}\nplugins = "%s/.libs"\n' "$build" >"$nasty.conf"
cat >directory.sql <<SQL
create table skill (name text primary key);
create table agent (name text primary key, display text);
create table agent_skill (agent text, skill text, level integer);
insert into agent_skill values ('$nasty', 'French', 1);
SQL
shown 'R\u{202e}L\u{2028}' "$build/gcxvm" --check "$nasty.conf"
sed -i '$d' directory.sql
shown "$written.conf: good" "$build/gcxvm" --check "$nasty.conf"
echo "$failed failed"
[ "$failed" = 0 ]
