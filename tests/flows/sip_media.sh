#!/bin/bash
# tests/flows/sip_media.sh - A caller by sipp hears prompts with values, without a gap between their pieces; music that goes
# on where it was left; a value whose piece lacks is not played, and the log says which file; times to choose from.
. "$top_srcdir/tests/flows/enterprise_common.sh"
for program in sipp python3; do command -v $program >/dev/null || { echo "skipped: $program is not installed (Debian: sip-tester)"; exit 77; }; done
[ -f "$top_builddir/.libs/sip.so" ] || { echo "skipped: the plugin sip was not built: libre is not here"; exit 77; }
started=''
also_end() { for pid in $started; do kill -9 "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done; }
tool=$top_srcdir/tests/flows/sip_media.py
free_port() { python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.2", 0)); print(s.getsockname()[1])'; }

mkdir "$flow" && cp "$top_srcdir/tests/flows/sip_media.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/sip_media.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into dn (number, type) values ('1800', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('1800', 'values', '');
SQL
mkdir "$dir/prompts"
python3 "$tool" sounds "$dir/prompts" || die "no sounds"
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:0" sip_port_file = "$dir/sip.port" trunks = "127.0.0.2" numbers = "1800"
    prompts = "$dir/prompts" port_file = "$dir/cti.port"
}
CONF
start
port=$(cat "$dir/sip.port")

# call NUMBER: a caller by sipp, with an ear of its own. hung_up: the exchange has hung up.
calls=0
call() {
    rm -f "$dir"/ear.*
    python3 "$tool" ear "$dir" & ear=$!; started="$started $ear"
    await test -s "$dir/ear.port"
    calls=$((calls + 1))
    (cd "$dir" && exec sipp -sf "$top_srcdir/tests/flows/${scenario-sip_caller.xml}" -s "$1" -i 127.0.0.2 -p "$(free_port)" -m 1 -nostdin -cid_str "call$calls-%u" \
        -key sound "$(cat "$dir/ear.port")" -key told "$dir/ear.told" -timeout 60 -timeout_error 127.0.0.1:"$port") >"$dir/sipp.log" 2>&1 &
    caller=$!; started="$started $caller"
}
hung_up() { wait "$caller" || { say_failed "sipp ended with $?"; tail -n 30 "$dir/sipp.log"; }; kill "$ear"; wait "$ear" 2>/dev/null; }
hears() { grep -q -e "$1" "$dir/ear.heard"; }
must_have_heard() { hears "$1" || say_failed "the caller should have heard $1, and heard $(cat "$dir/ear.heard")"; }

# ---- values, music, choices ----
call 1800
await hears 'de/say_2\*5'
echo 2 >"$dir/ear.key"
hung_up
must_have_heard 'gaps=0 balance\*5 fr/say_12\*5 fr/say_euros\*5 fr/say_1\*5 fr/say_centime\*5 m1\*5 m2\*5 m3\*'
must_have_heard 'balance\*5 m[34]\*[0-9]* m[45]'
must_have_heard 'balance\*5 de/say_fuer\*5 de/say_14\*5 de/say_uhr\*5 de/say_30\*5 de/say_druecken\*5 de/say_1\*5 de/say_fuer\*5 de/say_12\*5 de/say_uhr\*5 de/say_druecken\*5 de/say_2\*5'
logged 'prompts/fr/say_7.wav: No such file' || say_failed "the log does not say which file lacks"
logged 'chosen="12:00"' || say_failed "the choice was not attached"
stop
finish
