#!/bin/bash
# tests/flows/lists_command.sh - gcxlists: records are taken in from a file, what is wrong is told by row, and they come out
# again; the do-not-call list.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
command -v sqlite3 >/dev/null || exit 77
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-lists-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
status=0
lists=sqlite:$dir/lists.db
gcxlists() { "$top_builddir/gcxlists" "$@" >"$dir/out" 2>&1; }
fail() { echo "failed: $1"; cat "$dir/out"; status=1; }
# says TEXT EXIT WORDS: gcxlists ends so, and says a line that has the text.
says() {
    local text=$1 code=$2
    shift 2
    gcxlists "$@"; [ $? = "$code" ] && grep -qF -- "$text" "$dir/out" || fail "gcxlists $*"
}
sql() { sqlite3 "$dir/lists.db" "$1"; }

says "there is no database of calling lists at $dir/lists.db: gcxlists migrate makes one" 4 lists "$lists"
[ ! -e "$dir/lists.db" ] || fail "a path that is none became a database"
gcxlists migrate "$lists" || fail migrate
[ "$(stat -c %a "$dir/lists.db")" = 600 ] || fail "others may read the file"
printf 'Telefon,Konto,Saldo,Notiz,zone\r\n030 1000001,7,12.5,"x, y",\r\n030 12x,8,,,\r\n030 1000002,9,1e9,,\r\n030 1000001,7,,,\r\n1 45550101,,,,Europe/Paris\r\n+33145550101,,,,Europe/Paris\r\n' >"$dir/in.csv"
import=(--country DE --zone Europe/Berlin --from 09:00 --map Telefon=number --map Konto=customer --map Saldo=balance:number
    --map Notiz= import "$lists" spring)
says "the column 'Telefon' is not known" 1 import "$lists" spring "$dir/in.csv"
says '2 records taken in, 1 duplicates, 3 refused' 3 "${import[@]}" "$dir/in.csv"
for line in "row 2, line 3: wrong: '030 12x' is no telephone number" 'row 3, line 4: wrong: balance is a number' \
    'row 4, line 5: duplicate: the list has +49301000001' "row 5, line 6: wrong: '1 45550101'"; do
    grep -qF "$line" "$dir/out" || fail "$line"
done
says 'spring  2 records: 2 ready, 0 retrieved, 0 updated, 0 closed otherwise' 0 lists "$lists"
[ "$(sql "select day_from, day_till, zone, fields from records where number = '+49301000001'")" = '32400|86400|Europe/Berlin|{"balance":"12.5"}' ] || fail "the record"
says '+49301000001,,,,7,Europe/Berlin,09:00,24:00,,,,,general,ready,,0,,,,,12.5' 0 export "$lists" spring
printf 'number,day_from,day_till,again_from,again_till\n+49301000009,09:00,12:00,17:00,20:00\n' >"$dir/two.csv"
says '1 records taken in' 0 import "$lists" two "$dir/two.csv"
says '+49301000009,,,,,UTC,09:00,12:00,17:00,20:00,' 0 export "$lists" two
says 'from 09:00 till 12:00 and from 17:00 till 20:00 UTC' 0 show "$lists" +49301000009
sql "update records set day_from = 0, day_till = 1, again_from = 0, again_till = 1 where number = '+49301000009'"
[ "$(date -u +%H%M%S)" -lt 2 ] || says "is not called now: it is outside the record's daily window" 0 show "$lists" +49301000009
says 'records that left the campaigns: 1' 0 --list two --reason 'has paid' cancel "$lists" +49301000009
says ' by gcxlists: has paid' 0 show "$lists" +49301000009
says ',cancelled,,0,,' 0 export "$lists" two
says 'records that left the campaigns: 0' 0 cancel "$lists" +49301000009
says "there is no list 'autumn'" 1 export "$lists" autumn
says good 0 check "$lists" spring 'balance > 5' 'balance DESC'
says "the filter: at 'blance': there is no such column" 1 check "$lists" spring 'blance > 5'
says "the order: at 'sideways': expected ," 1 check "$lists" spring '' 'balance sideways'
says '' 3 "${import[@]}" "$dir/in.csv"
says '0 records taken in, 3 duplicates, 3 refused' 3 "${import[@]}" "$dir/in.csv"
says 'No such file' 1 "${import[@]}" "$dir/none.csv"
awk 'BEGIN { print "number"; for (i = 0; i < 20001; i++) printf "+4930%07d\n", i }' >"$dir/many.csv"
says '20000 rows read, 20000 taken' 0 import "$lists" many "$dir/many.csv"
! gcxlists --quiet import "$lists" many "$dir/many.csv"
! grep -q 'rows read' "$dir/out" || fail "progress that was not wanted"

says "is no telephone number" 1 block "$lists" '030 1000001'
gcxlists --country DE --reason 'asked' --days 3 block "$lists" '030 1000001' || fail block
[ "$(sql "select kind, value, reason, until - since from do_not_call")" = 'number|+49301000001|asked|259200000000' ] || fail "the entry"
gcxlists unblock "$lists" +49301000001 || fail unblock
says 'it is not on the do-not-call list' 1 unblock "$lists" +49301000001
gcxlists --customer consent "$lists" 7 offers || fail consent
says 'there is no such consent' 1 --customer withdraw "$lists" 7 reminders
says 'that are withdrawn: 1' 0 --customer withdraw "$lists" 7 offers

# A record and its chain, looked at and cancelled; what a dialer had that is dead.
printf 'number,chain\n+49301000011,a\n+49301000012,a\n+49301000013,b\n' >"$dir/chains.csv"
gcxlists import "$lists" chains "$dir/chains.csv" || fail chains
record() { sql "select id from records where number = '$1' and list = (select id from lists where name = 'chains')"; }
first=$(record +49301000011)
sql "update chains set owner = 'dead' where id = (select chain from records where id = $first);
     update records set status = 'retrieved' where id = $first;
     insert into attempts (record, n, list, chain, campaign, session, number, begun, ended, result)
     select id, 1, list, chain, 'calls', 'dead', number, 1000000, 2000000, 'busy' from records where id = $first"
says "is of list chains" 0 show "$lists" +49301000012
gcxlists --from 10:00 --till 12:30 --zone Europe/Paris hours "$lists" +49301000012 || fail hours
says "person +49301000012: is called from 10:00 till 12:30 Europe/Paris" 0 show "$lists" +49301000012
gcxlists hours "$lists" +49301000012 || fail 'any hours'
says "record $first +49301000011 chain" 0 show "$lists" +49301000012
says "retrieved, the current one" 0 show "$lists" "$first"
says "of record $first +49301000011: 1970-01-01 00:00:01Z to 1970-01-01 00:00:02Z, busy, campaign calls, session dead" 0 \
    show "$lists" "$first"
says "there is no record 999999" 1 show "$lists" 999999
says "no list has +49301999999" 1 --country DE show "$lists" '030 1999999'
says "the chain is of 'dead'" 1 cancel "$lists" "$first"
says "1 records are ready, 0 are closed with their result, of 0 nobody knows the fate" 0 bury "$lists" dead
says "is no telephone number" 1 cancel "$lists" spring
gcxlists --chain cancel "$lists" "$first" || fail "cancel a chain"
[ "$(sql "select count(*) from records where number glob '+4930100001[12]' and status = 'cancelled'")" = 2 ] || fail "the chain"
says "the record is closed" 1 cancel "$lists" "$first"
gcxlists cancel "$lists" "$(record +49301000013)" || fail "cancel a record"
[ "$(sql "select status from records where number = '+49301000013'")" = cancelled ] || fail "the record"
says '--pause is a number' 2 --pause x bury "$lists" dead
sql "delete from rests"
says "numbers rest, and dialers go on" 0 restored "$lists"
[ "$(sql "select count(*) > 0 and min(until / 1000000 - strftime('%s', 'now')) > 259100 from rests")" = 1 ] ||
    fail "who was called before the copy rests for 72 hours"
says "no dialer has written later than now" 1 clock "$lists"
sql "insert into dialers values ('a', (strftime('%s', 'now') + 2000000000) * 1000000)"
sql "update rests set until = until + 2000000000000000"
says "a clock was ahead, and showed 20" 0 clock "$lists"
[ "$(sql "select max(until) / 1000000 - strftime('%s', 'now') < 259300 from rests")" = 1 ] || fail "nobody rests for years"

# Who has more numbers than a look for a person takes, and who has not.
awk 'BEGIN { print "number,customer"; for (i = 0; i < 53; i++) printf "+4930200%04d,%s\n", i, i < 51 ? "many" : "two" }' >"$dir/persons.csv"
gcxlists import "$lists" persons "$dir/persons.csv" || fail persons
says '2 records are erased' 0 forget "$lists" two
! grep -q 'more numbers' "$dir/out" || fail "two numbers are not many"
says 'they had more numbers than are looked at' 0 forget "$lists" many

says '--map takes HEADER=TO' 2 --map x import "$lists" a b
says '--days is a number' 2 --days 0 block "$lists" 1
says '--zone lacks its value' 2 import "$lists" a b --zone
says 'there is no such command' 2 look "$lists"
sql "update gcx_lists set version = 99"
says 'its tables are of version 99' 4 lists "$lists"
exit $status
