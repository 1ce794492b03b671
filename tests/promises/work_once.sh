#!/bin/bash
# Applications submit faxes, which are a medium that the site names, and work by HTTP: each once, whatever is killed, and
# what a strategy submits in turn begins once, too; a backup has both, and what came after it is brought again. Requests
# that nobody may make, or that are hostile, are refused. Work that is no longer wanted is over.
. "$top_srcdir/tests/flows/daemon_common.sh"
command -v curl >/dev/null || { echo "curl is not installed"; cleanup 77; }
[ -f "$top_builddir/.libs/work.so" ] || cleanup 77
also_end() { :; }
"$gcxc" build "$top_srcdir/tests/flows/work_wire.gcx" -o "$dir/work.gcxb" || cleanup 1
(umask 077 && echo secret >"$dir/token")
adapter() {
    echo "adapter $1 { plugin = \"work\" media = \"$2\" $3 listen = \"127.0.0.1:0\" port_file = \"$dir/$1.port\" token_file = \"$dir/token\" }"
}
make_world "$(adapter fax letters 'queue = "faxes"')
$(adapter work work 'connections = "2"')
$(adapter other work '')"
site_queues work.gcxb faxes claims archive
echo "insert into routing_point (dn, strategy) values ('faxes', 'paper'), ('archive', 'filing');" >>"$dir/directory.sql"
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }

# ask ADAPTER BODY [OPTION...]: its status goes to $dir/status, the answer to $dir/answer.
ask() {
    local port body=$2
    port=$(cat "$dir/$1.port" 2>/dev/null) && [ "$port" ] || return 1
    shift 2
    curl -sS -o "$dir/answer" -w '%{http_code}' --max-time 60 -H "Authorization: Bearer ${token-secret}" \
        ${body:+--data-binary "$body"} "$@" "http://127.0.0.1:$port${path-/work}" >"$dir/status" 2>/dev/null
}
answers() { local status=$1; shift; ask "$@" && [ "$(cat "$dir/status")" = "$status" ]; }
refused() { answers "$@" || { say_failed "not $1: ${*:2}"; cat "$dir/status" "$dir/answer"; }; }
count() { ctl interactions --state queued --json | grep -c "\"$1\": \"$2\""; }
has() { [ "$(count "$1" "$2")" = "$3" ]; }

start
await link_is up
await test -s "$dir/fax.port" -a -s "$dir/work.port" -a -s "$dir/other.port"
token=wrong refused 401 work '{"id": "c-1", "queue": "claims"}'
refused 400 work '{"id": "c-1"}'
refused 400 work '{"id": "a b", "queue": "claims"}'
refused 400 work '[1'
refused 400 work '{"id": "c-1", "queue": "claims", "due": "soon"}'
refused 400 work '{"id": "c-1", "queue": "claims", "data": [1]}'
refused 400 work '{"id": "c-1", "queue": "claims", "due": "1812-01-01T00:00:00Z"}'
refused 400 work "{\"id\": \"c-1\", \"queue\": \"$(printf '%065d' 1)\"}"
refused 404 work '{"id": "c-1", "queue": "nowhere"}'
path=/ refused 404 work '{"id": "c-1", "queue": "claims"}'
has media work 0 || say_failed "what was refused is there"
# Strangers who say nothing hold all connections that there may be: who has the token comes all the same.
for n in $(seq 1 30); do exec {half[n]}<>"/dev/tcp/127.0.0.1/$(cat "$dir/work.port")"; done
refused 404 work '{"id": "c-1", "queue": "nowhere"}'
for n in $(seq 1 30); do exec {half[n]}>&-; done

await answers 200 work '{"id": "c-1", "queue": "claims", "subject": "Damage", "from": "form", "due": "2030-03-02T10:00:00Z", "data": {"policy": "P7", "car": {"doors": 4}, "ani": "unknown"}}'
first=$(cat "$dir/answer")
await answers 200 work '{"id": "c-1", "queue": "claims"}'
[ "$(cat "$dir/answer")" = "$first" ] || say_failed "the same id is another interaction: $first $(cat "$dir/answer")"
has media work 1 || say_failed "there is not one piece of work"
id=$(sed 's/.*:"\(.*\)"}/\1/' "$dir/answer")
expect policy ctl data "$id"
expect 'subject              "Damage"' ctl data "$id"
expect 'user_data            {"ani":"unknown"}' ctl data "$id"
# An id is its adapter's: what another application calls so is other work, which it alone withdraws.
path=/work/c-1 refused 404 other '' -X DELETE
await answers 200 other '{"id": "c-1", "queue": "claims"}'
[ "$(cat "$dir/answer")" != "$first" ] || say_failed "another application's work is taken for this one"
has media work 2 || say_failed "there are not two pieces of work"
path=/work/c-1 answers 200 other '' -X DELETE || say_failed "it is not withdrawn"
has media work 1 || say_failed "what another application has withdrawn is gone"

# A fax's strategy submits work; the daemon is killed behind each answer, and each fax is brought again.
for n in 1 2 3; do
    fax="{\"id\": \"f-$n\", \"subject\": \"fax $n\", \"from\": \"+33145550101\", \"data\": {\"pages\": $n}}"
    await answers 200 fax "$fax"
    kill -9 "$vm"; wait "$vm" 2>/dev/null
    start
    await answers 200 fax "$fax"
done
await has media letters 3
await has media files 3
await has media work 1
expect '"media": "letters"' ctl interactions --media letters --json
expect '"media": "letters"' ctl interactions --media own2 --json
expect 'there is no medium `claim`' ctl interactions --media claim

# The state folder is lost, and a backup put back. The last fax came behind it, and is brought again.
expect_exit 0 ctl backup "$dir/copy"
fax='{"id": "f-4", "subject": "fax 4", "from": "+33145550101", "data": {"pages": 4}}'
await answers 200 fax "$fax"
await has media files 4
stop 0
rm -rf "$dir/state" "$dir/fax.port" "$dir/work.port"
expect_exit 0 "$gcxctl" restore "$dir/copy"
start
await test -s "$dir/fax.port" -a -s "$dir/work.port"
await answers 200 fax "$fax"
await has media letters 4
await has media files 4
await has media work 1
for n in 1 2 3 4; do
    ids=$(ctl interactions --json | sed -n 's/^ *"ixn": "\(.*\)",\{0,1\}$/\1/p')
    filed=0
    for id in $ids; do ctl data "$id" | grep -q "file fax $n with $n" && filed=$((filed + 1)); done
    [ "$filed" = 1 ] || say_failed "fax $n was filed $filed times"
done

path=/work/c-1 await answers 200 work '' -X DELETE
await has media work 0
path=/work/c-1 refused 404 work '' -X DELETE
await answers 200 work '{"id": "c-1", "queue": "claims"}'
has media work 0 || say_failed "work that is over has begun again"
stop 0
cleanup "$failures"
