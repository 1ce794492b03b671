#!/bin/bash
# tests/flows/http_wire.sh - Endpoints asked over the wire, of a server of the test's own: arguments reach it as they are,
# answers are read by name and type, and each way to fail is the step's exit; what is secret is nowhere to be read.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null || exit 77

server=''
also_end() { [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }; }
python3 "$top_srcdir/tests/flows/http_server.py" "$dir/http.port" "$dir/requests" &
server=$!
await test -s "$dir/http.port"
port=$(cat "$dir/http.port")
dead=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(umask 077; echo 'Authorization: Bearer known' >"$dir/headers")

mkdir -p "$flow"
cp "$enterprise"/*.sql "$flow"
image=$dir/http.gcxb source=$top_srcdir/tests/flows/http_wire.gcx
"$gcxc" build --site "$source" "$source" -o "$image" || die "gcxc build"
for name in parcel report keep drop check word words late late_put late_post; do
    conf_more="${conf_more-}
endpoint $name { url = \"http://127.0.0.1:$port/base/\" header_file = \"headers\" bytes = 4096 connect_ms = 50000 }"
done
echo '<Envelope><Body><Find><number n="{lines}">{number}</number></Find></Body></Envelope>' >"$dir/soap.xml"
conf_more="$conf_more
endpoint soap { url = \"http://127.0.0.1:$port/base/\" request_file = \"soap.xml\" answer = \"xml\"
    at = \"Envelope/Body/FindResponse\" connect_ms = 50000 }
endpoint plain { url = \"http://127.0.0.1:$port/base/\" answer = \"text\" connect_ms = 50000 }"
conf_here="$conf_more
log_level = \"debug\"
http = \"127.0.0.1:0\""
conf_more="$conf_here
$(for n in $(seq 70); do echo "endpoint yonder$n { url = \"http://127.0.0.1:$dead\" }"; done)
endpoint nowhere { url = \"http://127.0.0.1:$dead\" failures = 1 }"
begin endpoints
# An endpoint that nobody has asked yet is looked at, too.
names() { "$@" | grep -q -e "$text"; }
text='^DEGRADED  *endpoint nowhere: ' await names ctl status
text='^DEGRADED  *and 7 more$' await names ctl status # 64 have a row
text='nowhere: ' await names ctl waits
played
await logged 'told="good/ +?&#%é lost 3.5 1m30s  5"'
await logged 'told="nowhere unavailable"'
# Its circuit is open, and its row says so wherever sources are read; others are closed.
expect '^http\.nowhere .* open ' ctl sources
expect '^http\.parcel .* closed ' ctl sources
expect 'http\.nowhere.*: *[^ ]' ctl status
curl -s "$(sed -n 's/.*metrics and health at //p' "$dir/gcxvm.log")/metrics" >"$dir/metrics"
expect '^gcx_source_circuit_open{source="http.nowhere"} 1$' cat "$dir/metrics"
expect '^gcx_source_circuit_open{source="http.parcel"} 0$' cat "$dir/metrics"
await logged 'told="pin true"'
await logged 'told="soap lost 2.5 2 1 a a plain word"'
for text in 'parcel timeout' 'parcel status' 'parcel bad_body' 'parcel too_large' 'parcel unavailable' 'report outcome_unknown'; do
    await logged "told=\"$text\"" || say_failed "nobody was told: $text"
done
[ "$(count_logged 'EventAttachedDataChanged.*told="parcel bad_body"')" = 3 ] || say_failed "three answers are of the wrong type"
[ "$(count_logged 'EventAttachedDataChanged.*told="parcel status"')" = 2 ] || say_failed "two answers are not 2xx"
logged 815042 && say_failed "the secret is in the log"
logged 909071 && say_failed "the secret that came from outside is in the log"
await logged 'EventCallCreated .*data={pin=\*\*\*}' || say_failed "the log does not tell that a secret came"
stop

# What the server saw: encoded where it stood in the URL, JSON elsewhere; a key for what may be sent twice; one post.
seen() { grep -q -F -e "$1" "$dir/requests" || { say_failed "the server should have seen: $1"; cat "$dir/requests"; }; }
seen 'GET /base/parcels/good%2F%20%2B%3F%26%23%25%C3%A9?full=good%2F%20%2B%3F%26%23%25%C3%A9 auth=Bearer known'
seen 'POST /base/parcels/all/report auth=Bearer known key=None body={"lines":[{"what":"gl\"ass é","weight":1.5,"takes":90}],"empty":[],"at":{"where":"here"},"why":null}'
seen 'body={"state":"lost"}'
seen 'body={"pin":"815042","tries":3}'
seen 'POST /base/soap auth=None key=None body=<Envelope><Body><Find><number n="2">1 &amp; 2</number></Find></Body></Envelope>'
seen 'text/xml; charset=utf-8'
grep -q 'PUT /base/parcels/all .* key=[0-9a-f]\{32\}-[0-9]*-[0-9]* ' "$dir/requests" || say_failed "a put has no key"
grep -q 'DELETE /base/parcels/all .* key=[0-9a-f]\{32\}-[0-9]*-[0-9]* ' "$dir/requests" || say_failed "a delete has no key"
[ "$(grep -c 'POST /base/parcels/cut' "$dir/requests")" = 1 ] || say_failed "a post was sent more than once"
grep -q '/elsewhere' "$dir/requests" && say_failed "a redirection was followed"

# gcxvm dies before they are answered: what only reads is asked again, a put with the same key; a post is not.
seen_late() { [ "$(grep -c '/base/late/' "$dir/requests")" -ge "$1" ]; }
answer=30 begin again
await seen_late 3
kill_core
restarted
played
await logged 'told="late 9"'
await logged 'told="late_put 9"'
await logged 'told="late_post outcome_unknown"'
[ "$(grep -c 'GET /base/late/1' "$dir/requests")" = 2 ] || say_failed "a get is asked again"
[ "$(grep -c 'PUT /base/late/2' "$dir/requests")" = 2 ] || say_failed "a put is sent again"
[ "$(grep 'PUT /base/late/2' "$dir/requests" | sort -u | wc -l)" = 1 ] || say_failed "a put has the same key again"
[ "$(sed -n 's/^PUT .* key=\([0-9a-f]*\)-.*/\1/p' "$dir/requests" | sort -u | wc -l)" = 2 ] ||
    say_failed "each of two journals has keys of its own, also when it goes on"
[ "$(grep -c 'POST /base/late/3' "$dir/requests")" = 1 ] || say_failed "a post was sent again"
stop

# An image that asks an endpoint which is not configured is refused before the first call; so is a file others may read.
conf_more=$conf_here
configure
expect 'asks endpoint nowhere, which is not in' "$gcxvm" --check "$dir/gcx.conf"
conf_more="$conf_here
endpoint nowhere { url = \"ftp://127.0.0.1\" }"
configure
expect 'endpoint .nowhere.: url: it begins with' "$gcxvm" --check "$dir/gcx.conf"
echo '<a>{number</a>' >"$dir/lone.xml"
for wrong in 'request_file = "lone.xml":stands alone' 'answer = "yaml":is no form' 'at = "a/b":only answers of xml' 'request_file = "none.xml":request_file'; do
    conf_more="$conf_here
endpoint nowhere { url = \"http://127.0.0.1\" ${wrong%%:*} }"
    configure
    expect "${wrong#*:}" "$gcxvm" --check "$dir/gcx.conf"
done
chmod 644 "$dir/headers"
conf_more="$conf_here
endpoint nowhere { }"
configure
expect 'others may read it' "$gcxvm" --check "$dir/gcx.conf"
finish
