#!/bin/bash
# tests/promises/one_person.sh - Who is on three calling lists is one person: somebody whom one campaign has called, and for
# whom nobody was free, is not called by another one, nor is somebody who was busy, by any number that is theirs. Who asks
# not to be called, withdraws their consent, or wants other hours, is not called either, though two campaigns have fetched
# their records before. The dialer is killed, then the core; then both end in order. The books agree afterwards.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/outbound_common.sh"
cat >"$dir/site.gcx" <<'GCX'
site { default timeout 10m; default zone "Europe/Berlin"; skill Selling; vq sold; }
strategy remind on outbound {
    outbound.dial(contact.number) answer 1s else e {
        segment e.reason { busy -> outbound.retry(in: 1h) else {}; else -> {} }
        stop "not reached";
    };
    let who = select in vq sold { skill Selling >= 1; } timeout 100ms busy {} else goto nobody;
    route who else goto nobody;
    nobody: outbound.close(abandoned) else {};
    stop "abandoned";
}
GCX
"$gcxc" build "$dir/site.gcx" -o "$image" || die "gcxc build"
campaigns='first again third'
as_lists() { "$top_builddir/gcxlists" --quiet --zone UTC "$1" "$lists" "${@:2}" >>"$dir/import" 2>&1 || die "gcxlists $*"; }
# enter LIST NUMBER,CUSTOMER...: into the list of that campaign. By its last digit a number answers (0 to 3), or is busy (6).
enter() { printf '%s\n' number,customer "${@:2}" >"$dir/in.csv" && as_lists import "$1" "$dir/in.csv"; }
agrees() { sql "insert into consents(tenant, kind, value, purpose, source, since) values ('', 'customer', '$1', 'news', 'letter', 0)" || die "no consent"; }
for list in $campaigns; do
    enter $list +49301000001,lost +49302000006,busy +49303000001,blocked +49304000001,hours +49305000001,withdrawn
done
enter again +49301000002,lost +49302000002,busy +49303000002,blocked +49304000002,hours +49305000002,withdrawn
for who in lost busy blocked hours withdrawn; do agrees $who; done
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<SQL
create table rule_set (name text primary key, lines integer, ports integer, unknown_pause_s integer);
create table campaign (name text primary key, mode text, rule_set text, consent text);
insert into skill values ('Selling');
insert into rule_set values ('ours', 9, 9, 86400);
SQL
for campaign in $campaigns; do
    cat >>"$dir/directory.sql" <<SQL
insert into dn (number, type) values ('$campaign', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('$campaign', 'remind', '');
insert into campaign values ('$campaign', 'power', 'ours', 'news');
SQL
done
play_outside 0
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
records    = "sqlite:$dir/records.db"
log { personal = shown }
adapter tserver { switch = "127.0.0.1:$(cat "$dir/switch.port")" port_file = "$dir/cti.port" outlive_s = 30 restart_ms = 200 }
adapter dialer  { lists = "$lists" rest = "86400" outlive_s = 30 restart_ms = 200 }
CONF
start

begins() { await ctl campaign "$1" load; await ctl campaign "$1" start; }
buffers() { ctl campaign "$1" --json | grep -q "\"buffered\": $2,"; }
over() { [ "$(sql "select count(*) from attempts where number = '$1' and ended is not null")" = 1 ]; }
# shows_it_works LIST NUMBER: one who may be called is, behind all others of the list.
shows_it_works() { agrees "$2"; enter "$1" "$2,$2"; await over "$2"; }

# ---- both campaigns have fetched, and then people change their minds ----
kill -9 "$sim"; wait "$sim" 2>/dev/null # without a switch they fetch, and do not dial
begins first
begins again
await buffers first 5
await buffers again 10
ctl campaign again stop >/dev/null || die "gcxctl campaign again stop"
as_lists block --customer blocked
"$top_builddir/gcxlists" --zone Europe/Berlin --from "$(TZ=Europe/Berlin date -d '+3 hours' +%H:%M)" \
    --till "$(TZ=Europe/Berlin date -d '+4 hours' +%H:%M)" hours "$lists" +49304000001 || die "gcxlists hours"
as_lists withdraw --customer withdrawn news
play_outside "$(cat "$dir/switch.port")"
await over +49301000001
await over +49302000006
shows_it_works first +49306000001
ctl campaign again start >/dev/null || die "gcxctl campaign again start"
shows_it_works again +49306000002

# ---- the dialer is killed, the core, and then both end in order ----
kill_adapter dialer KILL
begins third
shows_it_works third +49306000003
kill_core
start
shows_it_works again +49306000010
stop 0
start
shows_it_works first +49306000011

wanted='+49301000001 +49302000006 +49306000001 +49306000002 +49306000003 +49306000010 +49306000011'
[ "$(dialled | tr '\n' ' ')" = "$wanted " ] || say_failed "dialled: $(dialled | tr '\n' ' ')"

# ---- the books ----
for campaign in $campaigns; do
    case $campaign in first) told='3 of 3' row='4|3|3|1' ;; again) told='2 of 2' row='2|2|2|0' ;; third) told='1 of 1' row='1|1|1|0' ;; esac
    expect "^abandoned  *$told answered" ctl campaign $campaign
    [ "$(sql "select count(*), count(*) filter (where result <> 'busy'), count(*) filter (where result = 'abandoned'), count(*) filter (where result = 'busy') from attempts where campaign = '$campaign'")" = "$row" ] ||
        say_failed "the attempts of $campaign: $(sql "select number, result from attempts where campaign = '$campaign'")"
done
stop 0
"$top_builddir/gcxrecords" --once "$dir/gcx.conf" "sqlite:$dir/records.db" 2>/dev/null || say_failed "gcxrecords"
sums=$(sqlite3 "$dir/records.db" "select campaign, sum(answered), sum(abandoned), sum(busy) from campaign_quarters group by 1" | tr '\n' ' ')
[ "$sums" = 'again|2|2|0 first|3|3|1 third|1|1|0 ' ] || say_failed "the records: $sums"
finish
