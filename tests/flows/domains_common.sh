# tests/flows/domains_common.sh - What the scripts of two domains share: a PostgreSQL, their directories and strategies, nodes
# that lead or follow them, messages that come to domain 1, and an agent who is at a desk of both. Sourced by bash.
. "$top_srcdir/tests/flows/postgres_common.sh"
trap pg_end EXIT
. "$top_srcdir/tests/flows/daemon_common.sh"
tool=$top_builddir/tests/flows/wire_tool
[ -x "$tool" ] || exit 77
declare -A node_pid=()
relay=
also_end() {
    local name
    [ -z "$relay" ] || { kill -9 "$relay" && wait "$relay"; } 2>/dev/null
    for name in "${!node_pid[@]}"; do kill -9 "${node_pid[$name]}" && wait "${node_pid[$name]}"; done 2>/dev/null
    for name in $(pgrep -f -- "--core $dir/"); do kill "$name"; done 2>/dev/null
    pg_end
}
. "$top_srcdir/tests/flows/mms_common.sh"
pg_begin || cleanup 1
sed 's/queue service, desk;/&\n    vq people;\n    queue here, there;\n    skill French;/' "$top_srcdir/tests/flows/mms_wire.gcx" >"$dir/pictures.gcx"
cat >>"$dir/pictures.gcx" <<'GCX'
strategy served on mms {
    let who = select in vq people { skill French >= 1; } timeout 10m else goto later;
    route who else goto later;
    later: stop "nobody";
}
GCX
"$gcxc" build "$dir/pictures.gcx" -o "$dir/pictures.gcxb" || cleanup 1
(umask 077 && echo "marie agent password=$(echo secret | "$gcxvm" --hash-password)" >"$dir/users")
make_pictures "" "sqlite:$dir/contacts"
rm "$dir/gcx.conf"
head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$dir/site.key" && chmod 600 "$dir/site.key"
for queue in lost here there; do
    echo "insert into dn values ('$queue', 'queue'); insert into queue values ('$queue', '$queue');"
done >>"$dir/directory.sql"
cp "$dir/directory.sql" "$dir/two.sql"
mv "$dir/directory.sql" "$dir/one.sql"
cat >>"$dir/one.sql" <<'SQL'
alter table queue add column elsewhere integer not null default 0;
update queue set elsewhere = 1 where name in ('desk', 'lost', 'there');
insert into routing_point (dn, strategy) values ('here', 'served');
SQL
cat >>"$dir/two.sql" <<'SQL'
alter table agent add column home integer;
update agent set home = 1;
insert into routing_point (dn, strategy) values ('there', 'served');
SQL
# Domain 2's adapter is at the database through here.
"$tool" join "$pg_socket/.s.PGSQL.$pg_port" "$dir/relay" /dev/null >"$dir/turns" &
relay=$!
await test -s "$dir/relay"

# node_start NODE DOMAIN: the gcxvm of that domain on that node, which leads or follows.
node_start() {
    local name=$1-$2 word=one pictures= more="back = \"${back-600}\""
    [ "$2" = 1 ] || word=two more="database = \"host=127.0.0.1 port=$(cat "$dir/relay") dbname=crm user=gcx\""
    [ "$2" = 2 ] || pictures="adapter mms {
  numbers = \"+4930123=service, +4930124=lost, +4930125=here, +4930126=there\" country = \"DE\" store = \"sqlite:$dir/contacts\"
  mm7 = \"127.0.0.1:0\" port_file = \"$dir/port.$1\" password_file = \"$dir/password\"
}"
    [ -z "${desks-}" ] || pictures="$pictures
adapter desk {
  users = \"$dir/users\" store = \"sqlite:$dir/contacts\" queues = \"desk\" media = \"mms\" port_file = \"$dir/desk.$name\"
}"
    mkdir -p -m 700 "$dir/$name"
    cat >"$dir/$name.conf" <<CONF
directory = "$word.sql"
strategies = {"pictures.gcxb"}
plugins = "$top_builddir/.libs"
partition = $2
state = "$name"
node = "$1"
journal = "$pg_conninfo"
key_file = "site.key"
lease_ms = ${lease-500}
adapter domains { look = "50" $more }
$pictures
CONF
    "$gcxvm" --follow "$dir/$name.conf" >>"$dir/$name.log" 2>&1 &
    node_pid[$name]=$!
}
node_ends() { kill "${node_pid[$1]}"; wait "${node_pid[$1]}" || say_failed "$1 ended with $?"; unset "node_pid[$1]"; }
node_kill() { kill -9 "${node_pid[$1]}"; wait "${node_pid[$1]}" 2>/dev/null; unset "node_pid[$1]"; }
at() { local name=$1; shift; "$gcxctl" --socket "$dir/$name/admin.sock" "$@"; }
# leads NODE DOMAIN: it serves, and its links are up.
leads() { at "$1-$2" status --json >"$dir/status" && grep -q '"ready": true' "$dir/status" && ! grep -q '"state": "\(down\|resync\|grace\)"' "$dir/status"; }
follows() { grep -q ' follows, at batch' "$dir/$1-$2.log"; }
# comes FROM TO [NUMBER]: messages with these numbers come to domain 1.
comes() {
    local number
    for number in $(seq "$1" "$2"); do
        message "m$number" "text $number" "${3-}" >"$dir/message"
        type=
        until type='multipart/related; type="text/xml"; start=soap-start; boundary=out' post "$dir/message" && taken "m$number"; do sleep 0.05; done
    done
}
# queued NODE DOMAIN QUEUE COUNT: so many wait there.
queued() {
    [ "$(at "$1-$2" interactions --json | awk -v queue="\"owner\": \"$3\"" 'BEGIN { RS = "}" } /"state": "queued"/ && index($0, queue) { n++ } END { print n + 0 }')" = "$4" ]
}
# she_comes NODE NODE: marie is ready at the desks of domain 1 and domain 2, which stand at those nodes.
she_comes() {
    desks="$1-1 $2-2"
    for name in $desks; do await test -s "$dir/desk.$name"; done
    cp "$dir/desk.$1-1" "$dir/desk.port"
    cat >"$dir/marie.py" <<'PY'
import sys, time
sys.path.insert(0, sys.argv[2] + "/tests/flows")
from desk_client import *
desks = []
for name in sys.argv[3:]:
    PORT["desk"] = int(open(f"{DIR}/desk.{name}").read())
    desks.append(Desk(Browser().log_in("marie", "secret")))
    desks[-1].ready("mms")
open(f"{DIR}/at_desk", "w").close()
time.sleep(600)
PY
    python3 "$dir/marie.py" "$dir" "$top_srcdir" $desks >"$dir/marie" 2>&1 &
    node_pid[marie]=$!
    await test -e "$dir/at_desk" || cat "$dir/marie"
}
# says NODE DOMAIN WORDS: what that domain says of her. offered NODE DOMAIN NUMBER: it offers her what came to that number, $id.
says() { at "$1-$2" agents marie --json >"$dir/told" && grep -q -e "$3" "$dir/told"; }
offered() {
    id=$(at "$1-$2" interactions --live --json | awk -v to="\"dnis\": \"+$3\"" 'BEGIN { RS = "}" } index($0, to) && match($0, /"[12]-[0-9a-f]+"/) { print substr($0, RSTART + 1, RLENGTH - 2) }')
    [ -n "$id" ] && says "$1" "$2" '"claims": 1'
}
