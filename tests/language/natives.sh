#!/bin/sh
# Natives in `gcxc test`: the example's library is built as its author would, its tests pass; then libraries that do not
# keep to what they promise: each is refused, or is a fault with its own words.
. "$(dirname "$0")/common.sh"
needs cc
cp "$source"/examples/native/* "$work" && chmod -R u+w "$work"
mkdir "$work/gcx" && cp "$source/vm/gcx_native.h" "$work/gcx"
cd "$work" || exit 1
# library NAME: NAME.c becomes NAME.so.
library() { cc -std=c11 -g -O1 -Wall -Wextra -Wconversion -pedantic -Werror -fPIC -I. -shared -o "$1.so" "$1.c" || say "$1.so is not built"; }

# says STATUS EXPECTED COMMAND...: what is said has a line with EXPECTED.
says() {
    status=$1 expected=$2
    shift 2
    "$@" >said 2>&1
    is=$?
    [ $is = "$status" ] || { say "status $is, not $status: $*"; cat said; }
    grep -qF -e "$expected" said || { say "'$expected' is not said: $*"; cat said; }
}

"$gcxc" headers -o checks.h checks.gcx || say "no header"
library checks
says 0 '2 passed, 0 failed' "$gcxc" test --native . checks.gcx
says 0 "native luhn bool(str) from checks sha256:$(sha256sum checks.so | cut -d' ' -f1)" \
    sh -c "$gcxc build --native . -o x.gcxb checks.gcx && $gcxc dis x.gcxb"
grep -q '  NATIVE  *r[0-9a-z:]* luhn from r' said || { say "no call of it is shown"; cat said; }
"$gcxc" check checks.gcx >said 2>&1 && [ ! -s said ] || { say "check needs the library"; cat said; }
echo 'native function lonely(number: str): bool from "checks";' | cat checks.gcx - >unused.gcx
says 1 "'lonely' is never called [L0103]" "$gcxc" lint unused.gcx
"$gcxc" lint checks.gcx >said 2>&1 && [ ! -s said ] || { say "lint finds something"; cat said; }
says 0 'checks.gcx:16:12: function luhn: strategy pay, for if' "$gcxc" uses luhn checks.gcx

# Without the option nothing is loaded, and nothing made.
says 1 "the library 'checks' of natives is not there: name its folder by --native DIR [E0355]" "$gcxc" test checks.gcx
says 1 '[E0355]' "$gcxc" build -o y.gcxb checks.gcx
[ ! -e y.gcxb ] || say "an image was made without its library"

# What is no library, what has not the function, or another one.
echo 'no library' >checks.so
says 1 'checks.so cannot be loaded: file too short' "$gcxc" test --native . checks.gcx
echo 'int nothing;' >empty.c && library empty && mv empty.so checks.so
says 1 'library checks has no function gcx_native_luhn' "$gcxc" test --native . checks.gcx
sed 's/^GCX_NATIVE_SIGNATURE.*//' checks.h >silent.h
sed 's/checks.h/silent.h/' checks.c >silent.c && library silent && mv silent.so checks.so
says 1 'library checks does not say what luhn takes: include the header of `gcxc headers`' "$gcxc" test --native . checks.gcx
sed 's/bool(str)/bool(str, int)/' checks.h >other.h
sed 's/checks.h/other.h/' checks.c >other.c && library other && mv other.so checks.so
says 1 'library checks has luhn as bool(str, int), and bool(str) is called' "$gcxc" test --native . checks.gcx

# Those that break their word.
cat >liar.gcx <<'GCX'
native function nothing(): int from "liar";
native function not_a_number(): float from "liar";
native function long_text(size: int): str from "liar";
native function broken_text(): str from "liar";
native function counted(): int from "liar";
native function each(i: int, f: float, b: bool, d: duration, t: time, p: percent): str from "liar";
native function texts(a: str, b: str, c: str, d: str, e: str, f: str): str from "liar";
native function truth(b: bool): bool from "liar";
native function half(f: float): float from "liar";
native function day(days: int): date from "liar";
native function moment(us: int): time from "liar";

function doubled(text: str): str { return texts(text, text, "", "", "", ""); }

strategy s(which: str) on voice {
    segment which {
        "none" -> { stop "{nothing()}"; }
        "nan" -> { stop "{not_a_number()}"; }
        "long" -> { stop "{long_text(4097).count}"; }
        "fits" -> { stop "{long_text(4096).count}"; }
        "broken" -> { stop broken_text(); }
        "counted" -> { stop "{counted()}"; }
        "each" -> { stop each(-1, 2.5, true, 3s, 1970-01-01 01:00, 50%); }
        "texts" -> { stop texts("a", "", "more than seven", "é", which, doubled("x")); }
        "truth" -> { stop "{truth(true)} {truth(false)} {half(3.0)}"; }
        "days" -> { stop "{day(-719162)} {day(2932896)} {moment(0)}"; }
        "day before" -> { stop "{day(-719163)}"; }
        "day after" -> { stop "{day(2932897)}"; }
        "moment before" -> { stop "{moment(-719162 * 86400000000 - 1)}"; }
        "moment after" -> { stop "{moment(2932897 * 86400000000)}"; }
        else -> { stop "?"; }
    }
    on error (e) { stop e.text; }
}
test "none" { call s(which: "none"); expect stopped "overflow"; }
test "nan" { call s(which: "nan"); expect stopped "not a number"; }
test "long" { call s(which: "long"); expect stopped "native's text too long"; }
test "fits" { call s(which: "fits"); expect stopped "4096"; }
test "broken" { call s(which: "broken"); expect stopped "native's text not UTF-8"; }
test "counted" { call s(which: "counted"); expect stopped "native gave two results"; }
test "each" { call s(which: "each"); expect stopped "-1 2.5 1 3000000 0 500000"; }
test "texts" { call s(which: "texts"); expect stopped "a||more than seven|é|texts|x|x||||"; }
test "days" { call s(which: "days"); expect stopped "0001-01-01 9999-12-31 1970-01-01 01:00"; }
test "day before" { call s(which: "day before"); expect stopped "native's date out of range"; }
test "day after" { call s(which: "day after"); expect stopped "native's date out of range"; }
test "moment before" { call s(which: "moment before"); expect stopped "native's date out of range"; }
test "moment after" { call s(which: "moment after"); expect stopped "native's date out of range"; }
test "truth" { call s(which: "truth"); expect stopped "true false 1.5"; }
GCX
sed -i 's/default zone "Europe.Paris"/default zone "Etc\/GMT-1"/' site.gcx
cat >liar.c <<'C'
#include <stdio.h>
#include "liar.h"
int64_t gcx_native_nothing(void) { return INT64_MIN; }
double gcx_native_not_a_number(void) { return (double)0 / (double)(size_t)0; }
void gcx_native_long_text(struct gcx_native *result, int64_t size)
{
    static char text[8192];
    memset(text, 'x', sizeof text);
    gcx_native_return(result, text, (size_t)size);
}
void gcx_native_broken_text(struct gcx_native *result) { gcx_native_return(result, "\xff", 1); }
int64_t gcx_native_counted(void) { static int64_t count; return ++count; }
void gcx_native_each(struct gcx_native *result, int64_t i, double f, bool b, int64_t d_us, int64_t t_us,
                     int64_t p_millionths)
{
    char text[128];
    int length = snprintf(text, sizeof text, "%lld %.1f %d %lld %lld %lld", (long long)i, f, b, (long long)d_us,
                          (long long)t_us, (long long)p_millionths);
    gcx_native_return(result, text, (size_t)length);
}
void gcx_native_texts(struct gcx_native *result, const char *a, size_t a_length, const char *b, size_t b_length,
                      const char *c, size_t c_length, const char *d, size_t d_length, const char *e, size_t e_length,
                      const char *f, size_t f_length)
{
    char text[256];
    int length = snprintf(text, sizeof text, "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s", (int)a_length, a, (int)b_length, b,
                          (int)c_length, c, (int)d_length, d, (int)e_length, e, (int)f_length, f);
    gcx_native_return(result, text, (size_t)length);
}
bool gcx_native_truth(bool b) { return b; }
double gcx_native_half(double f) { return f / 2; }
int64_t gcx_native_day(int64_t days) { return days; }
int64_t gcx_native_moment(int64_t us) { return us; }
C
"$gcxc" headers liar.gcx >liar.h || say "no header"
library liar
says 0 '14 passed, 0 failed' "$gcxc" test --native . liar.gcx

# One that ends the process is no success.
cat >quits.gcx <<'GCX'
native function quits(): int from "quits";
strategy s on voice { stop "{quits()}"; }
test "quits" { call s; expect stopped "1"; }
GCX
"$gcxc" headers quits.gcx >quits.h || say "no header"
printf '#include <stdlib.h>\n#include "quits.h"\nint64_t gcx_native_quits(void) { exit(0); }\n' >quits.c && library quits
says 134 'a native has called exit(), which is a crash' "$gcxc" test -j 1 --native . quits.gcx

# A name that C keeps for itself, and a comment that would end the header's.
cat >odd.gcx <<'GCX'
/// Ends */ a /* comment.
native function odd(long: int, double: float, result: str): str from "odd";
GCX
"$gcxc" headers odd.gcx >odd.h || say "no header"
cat >odd.c <<'C'
#include "odd.h"
#include "odd.h"
C
library odd
# In C++, too.
if command -v c++ >/dev/null; then
    cat >odd.cc <<'C'
#include "liar.h"
#include "odd.h"
double gcx_native_half(double f) { return f / 2; }
C
    c++ -std=c++17 -Wall -Wextra -pedantic -Werror -fPIC -I. -shared -o odd.so odd.cc || say "not in C++"
    nm -D --defined-only odd.so | grep -q ' gcx_native_half$' || say "C++ has another name for it"
    nm -D --defined-only odd.so | grep -q ' gcx_signature_half$' || say "C++ has another name for its text"
fi
says 1 'there are no natives in site.gcx' "$gcxc" headers --site site.gcx site.gcx
# In statements of SQL some names are others.
cat >beside.gcx <<'GCX'
native function upper(text: str): str from "beside";
native function Risk(text: str): int from "beside";
native function score(text: str): int from "beside";
GCX
"$gcxc" headers beside.gcx >beside.h || say "no header"
rm site.gcx && mkdir asks && mv beside.h asks && cat >asks/asks.gcx <<'GCX'
site { source scoring natives schema "beside.h"; }
strategy asks on voice { let n = query scoring value int `select score({ani})` else {}; }
GCX
says 1 'beside.h:6:22: error: the schema is wrong: its name is a word or function of SQL' "$gcxc" check asks
grep -q 'SQL does not tell capitals from small letters: name it in small ones' said || { say "Risk is a name"; cat said; }
[ $failed = 0 ] && echo "natives: all good"
[ $failed = 0 ]
