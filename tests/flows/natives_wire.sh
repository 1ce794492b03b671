#!/bin/bash
# tests/flows/natives_wire.sh - A native in gcxvm: it computes what the agent sees, and the same when the journal is replayed.
# It is loaded from the file whose hash the image has, and from no other: off, with another file, or with none, gcxvm
# refuses image and journal, and says why.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v cc >/dev/null || { echo "cc is not installed"; cleanup 77; }
debugger=''
also_end() { [ -z "$debugger" ] || { kill "$debugger" && wait "$debugger"; } 2>/dev/null; }
native() { conf_more="native checks { libraries = {$1} }
source scoring { natives = \"$dir/scoring.so\" connections = 1 }"; }
mkdir -p "$flow" "$dir/gcx"
cp "$enterprise"/*.gcx "$enterprise"/*.sql "$top_srcdir/tests/flows/natives_wire.gcx" "$flow" || die "cannot copy the strategy"
cp "$top_srcdir/examples/native/checks.c" "$flow" && cp "$top_srcdir/vm/gcx_native.h" "$dir/gcx" || die "cannot copy the library"
chmod -R u+w "$flow"
sed -n '/^native function/p' "$top_srcdir/examples/native/checks.gcx" >>"$flow/enterprise.gcx"
sed -i 's/^    attached { account: str;/    attached { account: str; shown_account: str;/
    s/^    attach language = /    attach shown_account = grouped(account, 2);\n&/' "$flow/enterprise.gcx"
"$gcxc" headers -o "$flow/checks.h" "$flow/enterprise.gcx" || die "gcxc headers"
# Others run in a process beside, where statements call them: they crash, hang, want all memory, and lie.
cat >>"$flow/enterprise.gcx" <<'GCX'
subroutine rating(how: str, seconds: duration): str {
    let band = query scoring value str `select coalesce(BAND /* in any letters */ ({how}, {seconds}), 0) || ' ' || upper('x')` timeout 1s else e { return "{e.reason}"; };
    let text = band else "none";
    return text;
}
subroutine told(n: int): str {
    let done = query scoring exec `select told({n})` timeout 1s else e { return "{e.reason}"; };
    return "{done}";
}
subroutine zero(): str {
    let band = query scoring value str `select band(char(0), 1)` timeout 1s else e { return "{e.reason}"; };
    let text = band else "none";
    return text;
}
subroutine ratings(): str {
    let t0 = told(41);
    let t1 = told(0);
    let r0 = rating("good", 90s);
    let r1 = rating("crash", 2s);
    let r2 = rating("good", 2s);
    let r3 = rating("hang", 2s);
    let r4 = rating("memory", 2s);
    let r5 = rating("long", 2s);
    let r6 = rating("exit", 2s);
    let r7 = rating("look", 2s);
    let r8 = rating("shut", 2s);
    let r9 = rating("write", 2s);
    let r10 = rating("good", 3s);
    let r11 = rating("keep", 2s);
    let r12 = rating("replaced", 2s);
    let r13 = rating("replaced", 2s);
    let r14 = rating("fork", 2s);
    let r15 = zero();
    return "{r0}, {r1}, {r2}, {r3}, {r4}, {r5}, {r6}, {r7}, {r8}, {r9}, {r10}, {r11}, {r12}, {r13}, {r14}, {r15}, {t0}, {t1}";
}
GCX
sed -i 's/^    attached { account: str;/    attached { rated: str; account: str;/
    s/^    attach shown_account = .*/&\n    attach rated = ratings();/' "$flow/enterprise.gcx"
sed -i 's/^    source customers .*/&\n    source scoring natives schema "scoring.h";/' "$flow/site.gcx"
mkdir "$dir/beside" && cat >"$dir/beside/scoring.gcx" <<'GCX'
native function band(how: str, seconds: duration): str from "scoring";
native function told(n: int): int from "scoring";
GCX
cat >"$dir/beside/scoring.c" <<C
#include "scoring.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));
int64_t gcx_native_told(int64_t n) { return n ? n + 1 : (exit(0), 0); }
void gcx_native_band(struct gcx_native *result, const char *how, size_t length, int64_t seconds_us)
{
    static int replaced;
    char text[64];
    int fd = dup(0); /* the next one that is free */
    extern char **environ;
    switch (how[0]) {
    case 'c': signal(SIGSEGV, SIG_DFL); *(volatile int *)0 = 1; break;
    case 'h': /* in another group, it is killed all the same */
        if (setpgid(0, getpgid(getppid()))) abort();
        for (;;) pause();
    case 's': for (int at = 0; at < 64; at++) close(at);
        for (;;) pause();
    case 'm': /* a sanitizer has no limit */
        if (__asan_init || __tsan_init || !malloc(600 << 20)) abort();
        snprintf(text, sizeof text, "much");
        break;
    case 'e': exit(3);
    case 'k': /* its child keeps the socket open */
        if (fork() == 0) for (;;) pause();
        abort();
    case 'f':
        if (system("exec sleep 98765.$$ &")) abort();
        snprintf(text, sizeof text, "forked");
        break;
    case 'r': /* the file is another one afterwards, and so is the process */
        if (system("cd $dir && cp scoring.so scoring.new && mv scoring.new scoring.so")) abort();
        snprintf(text, sizeof text, "%d", ++replaced);
        break;
    case 'w': /* an answer with the number of no question, which nobody must have for theirs */
        if (write(0, "\\016\\0\\0\\0\\377\\377\\377\\377\\005value\\002\\006forged", 22) != 22) abort();
        snprintf(text, sizeof text, "wrote");
        break;
    case 'l': if (how[2] == 'n') { result->length = 5000; return; }
        snprintf(text, sizeof text, "%d %d %d", fd, getenv("HOME") != NULL, kill(getppid(), 0) + kill(-1, 0));
        break;
    default: snprintf(text, sizeof text, "%.*s %d", (int)length, how, (int)(seconds_us / 1000000));
    }
    close(fd);
    gcx_native_return(result, text, strlen(text));
}
C
"$gcxc" headers -o "$dir/beside/scoring.h" "$dir/beside/scoring.gcx" && cp "$dir/beside/scoring.h" "$flow" || die "gcxc headers"
cc -fPIC -I"$dir" -shared -o "$dir/scoring.so" "$dir/beside/scoring.c" || die "the library beside is not built"
cc -fPIC -I"$dir" -shared -o "$dir/checks.so" "$flow/checks.c" || die "the library is not built"
cc -fPIC -I"$dir" -g -DOTHER -shared -o "$dir/other.so" "$flow/checks.c" && printf 'x' >>"$dir/other.so" || die "the other library is not built"
image=$dir/flow.gcxb
"$gcxc" build --native "$dir" "$flow/natives_wire.gcx" -o "$image" || die "gcxc build"

# refused STATUS TEXT: gcxvm does not start, and says so.
refused() {
    configure
    "$gcxvm" "$dir/gcx.conf" >"$dir/refused.log" 2>&1
    local got=$?
    [ $got = "$1" ] || { say_failed "gcxvm ended with $got, not $1"; cat "$dir/refused.log"; }
    grep -qF -e "$2" "$dir/refused.log" || { say_failed "gcxvm should say: $2"; cat "$dir/refused.log"; }
}

echo "natives are off"
provision "a native computes"
echo 1 >"$dir/switch.port"
refused 1 'it calls natives of library checks, and these are off; `native checks { libraries = {"checks.so"} }` in the configuration allows it'
expect 'these are off' "$gcxvm" --check "$dir/gcx.conf"
native '"other.so"'
refused 1 'it calls natives of library checks with SHA-256 '
refused 1 "SHA-256 $(sha256sum "$dir/checks.so" | cut -d' ' -f1), not $(sha256sum "$dir/other.so" | cut -d' ' -f1) as in"
native '"nowhere.so"'
refused 1 'nowhere.so cannot be read: No such file or directory'
conf_more='native checks { }'
refused 1 'native `checks` lacks `libraries = ...`'

echo "a native computes, and again in a replay"
native '"other.so", "checks.so"'
configure
expect ': good' "$gcxvm" --check "$dir/gcx.conf"
begin "a native computes"
await are_waiting 1
logged 'code=unavailable text="source scoring: band ended the process of .* by signal 11' || say_failed "the log does not say that a native crashed"
[ "$(pgrep -c -f "^gcxvm --natives $dir/scoring.so")" = 1 ] || say_failed "a process that was given up is still there"
logged "library checks of natives is loaded from $dir/checks.so, SHA-256 $(sha256sum "$dir/checks.so" | cut -d' ' -f1)" ||
    say_failed "the log does not say which library runs"
# A debugger that is allowed the library computes by it, too: an expression, and what a call to wait for has to meet.
if [ -x "$top_builddir/gcxdb" ]; then
    printf '%s\n' 'print grouped(account, 2)' 'print luhn(account)' quit |
        "$top_builddir/gcxdb" attach "$dir/state/admin.sock" --native "$dir" "$(ixn_of +33145550101)" >"$dir/debugged" 2>&1
    grep -q '^"47 11"$' "$dir/debugged" && grep -q '^false$' "$dir/debugged" ||
        { say_failed "gcxdb does not compute by the natives"; cat "$dir/debugged"; }
    expect "'accuont'" "$top_builddir/gcxdb" attach "$dir/state/admin.sock" --native "$dir" --at 1800 --when 'luhn(accuont)'
    "$top_builddir/gcxdb" attach "$dir/state/admin.sock" --native "$dir" --at 1800 --when 'luhn("42")' </dev/null >"$dir/armed" 2>&1 & debugger=$!
    await grep -q 'Waiting for the interaction' "$dir/armed"
    kill "$debugger"; wait "$debugger" 2>/dev/null; debugger=
fi
pgrep -f "^sleep 98765.$$" >/dev/null || say_failed "a child of a process beside has ended before it"
rows >"$dir/before"
cp "$dir/checks.so" "$dir/kept.so"
printf 'junk' >"$dir/checks.so" # it runs from what was read
sed 's/grouped(account, 2)/grouped(account, 3)/' "$flow/enterprise.gcx" >"$dir/enterprise.gcx" && cp "$dir/enterprise.gcx" "$flow"
cp "$dir/other.so" "$dir/elsewhere.so" && mkdir "$dir/elsewhere" && mv "$dir/elsewhere.so" "$dir/elsewhere/checks.so" && printf y >>"$dir/elsewhere/checks.so"
"$gcxc" build --native "$dir/elsewhere" "$flow/enterprise.gcx" -o "$dir/next.gcxb" || die "gcxc build"
expect 'it calls natives of library checks with SHA-256 ' ctl load "$dir/next.gcxb"
are_waiting 1 || say_failed "the call does not wait any more"
kill_core
child_ended() { ! pgrep -f "^sleep 98765.$$" >/dev/null; }
await child_ended
cp "$dir/kept.so" "$dir/checks.so"
restarted
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "the call is not what it was"
ready_now 7001
played
stop

echo "a journal is not replayed without it"
unset conf_more
refused 3 'journal: image '
refused 3 'these are off'
native '"other.so"'
refused 3 'it calls natives of library checks with SHA-256 '
finish
