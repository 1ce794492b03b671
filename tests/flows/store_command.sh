#!/bin/bash
# tests/flows/store_command.sh - gcxstore: standard responses are taken in, a contact is shown, exported and erased,
# damage is told; what is wrong is refused with what to do.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
command -v sqlite3 >/dev/null || exit 77
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-store-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
status=0
store=sqlite:$dir/store.db
gcxstore() { "$top_builddir/gcxstore" "$@" >"$dir/out" 2>&1; }
fail() { echo "failed: $1"; cat "$dir/out"; status=1; }
# says TEXT EXIT WORDS: gcxstore ends so, and says a line that has the text.
says() {
    local text=$1 code=$2
    shift 2
    gcxstore "$@"; [ $? = "$code" ] && grep -qF -- "$text" "$dir/out" || fail "gcxstore $*"
}
sql() { sqlite3 "$dir/store.db" "$1"; }

for words in 'contacts bob' 'search bob' 'history 7' 'erase 7' 'expire 1' responses check; do
    read -r command words <<<"$words"
    says "there is no contact store at $dir/store.db: gcxstore migrate makes one" 4 "$command" "$store" $words
done
[ ! -e "$dir/store.db" ] || fail "a path that is none became a store"
: >"$dir/empty.db"; echo 'this is no database, and it is long enough to be told' >"$dir/text.db"
says "no contact store at $dir/empty.db" 4 contacts "sqlite:$dir/empty.db" bob
says "$dir/text.db: file is not a database" 4 contacts "sqlite:$dir/text.db" bob
gcxstore migrate "$store" || fail migrate
[ "$(stat -c %a "$dir/store.db")" = 600 ] || fail "others may read the file"
mkdir -p "$dir/texts/Billing/Late" && printf 'Subject: Your invoice\n\nDear {contact.name},\n' >"$dir/texts/Billing/Late/sorry.en.txt"
echo 'Hello' >"$dir/texts/hello.txt"; echo 'no' >"$dir/texts/notes.bak"
mkfifo "$dir/texts/pipe.txt" && ln -s /etc/passwd "$dir/texts/link.txt"
mkdir "$dir/many" && (cd "$dir/many" && touch {1..10010}.no)
says 'it has more than 10000 files' 1 import "$store" "$dir/many"
[ "$(sql 'select count(*) from responses')" = 0 ] || fail "something was taken in"
says '2 standard responses' 0 import "$store" "$dir/texts"
printf 'name,category,text\r\nbye,Ends,"Bye, ""all""\nof you"\r\n' >"$dir/more.csv"
says '1 standard responses' 0 import "$store" "$dir/more.csv"
says 'Billing/Late/sorry  en  Your invoice' 0 responses "$store" Billing
[ "$(sql "select text from responses where name = 'bye'")" = $'Bye, "all"\nof you' ] || fail "the text from the values"
echo "fields that nobody knows are told, with their lines"
mkdir "$dir/fields" && printf 'Subject: For {contact.nmae}\n\nDear {contact.name},\n{order} {contact.acount}\n{agent.name}' >"$dir/fields/odd.txt"
says "fields/odd.txt:1: {contact.nmae} is a field that no contact has: it stays as it stands; did you mean {contact.name}?" 0 import "$store" "$dir/fields"
[ "$(grep -c 'that no contact has' "$dir/out")" = 3 ] && grep -q 'odd.txt:4: {order} is a field that no contact has: it stays as it stands$' "$dir/out" || fail "the fields of a text: $(cat "$dir/out")"
printf 'name,category,text\none,Odd,x\ntwo,Odd,"a\n{contact.emial}"\n3,templates,{1}\n' >"$dir/fields.csv"
says 'fields.csv:4: {contact.emial} is a field that no contact has: it stays as it stands; did you mean {contact.email}?' 0 import "$store" "$dir/fields.csv"
[ "$(grep -c 'that no contact has' "$dir/out")" = 1 ] || fail "the fields of values: $(cat "$dir/out")"
sql "delete from responses where name in ('odd', 'one', 'two', '3')"
echo "a file is taken in whole or not at all"
refused() { # refused TEXT CONTENT
    printf "$2" >"$dir/wrong.csv"
    says "$1" 1 import "$store" "$dir/wrong.csv"
    [ "$(sql "select count(*) from responses")" = 3 ] || fail "a part of it was taken in"
}
refused 'wrong.csv:3: it has 3 fields, the first line names 2 columns; a text with a comma stands in quotes' 'name,text\na,b\nc,d, e\n'
refused 'wrong.csv:2: it has 1 fields' 'name,text\na\n'
refused 'a quote is not closed' 'name,text\na,1\nb,"2\n'
refused 'wrong.csv:4: it is the same standard response as that of ' 'category,name,text\nx,a,1\ny,a,2\n/x/,a,3\n'
refused 'wrong.csv:2: the language has 70 bytes, more than 64' "name,language,text\na,$(printf %070d 0),b\n"
printf 'name,colour\n' >"$dir/wrong.csv"
says 'names the columns' 1 import "$store" "$dir/wrong.csv"

sql "insert into contacts values(7, '', 'Bob' || char(27) || '[2J', 1, 1, null, null);
     insert into addresses values('', 'email', 'bob@x.org', 'Bob@x.org', 7, 1);
     insert into fields values(7, 'account', '4711');
     insert into interactions values(3, '', 'email', '<1@x>', 7, 'in', null, null, 3, 'Bob@x.org', 'kettle', 'ann',
         1795317300000000, 1795317400000000, 'answered', 1, null, null, null, null, null, null);
     insert into messages(id, interaction, n, msg_id, at, role, sender, kind, visible, subject, text, result) values(1, 3, 1, '<1@x>', 1795317300000000, 'customer', 'Bob', 'text', 'all', 'kettle', 'it leaks', null);
     insert into parts values(5, 3, 1, 1, 'attachment', 'text/plain', '../../etc/passwd', null, 1, 3,
         'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
     insert into pieces values(5, 1, x'616263')"
says '7  Bob\u{1b}[2J' 0 contacts "$store" bob@x
says '3  2026-11-22 03:15:00  email in  kettle' 0 search "$store" leaks
says 'field account  4711' 0 history "$store" 7
says 'it leaks' 0 show "$store" 3
says abc 0 part "$store" 5
says 'contact 7 has the field level' 0 set "$store" 7 level gold
says 'field level  gold' 0 history "$store" 7
says 'letters, digits and _' 1 set "$store" 7 'a b' x
says 'is no field' 1 set "$store" 7 email x@y
says 'at most 1000 bytes' 1 set "$store" 7 level "$(printf '%1001s' x)"
says 'contact 7 has no longer a field level' 0 set "$store" 7 level ''
gcxstore history "$store" 7 | grep -q 'field level' && fail "the field is not removed"
echo "what is another tenant's is not there"
for words in 'history 7' 'show 3' 'part 5' 'export 7' 'erase 7' 'merge 7 8' 'set 7 level x'; do
    read -r command words <<<"$words"
    says 'of tenant `acme`' 1 --tenant acme --yes "$command" "$store" $words
done
says '0 interactions removed' 0 --tenant acme expire "$store" 1

says '"sha256": "ba7816' 0 export "$store" 7 --parts "$dir/parts"
[ "$(head -c 1 "$dir/out")" = '{' ] || fail "the export begins with an empty line"
[ "$(cat "$dir/parts/5")" = abc ] || fail "the exported part"
if command -v python3 >/dev/null; then
    python3 -c 'import json, sys; c = json.load(sys.stdin); assert c["interactions"][0]["messages"][0]["text"] == "it leaks" and c["fields"][0]["value"] == "4711"' <"$dir/out" || fail "the export is no JSON"
fi
sql "insert into contacts values(8, '', 'Robert', 1, 1, null, null)"
says 'nothing was merged' 1 merge "$store" 7 8 </dev/null
says 'Contact 8 is about to become contact 7 for ever' 0 merge "$store" 7 8 <<<8
grep -qF 'contact 8 is now contact 7' "$dir/out" || fail "the merge said nothing"
gcxstore check "$store" || fail check
echo "who reads keeps the log: that is told, and it is done again"
sql "insert into contacts values(9, '', 'Carol', 1, 1, null, null)"
sqlite3 "$dir/store.db" "select 1" >/dev/null
coproc READER { sqlite3 "$dir/store.db"; }
echo "begin; select count(*) from contacts;" >&"${READER[1]}"
read -r -t 20 ignored <&"${READER[0]}" || fail "nobody reads"
says 'stands in the log of the database' 4 --yes erase "$store" 9
grep -qa Carol "$dir"/store.db* || fail "the log does not have it"
echo "commit;" >&"${READER[1]}"
eval "exec ${READER[1]}>&-"
wait "$READER_PID"
says 'interactions are erased' 0 --yes erase "$store" 9
! grep -qa Carol "$dir"/store.db* || fail "the file still has what was erased while somebody read"
sql "update pieces set bytes = 'xyz'"
says 'part 5 is damaged' 3 check "$store"
says 'nothing was erased' 1 erase "$store" 7 </dev/null
says 'bodies of 1 interactions are erased' 0 erase "$store" 7 <<<7
! grep -qaE 'it leaks|bob@x.org' "$dir/store.db" || fail "the file still has what was erased"
gcxstore check "$store" || fail "check after the part is gone"
says "'0' is no number above 0" 1 expire "$store" 0
says 'a word that begins with - stands behind --' 2 expire "$store" -1
says "'-1' is no number above 0" 1 expire "$store" -- -1
says 'a word that begins with - stands behind --' 2 search "$store" -kettle
gcxstore search "$store" -- -kettle || fail "a word behind --"
says '--limit lacks its value' 2 contacts "$store" bob --limit
says 'no contact 4711' 1 history "$store" 4711
says "there is no such command" 2 look "$store"
says 'expected sqlite:FILE' 4 check nowhere

echo "the queries of the manual run"
awk -v to="$dir" '/^\.\\" query: / { file = to "/query-" $3 } /^\.Bd/ { inside = file != ""; next } /^\.Ed/ { inside = 0; file = ""; next } inside { print >>file }' \
    "$top_srcdir/man/gcx-store.5.in"
for query in media open room; do
    sqlite3 -bail "$dir/store.db" <"$dir/query-$query" >"$dir/out" 2>&1 || fail "query $query"
done
exit $status
