#!/bin/sh
# What is too much for `gcxc test` is told by `gcxc check`, with a line and what to do, and what just fits is played by
# `gcxc test` as far as it is read: the limits of both are the same.
. "$(dirname "$0")/common.sh"

head='site { queue q; default zone "UTC"; } strategy a on voice { stop "x"; }'

# made NAME PROGRAM: the test's text, made by awk.
made() { { echo "$head"; awk "BEGIN { $2 }"; } >"$work/$1.gcx"; }

# refused NAME LINE TEXT: check says it there, once.
refused() {
    "$gcxc" check --site "$work/$1.gcx" "$work/$1.gcx" >"$work/said" 2>&1 && say "$1: check accepts it"
    grep -q "^[^ ]*$1.gcx:$2:[0-9]*: error: .*$3" "$work/said" || { cut -c1-300 "$work/said"; say "$1: not told"; }
    [ "$(grep -c 'error:' "$work/said")" -eq 1 ] || { cut -c1-300 "$work/said"; say "$1: more than one error"; }
}

# fits NAME: check accepts it, and what plays tests does not refuse it (none of them is played: none is named so).
fits() {
    "$gcxc" check --site "$work/$1.gcx" "$work/$1.gcx" >"$work/said" 2>&1 || { cut -c1-300 "$work/said"; say "$1: refused"; }
    "$gcxc" test --filter "no such test" --site "$work/$1.gcx" "$work/$1.gcx" >"$work/said" 2>&1
    ! grep -q "the image's test" "$work/said" || { cut -c1-300 "$work/said"; say "$1: test refuses what check accepts"; }
}

# What is wrong in a site, or in a module that many files take in, is told once.
mkdir "$work/shared"
echo 'site { skil x; }' >"$work/shared/site.gcx"
for name in a b; do echo "import lib; strategy $name on voice { stop \"x\" }" >"$work/shared/$name.gcx"; done
echo 'const z = 3 3;' >"$work/shared/lib.gcx"
"$gcxc" test "$work/shared" >"$work/said" 2>&1 && say "shared: test accepts it"
for name in site a b lib; do
    [ "$(grep -c "/$name.gcx:1:[0-9]*: error:" "$work/said")" -eq 1 ] || { cat "$work/said"; say "shared: $name is not told once"; }
done

rows='for (i = 1; i <= n; i++) print i ";"; print "} { call a; }"'
made rows-fit "n = 10000; print \"test \\\"r\\\" for each x {\"; $rows"
fits rows-fit
made rows "n = 10001; print \"test \\\"r\\\" for each x {\"; $rows"
refused rows 10003 'at most 10000 tests are run together'
made tests-fit 'for (i = 1; i <= 10000; i++) print "test \"" i "\" { call a; }"'
fits tests-fit
made tests 'for (i = 1; i <= 10002; i++) print "test \"" i "\" { call a; }"'
refused tests 10002 'at most 10000 tests are run together'
made items-fit 'print "test \"t\" { call a;"; for (i = 1; i < 100000; i++) print "caller enters \"1\";"; print "}"'
fits items-fit
made items 'print "test \"t\" { call a { caller hangs_up; }"; for (i = 1; i <= 99999; i++) print "caller enters \"1\";"; print "}"'
refused items 100001 'a test has at most 100000 lines'
# Each row takes what the test's lines take: some 32 KB, and 16 MiB are all.
text='x = "x"; while (length(x) < 1000) x = x x; for (i = 1; i <= 32; i++) call = call "call a with (k: \"" x "\"); "'
made bytes-fit "$text; print \"test \\\"t\\\" for each n {\"; for (i = 1; i <= 400; i++) print i \";\"; print \"} { \" call \" }\""
fits bytes-fit
made bytes "$text; print \"test \\\"t\\\" for each n {\"; for (i = 1; i <= 600; i++) print i \";\"; print \"} { \" call \" }\""
refused bytes '4[0-9][0-9]' 'all tests together take at most 16 MiB'
# A title has room for a long row: that is cut.
made title 't = "x"; while (length(t) < 990) t = t "x"; print "test \"" t "\" for each n { \"" t t "\"; } { call a from n; expect stopped; }"'
sed -i 's/ from n//' "$work/title.gcx"
fits title

# What repeats nothing at all, again and again, keeps nobody waiting: an editor asks for each letter that is typed.
made nothing 'm = "\"((((){255}){255}){255}){255}\""; print "strategy b on voice { segment ani { match " m " -> {} else -> {} } stop \"x\"; }"'
soon 10 "$gcxc" check "$work/nothing.gcx" >"$work/said" 2>&1
[ $? -lt 124 ] || say "nothing, repeated: check does not end"
# Nor do many values of a segment, in whatever order they stand.
made values 'print "strategy b on voice { let n = 5;"; for (s = 0; s < 8; s++) { print "segment n {"; for (i = 60000; i > 0; i--) print 2 * i ","; print "0 -> {} else -> {} }" } print "stop \"x\"; }"'
soon 20 "$gcxc" check --site "$work/values.gcx" "$work/values.gcx" >"$work/said" 2>&1 || { head -5 "$work/said"; say "descending values: not checked, or not soon"; }
# Nor constants that are each made of the one before, twice.
made twice 'print "const c0 = 1;"; for (i = 1; i <= 31; i++) print "const c" i " = c" i-1 " + c" i-1 ";"; print "test \"t\" { call a; expect priority != c31; }"'
soon 20 "$gcxc" check --site "$work/twice.gcx" "$work/twice.gcx" >"$work/said" 2>&1
[ $? -lt 124 ] || say "constants made twice of the one before: not checked"
# Nor many strategies, each of which switches to the next one.
made chain 'n = 32000; for (i = 1; i < n; i++) print "strategy s" i " on voice { switch to s" i + 1 "; }"; print "strategy s" n " on voice { stop \"x\"; }"'
soon 10 "$gcxc" check --site "$work/chain.gcx" "$work/chain.gcx" >"$work/said" 2>&1 || { head -5 "$work/said"; say "a chain of strategies: not checked, or not soon"; }
# Nor many constants and enumerations that nothing uses.
made unused 'for (i = 0; i < 60000; i++) print "const c" i " = 1; enum E" i " { a }"'
soon 10 "$gcxc" lint --site "$work/unused.gcx" "$work/unused.gcx" >"$work/said" 2>&1
grep -q "and 1199[0-9][0-9] more" "$work/said" || { head -5 "$work/said"; say "unused names: not all are told, or not soon"; }
# A table's file with quotes takes as much memory as it is long, not that again for each field.
awk 'BEGIN { print "k,a"; for (i = 0; i < 20000; i++) print "\"" i "\",\"x\"" }' >"$work/quoted.csv"
made quoted 'print ""'
sed -i 's/queue q;/queue q; table t from "quoted.csv" edit e { key k: str; a: str }/' "$work/quoted.gcx"
( sanitized || ulimit -v 2000000 && "$gcxc" check --site "$work/quoted.gcx" "$work/quoted.gcx" ) >"$work/said" 2>&1 ||
    { cut -c1-300 "$work/said"; say "quoted.csv: refused"; }
# What fits, and would not once it is laid out, is told and left as it is.
awk 'BEGIN { for (i = 0; i < 60; i++) { a = a "if true {"; b = b "}" }
    print "strategy a on voice {" a; for (i = 0; i < 20000; i++) print "n = 1;"; print b "stop \"x\"; }" }' >"$work/wide.gcx"
cp "$work/wide.gcx" "$work/wide.before"
"$gcxc" fmt "$work/wide.gcx" >"$work/said" 2>&1 && say "wide.gcx: fmt writes it"
grep -q 'wide.gcx in the style: it would have more than 4 MB' "$work/said" || { cut -c1-300 "$work/said"; say "wide.gcx: not told"; }
cmp -s "$work/wide.gcx" "$work/wide.before" || say "wide.gcx: changed"

echo "$failed failed"
[ $failed -eq 0 ]
