#!/bin/bash
# tests/bench/intake.sh - Mails taken in durably per second over 20 connections: ours (in the contact store, in the core's
# journal, answered 250), and Exim's, which gives each to Dovecot by LMTP on the same disk, counted when it is there.
# In turn; a line a round: ours, theirs. Usage: intake.sh BUILD COUNT ROUNDS; 77: no Exim or Dovecot, or not root.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd) count=$2 rounds=$3
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/email_common.sh"
mkdir "$dir/site" && cp "$top_srcdir/tests/bench/intake.gcx" "$dir/site/mails.gcx" && "$gcxc" build "$dir/site/mails.gcx" -o "$dir/mails.gcxb" || cleanup 1
make_mails 'lmtp = "127.0.0.1:0"' "sqlite:$dir/contacts"
start
await test -s "$dir/port"
send() { python3 "$top_srcdir/tests/bench/intake.py" "$1" "$2" "$count" 20 "$3"; }
there() { [ "$(find "$dir/mail/box" -path '*/new/*' -type f | wc -l)" -ge "$1" ]; }
now() { date +%s.%N; }
for round in $(seq "$rounds"); do
    ours=$(send lmtp "$(cat "$dir/port")" "ours$round") || cleanup 1
    begun=$(now)
    send smtp "$smtp" "theirs$round" >/dev/null || cleanup 1
    await there $((count * round)) || cleanup 1
    awk -v count="$count" -v ours="$ours" -v theirs="$(awk -v a="$begun" -v b="$(now)" 'BEGIN {print b - a}')" \
        'BEGIN {printf "%.0f %.0f\n", count / ours, count / theirs}'
done
[ "$failures" = 0 ] && cleanup 0
cleanup 1
