#!/bin/sh
# By hand: are the networks of webhook_wire.sh such as networks are? Independent clients judge, which are in no package of
# Debian: GCX_NODE_MODULES names a folder in which `npm install telegraf masto whatsapp-api-js` was run (tests/README.md).
. "$top_srcdir/tests/flows/ending_common.sh"
[ -n "${GCX_NODE_MODULES-}" ] || { echo "GCX_NODE_MODULES names no folder of the clients"; exit 77; }
for program in node python3; do
    command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done
for package in telegraf masto whatsapp-api-js; do
    [ -d "$GCX_NODE_MODULES/node_modules/$package" ] || { echo "$GCX_NODE_MODULES has no $package"; exit 77; }
done
dir=$(mktemp -d /tmp/gcx-clients-XXXXXX) networks='' clients=''
cleanup() {
    trap - EXIT INT TERM
    for one in $networks $clients; do kill "$one" 2>/dev/null; done
    rm -rf "$dir"
    exit "$1"
}
watch_end
mkfifo "$dir/orders" "$dir/news"
python3 "$top_srcdir/tests/flows/webhook_networks.py" "$dir" <"$dir/orders" >"$dir/said" 2>&1 &
networks=$!
exec 8>"$dir/orders"
# awaits PID COMMAND...: until it is so, or the process is over, which fails.
awaits() {
    pid=$1; shift
    until "$@"; do kill -0 "$pid" 2>/dev/null || { cat "$dir/said" "$dir/read"; cleanup 1; }; sleep 0.05; done
}
: >"$dir/read"
awaits $networks test -s "$dir/api"
node "$top_srcdir/tests/flows/webhook_clients.mjs" "$dir" "$(cat "$dir/api")" "$GCX_NODE_MODULES" <"$dir/news" >"$dir/read" 2>&1 &
clients=$!
exec 9>"$dir/news"
awaits $clients grep -q '^listening' "$dir/read"
echo call >&8
awaits $networks grep -q '^called' "$dir/said"
echo called >&9
wait $clients || { cat "$dir/read"; clients=; cleanup 1; }
clients=
tail -n 1 "$dir/read"
cleanup 0
