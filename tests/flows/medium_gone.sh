#!/bin/sh
# A site takes away a medium of its own while interactions of it are open, in the core and in its journal. Nothing falls: that is
# told, with how many there are; a strategy that runs goes on as it was loaded and ends by the site's default timeout, also behind
# a kill; what waits in a queue is listed under the medium's name, and waits until it is ended by hand. An adapter that still brings
# the medium is named, and gcxvm does not start with it. It leaves out: a medium of which the contact store has rows, and a second
# machine.
. "$top_srcdir/tests/flows/daemon_common.sh"
command -v curl >/dev/null || { echo "curl is not installed"; cleanup 77; }
[ -f "$top_builddir/.libs/work.so" ] || cleanup 77
also_end() { :; }
cat >"$dir/with.gcx" <<'GCX'
site {
    default timeout 10s;
    skill Paper;
    vq readers;
    queue faxes, claims;
    medium letters = 2;
}
strategy paper on letters {
    connect in vq readers { skill Paper >= 1; } else { stop "nobody reads it"; };
}
GCX
cat >"$dir/without.gcx" <<'GCX'
site {
    default timeout 10s;
    queue faxes, claims;
}
strategy other on work {
    route queue claims;
}
GCX
"$gcxc" build "$dir/with.gcx" -o "$dir/site.gcxb" || cleanup 1
(umask 077 && echo secret >"$dir/token")
make_world "adapter fax { plugin = \"work\" media = \"letters\" queue = \"faxes\" listen = \"127.0.0.1:0\" port_file = \"$dir/fax.port\" token_file = \"$dir/token\" }"
site_queues site.gcxb faxes claims
echo "insert into skill values ('Paper'); insert into routing_point (dn, strategy) values ('faxes', 'paper');" >>"$dir/directory.sql"
submit() { curl -sS --max-time 60 -H 'Authorization: Bearer secret' --data-binary "$1" "http://127.0.0.1:$(cat "$dir/fax.port")/work"; }
taken() { submit "$1" >"$dir/answer" && grep -q interaction "$dir/answer"; }
ixn() { sed 's/.*:"\(.*\)"}/\1/' "$dir/answer"; }
are() { ctl interactions --media letters --state "$1" --json >"$dir/are" && [ "$(grep -c '"media": "letters"' "$dir/are")" = "$2" ]; }
told() { [ "$(grep -c "the site declares the medium $1 no more" "$dir/log")" = "$2" ]; }
# Twice: what the first one tells is told before the second one begins.
reloads() { expect_exit 0 ctl reload; expect_exit 0 ctl reload; }
start
await link_is up
await test -s "$dir/fax.port"
await taken '{"id": "waits", "queue": "claims"}'
waits=$(ixn)
await taken '{"id": "runs", "queue": "faxes"}'
runs=$(ixn)
are queued 1 && are routing 1 || say_failed "there are not two letters"
reloads
logged 'declares the medium' && say_failed "a medium that is there is told to be gone"

cp "$dir/site.gcxb" "$dir/with.gcxb"
"$gcxc" build "$dir/without.gcx" -o "$dir/site.gcxb" || cleanup 1
sed -i "s/('faxes', 'paper')/('faxes', 'other')/" "$dir/directory.sql"
expect_exit 0 ctl reload
await logged 'the site declares the medium letters no more, and 2 interactions of it are open'
# Activated by hand, the strategy of before declares it: no reload tells of it, until the configuration's is in force again.
paper=$(ctl load "$dir/with.gcxb" --json | sed -n 's/^ *"image": "\([0-9a-f]*\)".*/\1/p')
expect 'stays so over reloads' ctl activate faxes "$paper:paper"
reloads
told letters 1 || say_failed "what is in force by hand is told to be gone"
expect 'as the configuration has it' ctl activate faxes other
expect_exit 0 ctl reload
await told letters 2
kill -KILL "$vm"
wait "$vm" 2>/dev/null
expect_exit 1 "$gcxvm" "$dir/gcx.conf"
grep -q 'adapter `fax`: media: `letters` is none of' "$dir/output" || { say_failed "the adapter is not named"; cat "$dir/output"; }
sed -i '/^adapter fax/d' "$dir/gcx.conf"
start
await told letters 3
await are routing 0 # the strategy has ended by its timeout
ctl interactions --media letters | grep "^$runs.* stopped\$" >/dev/null || { say_failed "it has not ended by its strategy"; ctl interactions; }
expect letters ctl data "$waits" --json
# Declared by another number, it is another medium: what is open is told by its old number.
sed 's/letters = 2/letters = 3/' "$dir/with.gcx" >"$dir/again.gcx" && "$gcxc" build "$dir/again.gcx" -o "$dir/site.gcxb" || cleanup 1
sed -i "s/('faxes', 'other')/('faxes', 'paper')/" "$dir/directory.sql"
expect_exit 0 ctl reload
await logged 'the site declares the medium own2 no more, and 1 interactions of it are open'
expect "$waits" ctl interactions --media own2
expect_exit 0 ctl end "$waits"
await are queued 0
stop 0
finish
