#!/bin/sh
# The vim syntax file knows every word of words.def, and vim, where there is one with syntax, colours a strategy by it.
. "$(dirname "$0")/common.sh"
top_builddir=$(cd "$top_builddir" && pwd)
syntax=$top_builddir/compiler/vim/syntax/gcx.vim
[ -s "$syntax" ] || { echo "$syntax was not made"; exit 1; }
for word in $(sed -n 's/^WORD("\([a-z]*\)".*/\1/p' "$top_srcdir/compiler/syntax/words.def"); do
    grep -q "^syntax keyword gcx.* $word\( \|$\)" "$syntax" || say "the syntax file does not know '$word'"
done
grep -q '^"@' "$syntax" && say "a line of the template was not filled"
if command -v vim >/dev/null && vim --version | grep -q '+syntax' && vim --version | grep -q '+eval'; then
    mkdir "$work/syntax" "$work/ftdetect"
    cp "$syntax" "$work/syntax/gcx.vim"
    cp "$top_srcdir/compiler/vim/ftdetect/gcx.vim" "$work/ftdetect/gcx.vim"
    cat >"$work/x.gcx" <<'GCX'
strategy s on voice { // gcx:allow L0101 why
    let x = "a {priority} \n" timeout 3m;
    query c exec `delete from t where a = {x}` else {};
    skill French; ivr.say("x"); after 10s;
    segment dnis { match "^0[{]1$" -> {} else -> x = xs.count; }
    if e.error in mon..every { "it {
    } on error (e) { }
}
test "t" { query c (a: "1") -> none; expect never routed to agent a; }
record R { at: clock; day: weekday; }
GCX
    cat >"$work/ask.vim" <<'VIM'
set nocompatible
filetype plugin on
syntax on
edit x.gcx
function! Of(line, text)
  let l:column = stridx(getline(a:line), a:text) + 1
  return a:text . ' ' . synIDattr(synID(a:line, l:column, 0), 'name')
endfunction
let found = [&filetype, Of(1, 'strategy'), Of(1, '//'), Of(1, 'gcx:allow'), Of(2, 'let'), Of(2, '"a'), Of(2, '\n'),
      \ Of(2, '{'), Of(2, 'timeout'), Of(2, '3m'), Of(3, 'query'), Of(3, 'else'), Of(4, 'skill'), Of(4, 'ivr.say'),
      \ Of(4, 'after'), Of(4, '10s'), Of(3, 'exec'), Of(5, 'match'), Of(5, '{]'), Of(5, '1$'), Of(5, 'else'),
      \ Of(5, 'count'), Of(6, 'error'), Of(6, 'every'), Of(7, 'on'), Of(7, 'error'), Of(9, 'never'), Of(9, 'routed'),
      \ Of(9, 'agent'), Of(10, 'clock'), Of(10, 'weekday')]
call writefile(found, 'found')
qa!
VIM
    (cd "$work" && vim -u NONE -i NONE -n -es --cmd "set runtimepath=$work,\$VIMRUNTIME" -S ask.vim </dev/null >said 2>&1)
    cat >"$work/wanted" <<'TEXT'
gcx
strategy gcxDeclaration
// gcxComment
gcx:allow gcxAllow
let gcxStatement
"a gcxString
\n gcxEscape
{ gcxEscape
timeout gcxClause
3m gcxNumber
query gcxReserved
else gcxReserved
skill gcxKind
ivr.say gcxStep
after gcxReserved
10s gcxNumber
exec gcxForm
match gcxClause
{] gcxPattern
1$ gcxPattern
else gcxReserved
count gcxMember
error gcxMember
every gcxClause
on gcxStatement
error gcxHandled
never gcxReserved
routed gcxExpected
agent gcxKind
clock gcxType
weekday gcxType
TEXT
    diff -u "$work/wanted" "$work/found" || say "vim colours something else"
fi
[ $failed -eq 0 ] && echo "vim knows the words"
[ $failed -eq 0 ]
