#!/bin/bash
# tests/language/bytes.sh - A megabyte of anything is answered: the same byte all along, brackets that nest, one line, one
# name, very many errors. The time allowed is long: what is the square of its length takes longer. Under the sanitizers,
# which show what is read and written and not how long it takes, an eighth of that; and of what is as many errors as bytes, as
# the byte 1 is, an eighth of an eighth.
. "$(dirname "$0")/common.sh"
size=1048576 part=1
sanitized && size=131072 part=8

# $1: what it is, $2...: what writes the source. Neither a crash nor an endless search, and few lines of output.
answered() {
    what=$1
    shift
    "$@" >"$work/bytes.gcx"
    soon 60 "$gcxc" check "$work/bytes.gcx" >"$work/out" 2>&1
    status=$?
    [ $status -le 1 ] || say "$what: check ended with $status: $(tail -n 3 "$work/out")"
    [ "$(wc -c <"$work/out")" -lt 100000 ] || say "$what: $(wc -c <"$work/out") bytes of messages"
}

same() { head -c "$size" /dev/zero | tr '\0' "$1"; }
few() { head -c $((size / part)) /dev/zero | tr '\0' "$1"; }
many() { yes "$1" | head -c "$size"; }
line() { many "$1" | tr -d '\n'; }
begun() { printf '%s' "$1"; shift; "$@"; } # that, and then what is written so
numbered() { echo "$1"; seq 1 $(($2 / part)) | sed "s/.*/$3/"; echo "$4"; }

answered "zeros" head -c "$size" /dev/zero
for byte in '\001' '\377' '(' '[' '{' '}' '"' '`' '/' '.' ';' '-' '\n' 'a' '9'; do
    answered "the byte $byte" same "$byte"
done
for byte in '\177' '\\'; do answered "the byte $byte" few "$byte"; done
answered "a program" head -c "$size" "$gcxc"
answered "a remark of zeros" begun '//' head -c "$size" /dev/zero
answered "a remark of controls" begun '//' few '\001'
answered "a string of controls" begun 'const a = "' same '\001'
answered "strategies that are not ended" many 'strategy a on voice {'
answered "statements outside" many 'let x = y;'
answered "the same error again and again" begun 'strategy a on voice { ' many '  let x = y;'
answered "names nobody knows" numbered 'strategy a on voice {' 40000 '  let x& = y&;' '}'
answered "blocks in one line" begun 'strategy a on voice { ' line 'if true { '
answered "ends of blocks" line '}'
answered "interpolations" line 'const a = "{'
answered "strings in strings" line '"{"{'
answered "operators" line '+ '
answered "words in one line" line '== else '
answered "what other languages write" many '/* x */ # <b> & | ! $ @ ~ ^ %'
answered "records" numbered '' 20000 'record R& { a: R0; b: S&; }' ''
answered "functions that call themselves" numbered '' 20000 'function f&(): int { return f&(); }' ''
answered "an enumeration" numbered 'enum E {' 100000 'a&,' 'b }'
answered "labels, and functions nobody knows" numbered 'strategy a on voice {' 200000 'l&: f&();' '}'
answered "a long name nobody knows" begun 'strategy a on voice { let x = ' same 'a'
# What is said of it is as long as somebody reads.
{ printf 'strategy a on voice { let x = '; same 'a'; printf '; route queue desk; }'; } >"$work/bytes.gcx"
"$gcxc" check --format json "$work/bytes.gcx" >"$work/out"
[ "$(wc -c <"$work/out")" -lt 10000 ] || say "a long name: $(wc -c <"$work/out") bytes of JSON"

# A pipe that nobody writes to is waited for by no command, and a file without an end is read by none; in a folder it is
# passed over.
cd "$work" && mkfifo pipe.gcx && mkdir folder && mkfifo folder/pipe.gcx && echo 'strategy s on voice { stop "x"; }' >sound.gcx || exit 1
refused() {
    timeout 20 "$gcxc" "$@" >out 2>&1
    status=$?
    [ $status -eq 1 ] || [ $status -eq 2 ] && grep -q 'regular file\|no .gcx file in folder' out || say "$*: status $status: $(head -c 300 out)"
}
for path in pipe.gcx /dev/zero folder; do
    for command in check lint fmt 'fmt --check' dis graph doc\ -o\ pages 'diff sound.gcx' 'uses x' 'lint sound.gcx --directory' \
        'graph sound.gcx --lcov' 'check sound.gcx --site'; do
        # shellcheck disable=SC2086 # a command and its arguments
        refused $command "$path"
    done
done
[ $failed -eq 0 ]
