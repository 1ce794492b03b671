#!/bin/bash
# tests/flows/security_remote.sh - The T-Server on "another machine": over TLS it carries calls, is silent for a while,
# comes back and finds them; it is killed, and its successor finds them too. A stranger who shows no certificate,
# another authority's, or another adapter's, is not let in; garbage and slow handshakes change nothing.
. "$top_srcdir/tests/flows/security_common.sh"

tool=$top_builddir/tests/flows/wire_tool
[ -x "$tool" ] || exit 77
relay='' far=''
leave_all() { for pid in $far $relay; do kill -CONT "$pid" 2>/dev/null; kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; done; far='' relay=''; end_clients; }
also_end() { leave_all; }

authority ours
authority theirs
for name in core tserver other; do certificate "$name"; done
certificate foreign theirs tserver

configure() {
    cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
remote_listen      = "127.0.0.1:0"
remote_port_file   = "core.port"
remote_certificate = "tls/core.pem"
remote_key         = "tls/core.key"
remote_ca          = "tls/ours.pem"
source customers { database = "customers.db" }
adapter tserver  { remote = true silent_s = 3 ${conf_tserver-} }
${conf_http-}
CONF
}
# far_adapter NAME CERTIFICATE [PORT-FILE...]: in place of the shell that calls it.
far_adapter() {
    local at='' file
    for file in "${@:3}"; do at+=,127.0.0.1:$(cat "$dir/$file"); done
    exec "$gcxvm" --adapter "$top_builddir/.libs/tserver.so" --name "$1" --connect "${at#,}" \
        --ca "$dir/tls/ours.pem" ${2:+--certificate "$dir/tls/$2.pem" --key "$dir/tls/$2.key"} \
        --set switch="127.0.0.1:$(cat "$dir/switch.port")" --set port_file="$dir/cti.port" --set answer_timeout=30
}
begin_far() { far_adapter tserver tserver relay.port >>"$dir/far.log" 2>&1 & far=$!; }
far_says() { grep -q -e "$1" "$dir/far.log"; }

build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"
provision "the adapter is away for a while"
clock_stands 2
play "the adapter is away for a while"
configure
"$gcxvm" "$dir/gcx.conf" >>"$dir/gcxvm.log" 2>&1 &
vm=$!
await ready
await test -s "$dir/core.port"
"$tool" join "$(cat "$dir/core.port")" "$dir/relay.port" "$dir/into" & relay=$!
await test -s "$dir/relay.port"

# Nobody else comes in under its name.
far_adapter tserver '' core.port >"$dir/none.log" 2>&1 & none=$!
far_adapter tserver foreign core.port >"$dir/foreign.log" 2>&1 & foreign=$!
refused() { grep -q 'the link to the core is over .*TLS: .*alert certificate required' "$dir/none.log" && grep -q 'the link to the core is over .*TLS: .*alert unknown ca' "$dir/foreign.log"; }
await refused
kill $none $foreign; wait $none $foreign 2>/dev/null
await logged 'a remote adapter was refused: .*certificate'
(far_adapter tserver other core.port) >"$dir/other.log" 2>&1; got=$?
[ $got = 3 ] || { say_failed "an adapter with another's certificate ended with $got"; cat "$dir/other.log"; }
await logged 'the certificate of `other. is not that of a remote adapter `tserver' || say_failed "the log does not tell of the wrong certificate"
(far_adapter nobody other core.port) >"$dir/other.log" 2>&1; got=$?
[ $got = 3 ] || { say_failed "an adapter of no configured name ended with $got"; cat "$dir/other.log"; }
link_is_up && say_failed "somebody has the link"
# The core shows a certificate, too: of another authority it is not trusted.
"$gcxvm" --adapter "$top_builddir/.libs/tserver.so" --name tserver --connect "127.0.0.1:$(cat "$dir/core.port")" --ca "$dir/tls/theirs.pem" \
    --certificate "$dir/tls/tserver.pem" --key "$dir/tls/tserver.key" --set switch=127.0.0.1:9 >"$dir/distrust.log" 2>&1 & none=$!
await grep -q 'its certificate is refused' "$dir/distrust.log"
kill $none; wait $none 2>/dev/null

begin_far
await link_is_up
await are_waiting 1
clock_runs

# Strangers at the port: garbage, and more handshakes that never go on than are let be. The link does not notice.
head -c 20000 /dev/urandom | "$tool" say "127.0.0.1:$(cat "$dir/core.port")" 100 >/dev/null
for n in $(seq 1 20); do exec {slow[n]}<>"/dev/tcp/127.0.0.1/$(cat "$dir/core.port")"; done
await logged 'refused: too many handshakes at once'
await logged 'refused: no TLS handshake in time'
for n in $(seq 1 20); do exec {slow[n]}>&-; done

# The network is silent for a while: both ends see it, and those who wait stay where they are.
await are_waiting 2
before=$(rows)
kill -STOP "$relay"
await logged 'the adapter is silent'
await far_says 'the link to the core is over (silent)'
kill -CONT "$relay"
await link_is_up
await are_waiting 2
same_rows <(echo "$before") <(rows) "what waits is not what it was"

# Another process takes over where the first was killed.
kill -9 "$far"; wait "$far" 2>/dev/null
far=''
rm "$dir/cti.port"
begin_far
await link_is_up
await are_waiting 2
same_rows <(echo "$before") <(rows) "what waits is not what it was"
await test -s "$dir/cti.port"
await simulated 'LinkUp peer=tserver'
desktop_is_back() {
    awk '/the core is there/ {back = 0} /EventRegistered dn=7001/ && !back {back = 1} back && /agent=marie dn=7001 state=not_ready/ {back = 2} END {exit back != 2}' "$dir/far.log"
}
await desktop_is_back
ready_now 7001
played
expect '2 routed, 0 abandoned, 0 defaulted' ctl status
logged 'adapter started' && say_failed "a remote adapter was started here"

# An end in order is told.
kill "$far"; wait "$far"; got=$?
far=''
[ $got = 0 ] || say_failed "the adapter ended with $got"
await logged 'adapter has said Bye'
stop
grep -E 'ERROR: [A-Za-z]*Sanitizer|runtime error:|Assertion' "$dir/far.log" && say_failed "something broke in the adapter"

# A certificate of another name, where the configuration says so; a hangup is nothing to an adapter. It knows several
# addresses, and takes the one that leads: at the first nobody listens, and at the last is a core of another journal.
conf_tserver='certificate_name = "other.example.org"'
conf_http='http = "[::ffff:127.0.0.1]:0" # which is not called loopback'
rm "$dir/core.port" "$dir/gcxvm.log"
configure
"$gcxvm" "$dir/gcx.conf" >>"$dir/gcxvm.log" 2>&1 &
vm=$!
await ready
await test -s "$dir/core.port"
(far_adapter tserver tserver core.port) >"$dir/other.log" 2>&1; got=$?
[ $got = 3 ] || say_failed "an adapter with the certificate of before ended with $got"
sed -e 's/core.port/older.port/; $a state = "older"' "$dir/gcx.conf" >"$dir/older.conf"
"$gcxvm" "$dir/older.conf" >"$dir/older.log" 2>&1 & relay=$!
await test -s "$dir/older.port"
echo 1 >"$dir/nobody.port"
# Metrics, by the same certificates: nobody else sees them. They are replaced while it runs.
at=$(sed -n 's,.* metrics and health at \(https://\).*:\([0-9]*\)$,\1127.0.0.1:\2,p' "$dir/gcxvm.log")
metrics() { local certificate=$1; shift; curl -sS --cacert "$dir/tls/ours.pem" --cert "$dir/tls/$certificate.pem" --key "$dir/tls/$certificate.key" "$@" "$at/metrics"; }
if command -v curl >/dev/null; then
    expect '^gcx_build_info' metrics other
    metrics foreign >"$dir/none.log" 2>&1 && say_failed "metrics are shown to whom another authority knows"
    await logged 'asked for metrics was refused: its certificate is refused'
    curl -sS --cacert "$dir/tls/ours.pem" "$at/metrics" >"$dir/none.log" 2>&1 && say_failed "metrics are shown without a certificate"
    await logged 'asked for metrics was refused: TLS: peer did not return a certificate'
    certificate core ours renewed
    await logged 'gcxvm the certificates were read again'
    expect 'CN *= *renewed' metrics other -v
fi
far_adapter tserver other nobody.port core.port older.port >>"$dir/far.log" 2>&1 & far=$!
await link_is_up
kill -HUP "$far"
sleep 0.2
link_is_up || say_failed "a hangup ended the adapter"
stop
await far_says 'the link to the core is over .*another core'
kill "$far"; wait "$far"; far=''
conf_tserver='' conf_http=''
configure

# What is wrong with the settings is said before anything runs.
check_says() { sed -e "$2" "$dir/gcx.conf" >"$dir/wrong.conf"; expect "$1" "$gcxvm" --check "$dir/wrong.conf"; }
expect 'good' "$gcxvm" --check "$dir/gcx.conf"
check_says 'wrong.conf: remote_key: .*key values mismatch' 's#core.key#other.key#'
check_says 'wrong.conf: remote_ca: is missing' '/^remote_ca/d'
check_says 'wrong.conf: remote_certificate: is missing' '/^remote_certificate/d; /^remote_key/d'
check_says 'wrong.conf:.*other machines come there: give `remote_certificate' '/^remote/d; /^adapter/d; $a http = "192.0.2.1:9464"'
check_says 'wrong.conf: remote_listen: is missing, and adapter `tserver. is remote' '/^remote_listen/d'
check_says 'wrong.conf:10: `switch. of adapter `tserver.: a remote one has its settings where it runs' 's#remote = true#remote = true switch = "127.0.0.1:9"#'
leave_all
finish
