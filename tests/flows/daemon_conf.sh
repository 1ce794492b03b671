#!/bin/sh
# Mistakes in configuration, directory and command line are said with file and line, and end with their own codes.
. "$top_srcdir/tests/flows/daemon_common.sh"

make_world 'adapter tserver { switch = "127.0.0.1:9" }'
expect "gcx.conf: good" "$gcxvm" --check "$dir/gcx.conf"
expect_exit 0 "$gcxvm" --check "$dir/gcx.conf"
expect_exit 0 "$gcxvm" --help
expect "the journal cannot be written" "$gcxvm" --help
expect_exit 0 "$gcxvm" --version
expect_exit 2 "$gcxvm"
expect_exit 2 "$gcxvm" --nonsense
expect_exit 2 "$gcxvm" --adapter x.so
expect_exit 2 "$gcxvm" --log-level loud "$dir/gcx.conf"
expect_exit 1 "$gcxvm" "$dir/none.conf"
expect "none.conf: cannot be read: No such file" "$gcxvm" --check "$dir/none.conf"

make_world 'adapter tserver {
  switch = "127.0.0.1:9"
  swich = "typo"
}'
expect_exit 1 "$gcxvm" --check "$dir/gcx.conf"
expect 'gcx.conf:6: unknown setting `swich` of adapter `tserver`; expected `plugin`' "$gcxvm" --check "$dir/gcx.conf"
expect_exit 1 "$gcxvm" "$dir/gcx.conf"

make_world 'http = "127.0.0.1:0
log_level = "info"
adapter tserver { switch = "127.0.0.1:9" }'
expect_exit 1 "$gcxvm" --check "$dir/gcx.conf"
expect 'gcx.conf:4: the quote that is opened here is not closed; expected `"`' "$gcxvm" --check "$dir/gcx.conf"
if "$gcxvm" --check "$dir/gcx.conf" 2>&1 | grep 'unknown setting'; then say_failed "it guesses"; fi
make_world "log_level = 'info"
expect "gcx.conf:4: the quote that is opened here is not closed; expected \`'\`" "$gcxvm" --check "$dir/gcx.conf"

make_world 'adapter tserver { }'
expect 'adapter `tserver` lacks `switch = ...`' "$gcxvm" --check "$dir/gcx.conf"
make_world 'adapter none { }'
expect 'adapter `none`: the plugin ' "$gcxvm" --check "$dir/gcx.conf"
make_world 'sources customers { database = "c.db" }'
expect 'gcx.conf:4: unknown setting `sources`; expected `directory`' "$gcxvm" --check "$dir/gcx.conf"
make_world 'source customers { }'
expect 'gcx.conf:4: source `customers` names no database; expected `database = "FILE"`' "$gcxvm" --check "$dir/gcx.conf"
make_world 'source customers {
  connections = 2
  postgres = "hots=/run/postgresql dbname=crm"
}'
expect 'gcx.conf:6: source `customers`: postgres: invalid connection option "hots"' "$gcxvm" --check "$dir/gcx.conf"
expect_exit 1 "$gcxvm" --check "$dir/gcx.conf"
expect_exit 1 "$gcxvm" "$dir/gcx.conf"
make_world 'source customers { postgres = "host=/run/postgresql password=hunter2" }'
expect 'gcx.conf:4: source `customers`: postgres: it holds a password; expected `password_file`' "$gcxvm" --check "$dir/gcx.conf"
make_world 'source customers { postgres = "host=/run/postgresql dbname=crm" connections = 2 }'
expect "gcx.conf: good" "$gcxvm" --check "$dir/gcx.conf"
make_world 'partition = "one"'
expect 'gcx.conf:4: `partition` takes a whole number from 1 to 65535' "$gcxvm" --check "$dir/gcx.conf"

make_world
echo "insert into agent_skill values ('paul', 'French', 1);" >>"$dir/directory.sql"
expect_exit 1 "$gcxvm" --check "$dir/gcx.conf"
expect "directory.sql:7: table agent_skill, row paul/French: names agent paul, which is not in table agent" "$gcxvm" --check "$dir/gcx.conf"
make_world
echo "insert into agents values ('paul');" >>"$dir/directory.sql"
expect "directory.sql:7: no such table: agents" "$gcxvm" --check "$dir/gcx.conf"
# A gcxvm that was built and not installed finds the plugins that were built with it.
make_world 'adapter tserver { switch = "127.0.0.1:1" }'
sed -i '/^plugins/d' "$dir/gcx.conf"
expect "gcx.conf: good" "$gcxvm" --check "$dir/gcx.conf"
make_world
cat >>"$dir/directory.sql" <<'SQL'
create table dn (number text primary key, type text);
create table routing_point (dn text, strategy text, defaults text default '', answer_timeout_s integer default 10,
                            router_grace_s integer default 60);
insert into dn values ('1800', 'routing_point');
insert into routing_point (dn, strategy) values ('1800', 'nowhere');
SQL
expect "directory.sql:11: table routing_point, row 1800: strategy nowhere is in no image of the configuration" "$gcxvm" --check "$dir/gcx.conf"
# given NAME VALUE: what the strategy is given, perhaps with another row.
given() {
    make_world
    sed -i "s|{}|{\"$dir/given.gcxb\"}|" "$dir/gcx.conf"
    cat >>"$dir/directory.sql" <<'SQL'
create table dn (number text primary key, type text);
create table routing_point (dn text, strategy text, defaults text default '', answer_timeout_s integer default 10,
                            router_grace_s integer default 60);
create table routing_point_given (dn text, name text, value text);
insert into dn values ('1800', 'routing_point');
insert into routing_point (dn, strategy) values ('1800', 'given');
SQL
    [ $# = 0 ] || echo "insert into routing_point_given values ('1800', '$1', '$2');" >>"$dir/directory.sql"
}
cat >"$dir/given.gcx" <<'GCX'
site {}
strategy given(lasts: duration, often: int = 3) on voice { delay lasts * often; stop "x"; }
strategy later on callback { stop "x"; }
GCX
"$gcxc" build --site "$dir/given.gcx" "$dir/given.gcx" -o "$dir/given.gcxb" || say_failed "gcxc build"
given
sed -i "s/'given')/'later')/" "$dir/directory.sql"
expect "gcx.conf: good" "$gcxvm" --check "$dir/gcx.conf"
given
expect "row 1800/lasts: strategy given must be given that parameter; insert a row" "$gcxvm" --check "$dir/gcx.conf"
given length 30s
expect "row 1800/length: strategy given has no parameter of that name" "$gcxvm" --check "$dir/gcx.conf"
given lasts soon
expect "row 1800/lasts: strategy given takes another type there" "$gcxvm" --check "$dir/gcx.conf"
given lasts 1m30s
expect_exit 0 "$gcxvm" --check "$dir/gcx.conf"
# Places that adapters' settings name, and the files of networks.
(umask 077; : >"$dir/users"; echo word >"$dir/sms.word")
places() {
    sms=${3-'numbers = "+4930123=desk"'}
    given lasts 1m30s
    cat >>"$dir/gcx.conf" <<CONF
adapter desk {
  store = "sqlite:$dir/contacts" users = "$dir/users"
  $1
}
adapter chat {
  store = "sqlite:$dir/contacts" queues = "desk" callback_numbers = "+33" callback_hours = "mon..fri 08:00..18:00"
  $2
}
adapter sms {
  store = "sqlite:$dir/contacts" provider = "127.0.0.1:2775" system_id = "shop" password_file = "$dir/sms.word"
  $sms
}
CONF
    cat >>"$dir/directory.sql" <<'SQL'
create table if not exists queue (name text primary key, dn text);
insert into dn values ('1900', 'routing_point'), ('desk', 'queue'), ('asked', 'queue');
insert into queue values ('desk', 'desk'), ('asked', 'asked');
insert into routing_point (dn, strategy) values ('1900', 'later');
SQL
}
places 'asks = "asked" texts = "desk" asks_to = "1800"' 'callbacks = "1900"'
expect "gcx.conf: good" "$gcxvm" --check "$dir/gcx.conf"
while read -r desk_or_chat wrong; do
    case $desk_or_chat in
    desk) places "$wrong" '' ;;
    chat) places '' "$wrong" ;;
    sms) places '' '' "$wrong" ;;
    esac
    expect "adapter \`$desk_or_chat\`: ${wrong%% *}: \`nowhere\` is no " "$gcxvm" --check "$dir/gcx.conf"
    expect "; insert it into table" "$gcxvm" --check "$dir/gcx.conf"
    expect_exit 1 "$gcxvm" --check "$dir/gcx.conf"
done <<'PLACES'
desk asks = "asked, nowhere"
desk texts = "nowhere"
desk outbound = "nowhere"
desk asks_to = "nowhere"
chat callbacks = "nowhere"
sms numbers = "+4930123=desk, *=nowhere"
PLACES
places '' 'callbacks = "1800"'
expect 'callbacks: what comes to routing point 1800 is refused: strategy ' "$gcxvm" --check "$dir/gcx.conf"
sed 's,"{0/chat/id}:{0/message_id}","{chat/id}",' "$top_srcdir/runtime/adapters/webhook/networks/bot_messenger.json" >"$dir/network.json"
(umask 077; echo word >"$dir/word")
make_world "adapter bot {
  plugin = \"webhook\" queue = \"q\" store = \"sqlite:$dir/contacts\" base = \"https://api.example\"
  secret_file = \"$dir/word\"
  network = \"$dir/network.json\"
}"
expect "adapter \`bot\`: network: $dir/network.json: line 7: reads.id: a place is {STEPS/PATH}" "$gcxvm" --check "$dir/gcx.conf"
cp "$top_srcdir/runtime/adapters/webhook/networks/bot_messenger.json" "$dir/network.json"
expect "adapter \`bot\`: token_file: it is not set" "$gcxvm" --check "$dir/gcx.conf"
make_world
sed -i 's/{}/{"broken.gcxb"}/' "$dir/gcx.conf"
expect "gcx.conf:2: $dir/broken.gcxb cannot be read: No such file" "$gcxvm" --check "$dir/gcx.conf"
sed -i 's/{"broken.gcxb"}/{\n  # an older one is gone\n  "broken.gcxb"}/' "$dir/gcx.conf"
expect "gcx.conf:4: $dir/broken.gcxb cannot be read: No such file" "$gcxvm" --check "$dir/gcx.conf"
make_world
rm "$dir/directory.sql"
expect "gcx.conf:1: $dir/directory.sql cannot be read: No such file" "$gcxvm" --check "$dir/gcx.conf"
make_world
sed -i 's/{}/{"broken.gcxb"}/' "$dir/gcx.conf"
mkfifo "$dir/pipe"
expect "pipe: cannot be read: it is a named pipe" timeout 10 "$gcxvm" --check "$dir/pipe"
echo "this is no image" >"$dir/broken.gcxb"
expect "broken.gcxb: byte 17: not a good image" "$gcxvm" --check "$dir/gcx.conf"
expect_exit 1 "$gcxvm" "$dir/gcx.conf"
rm "$dir/broken.gcxb"
"$top_builddir/gcxc" build "$top_srcdir/strategies/enterprise/enterprise.gcx" -o "$dir/broken.gcxb" || say_failed "gcxc"
expect "broken.gcxb: queries source customers, which is not in" "$gcxvm" --check "$dir/gcx.conf"
echo 'source customers { database = "c.db" }' >>"$dir/gcx.conf"
expect "gcx.conf: good" "$gcxvm" --check "$dir/gcx.conf"
finish
