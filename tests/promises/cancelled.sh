#!/bin/bash
# Who was taken out of a campaign is not called any more: sixty numbers are dialled, three at a time, while a letter for each
# odd one says that they have paid. Its strategy cancels their records, and core, dialer and T-Server are killed in between.
# When all letters have ended, each of the thirty is cancelled in the list, with the letter that did it, or had ended
# before; none of them is dialled later, nor after core and dialer have begun anew; the others are called once each, but for those
# of whose call nobody knew after a kill whether it was made. A letter is sent again under its name until it was taken, as
# whoever sends it must. What it leaves out: takeover, and a restore.
. "$top_srcdir/tests/flows/enterprise_common.sh"
PORTS=3
. "$top_srcdir/tests/flows/outbound_common.sh"
command -v curl >/dev/null || { echo "skipped: curl is not installed"; exit 77; }
[ -f "$top_builddir/.libs/work.so" ] || exit 77
"$gcxc" build "$top_srcdir/tests/promises/cancelled.gcx" -o "$image" || die "gcxc build"
(umask 077 && echo secret >"$dir/token")
more_rows="insert into dn (number, type) values ('paid', 'queue');
insert into queue values ('paid', 'paid');
insert into routing_point (dn, strategy, defaults) values ('paid', 'settles', '5000');"
more_adapters="adapter work { queue = \"paid\" listen = \"127.0.0.1:0\" port_file = \"$dir/work.port\" token_file = \"$dir/token\" outlive_s = 30 restart_ms = 200 }"
numbers 4000000 60
import --zone UTC
begin_campaign DE
await test -s "$dir/work.port"

letter() { curl -sS -o "$dir/answer" -w '%{http_code}' --max-time 10 -H 'Authorization: Bearer secret' --data-binary "{\"id\": \"p-$1\", \"data\": {\"number\": \"+4930$1\"}}" \
    "http://127.0.0.1:$(cat "$dir/work.port")/work" 2>/dev/null; }
is_taken() { [ "$(letter "$1")" = 200 ]; }
for n in $(seq 4000001 2 4000059); do
    await is_taken "$n"
    case $n in
    4000011) kill_one core ;;
    4000021) kill_one dialer ;;
    4000031) kill_one core ;;
    4000041) kill_one tserver ;;
    esac
done
kill_one core
letters_are_over() { ctl interactions --live --json >"$dir/live" && ! grep -q '"media": "work"' "$dir/live"; }
await letters_are_over
paid() { dialled | grep '[13579]$'; }
paid >"$dir/before"
of_odd() { sql "select count(*) from records where substr(number, -1) in ('1', '3', '5', '7', '9') and $1"; }
cancelled=$(of_odd "cancelled is not null and cancelled_by <> '' and cancelled_why = 'has paid'")
tried=$(of_odd "cancelled is null and status not in ('ready', 'retrieved') and result is not null")
[ $((cancelled + tried)) = 30 ] || { say_failed "$cancelled are cancelled and $tried had been dialled and had ended, of 30"; sql "select number, status, result, cancelled, cancelled_by, cancelled_why from records"; }
[ $((cancelled - $(wc -l <"$dir/before"))) -ge 5 ] || say_failed "the letters came too late to prove anything: $cancelled cancelled, $(wc -l <"$dir/before") dialled"
all_done() { [ "$(sql "select count(*) from records where status = 'ready' and due = 0 or status = 'retrieved'")" = 0 ]; }
await all_done
kill_one dialer
kill_one core
await all_done
paid >"$dir/after"
cmp -s "$dir/before" "$dir/after" || { say_failed "dialled when their letters had ended:"; diff "$dir/before" "$dir/after"; }
[ "$(dialled | grep -c '[02468]$')" -ge 20 ] && [ -z "$(dialled | uniq -d)" ] || say_failed "the others were not called once each: $(dialled | uniq -cd)"
echo "$cancelled of 30 cancelled, $tried ended before; $(wc -l <"$dir/before") dialled before their letters had ended"
finish
