#!/bin/bash
# gcxvm --check tells each of these broken sites, with the line and the cure, and none of the whole ones: per case one site
# with one line changed.
. "$top_srcdir/tests/flows/daemon_common.sh"
also_end() { :; }
cd "$dir" || exit 1
told=0 cases=0
plugins=$(cd "$top_builddir" && pwd)/.libs
networks=$(cd "$top_srcdir" && pwd)/runtime/adapters/webhook/networks
gcxlists=$top_builddir/gcxlists
gcxstore=$top_builddir/gcxstore

certificate() { # NAME [DATE]: NAME.pem and NAME.key, made at that date, good for thirty days
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.pem" \
        -days "${2-30}" 2>/dev/null
}

# broken SEVERITY FILE SED TEXT: one more mistake of the next site: that change of the file. --check says a line with TEXT,
# which fails or warns. Mistakes of one site do not hide each other.
wanted=()
broken() {
    cases=$((cases + 1))
    [ -e "$2.whole" ] || cp -p "$2" "$2.whole"
    local before=$(<"$2")
    sed -i "$3" "$2"
    [ "$before" != "$(<"$2")" ] || say_failed "$2: \`$3\` changes nothing"
    wanted+=("$1" "$2, \`$3\`" "$4")
}
# told: asks about the site with the mistakes so far; then the site is whole again.
told() {
    local said code line found severity change text file good=0 i
    said=$("$gcxvm" --check gcx.conf 2>&1)
    code=$?
    printf '%s\n' "$said" >>everything
    for ((i = 0; i < ${#wanted[@]}; i += 3)); do
        severity=${wanted[i]} change=${wanted[i + 1]} text=${wanted[i + 2]} found=
        [ $severity != fails ] || good=1
        while read -r line; do
            case $severity,$line in fails,warning:*) continue ;; warns,warning:*) ;; warns,*) continue ;; esac
            case $line in *gcx.conf:[0-9]*"$text"* | *directory.sql:[0-9]*"$text"* | "warning: $text of directory.sql" | "warning: $text") found=1 ;; esac
        done <<<"$said"
        if [ $found ]; then told=$((told + 1)); continue; fi
        say_failed "$change should be told, $severity: $text"
        echo "$said"
    done
    [ $code = $good ] || { say_failed "${wanted[*]}: ends with $code, not $good"; echo "$said"; }
    wanted=()
    for file in *.whole; do mv "$file" "${file%.whole}"; done
}
whole() { # WHAT [who is not asked]
    "$gcxvm" --check gcx.conf >said 2>&1
    [ "$(cat said)" = "gcx.conf: good${2:+
gcx.conf: not asked: $2}" ] || { say_failed "the whole site for $1 is not good"; cat said; }
}

wave() { # FILE [SAMPLES A SECOND, two bytes]
    { printf "RIFF\x64\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00${2-\x40\x1f}\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x40\x00\x00\x00"
        head -c 64 /dev/zero; } >"$1"
}

umask 077
mkdir state other-state prompts prompts/fr no-prompts bad-prompts fr-prompts fr-prompts/fr recordings
for name in music ask; do wave prompts/$name.wav; wave fr-prompts/fr/$name.wav; done
wave bad-prompts/music.wav '\x80\x3e'
echo 'no sound' >bad-prompts/ask.wav
head -c 32 /dev/urandom >site.key
: >empty.key
head -c 200 /dev/urandom >other-state/keys
certificate ours; certificate other; certificate soon 9
certificate old; certificate early
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\npolicy=p\ndefault_md=sha256\n[p]\ncommonName=supplied\n' >ca.cnf
: >index; echo 01 >serial
dated() { # NAME FROM TO: a certificate that is good in these days
    openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr" && openssl ca -batch -config ca.cnf -selfsign -keyfile "$1.key" \
        -in "$1.csr" -startdate "$2"000000Z -enddate "$3"000000Z -out "$1.pem" >said 2>&1 || { cat said; cleanup 1; }
}
dated old 20200101 20200201; dated early 20980101 20990101
cat ours.key ours.pem >tls.pem
cat other.key ours.pem >mixed.pem
cp tls.pem open.pem
chmod 644 open.pem
echo '7001 secret' >telephones
echo 'kim agent agent=mia dn=7001 certificate=kim' >users-of-switch
echo "lee agent agent=kim password=$(echo secret | "$gcxvm" --hash-password)" >users-of-desk
sqlite3 customers.db 'create table customer (number text, tier text)'
sqlite3 other.db 'create table person (number text)'

# ---- a call ----

cat >site.gcx <<'G'
site {
    default zone "UTC"; default timeout 1m; skill Sales; vq service; queue desk, other; prompt music, ask, unplayed; template unsent;
    schedule hours zone "UTC" { mon..fri 08:00..18:00; }
    source customers schema "customers.sql";
    statistic dials(campaign) = dialled over 1h;
}
G
echo 'create table customer (number text, tier text not null);' >customers.sql
cat >calls.gcx <<'G'
record Customer { tier: str }
strategy calls on voice {
    attached { account: str?; tier: str?; }
    recording.start() else {};
    let again = ivr.menu("Your account?", ["1": true]) else false;
    ivr.say("Welcome.") else {};
    attach account = ivr.digits(prompt ask, min: 4, max: 4) timeout 15s else "none";
    let found = query customers first Customer `select tier from customer where number = {account}` timeout 2s else none;
    attach tier = found?.tier;
    connect in vq service { skill Sales >= 1; } timeout 1m busy { ivr.music(prompt music, 30s); } else goto desk;
    desk: route queue desk whisper "A customer" else stop "nobody";
}
strategy backs on callback { stop "called"; }
strategy remind on outbound {
    outbound.dial(contact.number) answer 5s else stop "no";
    stop "reached";
}
G
"$gcxc" build calls.gcx -o calls.gcxb || cleanup 1
cat >directory.sql <<'Q'
create table skill (name text primary key);
create table agent (name text primary key, display text);
create table agent_skill (agent text, skill text, level integer);
create table dn (number text primary key, type text);
create table queue (name text primary key, dn text);
create table routing_point (dn text primary key, strategy text, defaults text);
create table campaign (name text primary key, mode text, list text, filter text, agents text, schedule text, zone text); -- campaign
create table "group" (name text primary key, members text); -- campaign
create table group_member ("group" text, agent text, primary key ("group", agent)); -- campaign
create table schedule (name text primary key, value text); -- campaign
insert into skill values ('Sales');
insert into agent values ('kim', 'Kim');
insert into agent_skill values ('kim', 'Sales', 1);
insert into dn values ('1800', 'routing_point'), ('remind', 'routing_point'), ('back', 'routing_point'), ('7001', 'extension');
insert into dn values ('+4930555', 'queue');
insert into queue values ('desk', '+4930555'), ('other', '7001');
insert into routing_point values ('1800', 'calls', '+4930999'), ('back', 'backs', '');
insert into routing_point values ('remind', 'remind', '');
insert into "group" values ('callers', null); -- campaign
insert into group_member values ('callers', 'kim'); -- campaign
insert into schedule values ('hours', 'mon..fri 08:00..18:00'); -- campaign
insert into campaign values ('remind', 'preview', null, 'attempt < 3', 'callers', 'hours', 'UTC');
Q
printf 'number\n+4930111\n+4930112\n' >list.csv
"$gcxlists" import sqlite:lists.db remind list.csv >said 2>&1 || { cat said; cleanup 1; }
cat >gcx.conf <<CONF
directory = "directory.sql"
strategies = {"calls.gcxb"}
plugins = "$plugins"
state = "state"
key_file = "site.key"
http = "127.0.0.1:9464"
source customers { database = "customers.db" }
adapter dialer { lists = "sqlite:$dir/lists.db" }
adapter sip {
    address = "127.0.0.1:5060"
    tls_address = "127.0.0.1:5061"
    tls_certificate = "$dir/tls.pem"
    trunks = "127.0.0.2"
    numbers = "*=1800, remind"
    prompts = "$dir/prompts"
    telephones = "$dir/telephones"
    outbound = "127.0.0.2:5070"
    dialable = "+49*"
    recordings = "$dir/recordings"
    recordings_free = "1"
    tts = "cat"
    rtp_ports = "30000-32999"
    listen = "127.0.0.1:8001"
    certificate = "$dir/ours.pem"
    key = "$dir/ours.key"
}
CONF
cp gcx.conf campaign.conf; cp directory.sql campaign.sql
sed -i '/^adapter dialer/d' gcx.conf
sed -i "/campaign/d; s/'remind', 'remind', ''/'remind', 'calls', '7001'/" directory.sql
mkdir -m 755 open
broken warns gcx.conf 's/\/recordings"/\/open"/' 'everybody may read or write in'
told
whole calls 'adapter sip (trunks 127.0.0.2), adapter sip (outbound 127.0.0.2:5070)'
# A command may have an address among its words.
cp gcx.conf one.conf
sed -i 's#tts = "cat"#tts = "cat --from=http://127.0.0.1:5002/speak {language}"#' gcx.conf
whole "a voice" 'adapter sip (trunks 127.0.0.2), adapter sip (outbound 127.0.0.2:5070)'
mv one.conf gcx.conf
broken fails gcx.conf 's/^state = .*/state = "nowhere\/state"/' 'the state folder'
broken fails gcx.conf 's/^key_file.*/key_file = "no.key"/' 'key_file: the key file'
broken warns gcx.conf 's/{"calls.gcxb"}/{"calls.gcxb", "calls.gcxb"}/' 'stands there twice'
broken fails gcx.conf 's/^http.*/http = "localhost:8001"/' '127.0.0.1:8001 is taken by http already'
broken fails gcx.conf 's/^http.*/&\ntraces = "no-folder\/traces"/' 'cannot be written'
broken warns gcx.conf 's/127.0.0.1:5060/192.0.2.1:5060/' 'this machine has no address 192.0.2.1'
broken fails gcx.conf 's/^source/endpoint more { url = "https:\/\/us:sesame@127.0.0.1\/" ca_file = "old.pem" }\n&/' 'endpoint `more`: the certificate in'
broken warns gcx.conf 's/customers.db/none.db/' 'put the file there before the first query'
broken fails gcx.conf 's/remind"/1888"/' '1888 is in no row of table routing_point'
broken warns gcx.conf '/trunks/d' 'no trunk may bring calls'
broken fails gcx.conf '/prompts/d' 'no folder of prompts is set'
broken warns directory.sql "s/('7001', 'extension')/&, ('7002', 'extension')/" 'such as 7002, have no line'
broken warns gcx.conf 's/30000-32999/30000-30009/' 'it has ports for 2 calls'
broken warns gcx.conf 's/ours\.\(pem\|key\)/soon.\1/' 'have it renewed'
broken warns directory.sql '/agent_skill values/d' 'nobody has skill Sales'
broken warns gcx.conf 's/^    dialable/    emergency = "112=1899, 113=113, 114=110, 115=+49115"\n&/' 'calls of 112 are dialled outside as 1899'
broken warns gcx.conf '/recordings = /d' 'recording.start fails whenever it is asked'
broken warns gcx.conf 's#^adapter sip#adapter chat { listen = "127.0.0.1:8036" queues = "desk" store = "sqlite:'"$dir"'/contacts.db" callbacks = "back" callback_numbers = "+33" }\n&#' 'callback_numbers: numbers that begin with +33'
broken warns telephones '$a 7O01 secret' '1 of its lines, such as 7O01, are of no number'
told
broken fails gcx.conf 's/^state = .*/state = "site.key"/' 'is no folder; name another one in `state`'
broken fails gcx.conf 's/^key_file.*/key_file = "empty.key"/' 'key_file: the key file'
broken fails gcx.conf 's/^http.*/http = "0.0.0.0:5061"\nremote_certificate = "ours.pem"\nremote_key = "ours.key"\nremote_ca = "ours.pem"/' '127.0.0.1:5061 is taken by http already'
broken fails gcx.conf 's/^http.*/&\ntraces = "prompts"/' 'is no regular file'
broken warns gcx.conf 's/127.0.0.1:8001/127.0.0.1:80/' 'only root may listen at port 80'
broken fails gcx.conf 's/customers.db/other.db/' 'asked by'
broken warns gcx.conf 's/numbers = "/&remind, /' 'remind stands there twice; take one out'
broken warns gcx.conf 's/remind"/remind, *=remind"/' 'so that it never leads to remind'
broken warns directory.sql "s/'+4930999'/''/" 'has no default destination'
broken warns directory.sql "\$a insert into dn values ('1801', 'routing_point'); insert into routing_point values ('1801', 'calls', '7001');" 'no call comes to routing point 1801, where calls starts; add it to `numbers`'
broken fails gcx.conf 's/127.0.0.1:5060/127.0.0.1:30002/' '127.0.0.1:30000-32999 is taken by adapter `sip`: address'
broken fails gcx.conf 's/\/prompts/\/no-prompts/' 'callers do not hear prompt ask'
broken warns gcx.conf '/outbound/d' 'there is no `outbound` through which'
broken fails gcx.conf 's/ours\.\(pem\|key\)/old.\1/' 'ended on 2020-02-01'
told
broken fails gcx.conf 's/ours\.\(pem\|key\)/early.\1/' 'begins on 2098-01-01'
broken fails gcx.conf 's/^state = .*/&\nspace_mb = 1\nspace_stop = "1MB"\nspace_relief = "2MB"\nspace_arrivals = "3MB"/' 'of its space is free'
broken fails gcx.conf 's/^adapter sip/adapter second { plugin = "sip" address = "127.0.0.1:5060" rtp_ports = "32000-33001" numbers = "1800" trunks = "127.0.0.3" }\n&/' '127.0.0.1:5060 is taken by adapter `second`: address'
broken fails gcx.conf 's/5061/5062/' '127.0.0.1:30000-32999 is taken by adapter `second`: rtp_ports'
broken fails directory.sql "s/'calls', '+4930999'/'calls', ''/; s/'calls', '7001'/'calls', ''/" 'the callers of 1800 go round in a circle'
broken fails gcx.conf 's/numbers = "\*=1800/defaults = "remind"\n    &/' 'the callers of remind go round in a circle'
told
broken fails gcx.conf 's/^state = .*/state = "other-state"/' 'name the file under which the state folder was wrapped'
broken fails gcx.conf 's/\/prompts/\/bad-prompts/' 'music.wav: it has 1 channels of 16000 samples a second'
broken warns gcx.conf '/dialable/d' 'nothing may be dialled: set `dialable`'
broken warns gcx.conf '/^ *tts =/d' 'calls.gcx:5: a text is said here, and callers do not hear it: no `tts` is set'
broken warns gcx.conf 's/30000-32999/30000-32997/' 'calls.gcx:6: a text is said here'
broken fails directory.sql "s/'+4930999'/'reception'/" 'cannot call their default destination reception'
broken fails gcx.conf 's/127.0.0.2"/127.0.0.2, ::1"/' '::1 and the exchange'
broken warns gcx.conf 's/127.0.0.2, ::1/127.0.0.1:5060, &/' "127.0.0.1:5060 is the exchange's own address: nobody else"
broken fails gcx.conf 's/recordings_free.*/recordings_free = "1000000"/' 'no recording begins'
broken warns gcx.conf 's#rtp_ports#users = "'"$dir"'/users-of-switch"\n    &#' 'user kim acts for mia'
broken warns users-of-switch 's/7001/7009/' 'user kim may be at 7009'
told
broken warns gcx.conf 's/\/prompts/\/fr-prompts/' 'is there in fr alone'
broken fails gcx.conf '/outbound\|dialable/d' 'cannot call their default destination +4930999; set `outbound`'
broken fails gcx.conf 's/tls_address.*/srtp = "yes"/; /tls_certificate/d' 'without `tls_address` no telephone'
broken fails directory.sql "s/'calls', '7001'/'calls', 'remind'/" 'go round in a circle while gcxvm is away'
broken warns gcx.conf "s/^key_file.*/journal = \"host=none dbname=gcx\"/" 'the machine that follows makes another'
told
broken warns gcx.conf 's/dialable = "/dialable = "+49, /' 'no number is just +49; write +49*'
broken fails gcx.conf 's/+49\*/+4930555,+4930111,+4930112/' 'cannot call their default destination +4930999; add it to `dialable`'
broken warns directory.sql "s/'desk', '+4930555'/'desk', '1800'/" 'may begin anew for ever'
told
broken warns directory.sql "s/'+4930999'/'+4930999,+331'/" 'cannot call +331, a default destination of 1800'
broken warns directory.sql 's/+4930555/+331/g' 'the DN of queue desk'
broken fails gcx.conf 's/127.0.0.2:5070/127.0.0.1:5060, 127.0.0.1:5061/' "127.0.0.1:5060 is the exchange's own"
broken fails gcx.conf 's/, 127.0.0.1:5061"/, 127.0.0.2:5070&/' "127.0.0.1:5061 is the exchange's own"
told
# A queue is a destination of calls where strategies for calls route to it, whatever else the image has; work that is
# submitted there is no call.
cat >mixed.gcx <<'G'
strategy mixed on email { stop "read"; }
strategy to_desk on voice { route queue desk else {}; stop "not routed"; }
strategy by_value on callback { let where = queue desk; if (user_data["x"].str else "") == "y" { where = queue desk; } route where else {}; stop "not routed"; }
G
cat >submits.gcx <<'G'
strategy submits on voice { work.submit(queue desk, "more") else {}; stop "submitted"; }
G
# A destination that is worked out may be any queue that the image's code for calls or its data has.
declare -A worked_out=(
    [list]='strategy list on voice { let all = [queue desk]; for one in all { route one else {}; } stop "not routed"; }'
    [map]='strategy map on voice { let all = ["a": queue desk]; let one = all[(user_data["x"].str else "a")] else stop "none"; route one else stop "not routed"; }'
    [pairs]='strategy pairs on voice { let all = ["a": queue desk]; for _key, one in all { route one else {}; } stop "not routed"; }'
    [given]='function pick(a: bool): queue { if a { return queue desk; } return queue desk; } strategy given on voice { let one = pick((user_data["x"].str else "") == "a"); route one else stop "not routed"; }'
    [called]='subroutine pick(a: str): queue { ivr.music(prompt music, 1s) else {}; if a == "x" { return queue desk; } return queue desk; } strategy called on voice { let one = pick((user_data["x"].str else "")); route one else stop "not routed"; }'
    [value]='strategy value on voice { attached { x: str?; } let q = queue desk; work.submit(q, "more") else {}; let there = dn.named((x else "")) else stop "no"; route there else stop "not routed"; }'
    [beside]='strategy beside on voice { let a = (user_data["x"].str else "") == "a"; let to = queue other; if a { to = queue other; } let kept = queue other; if a { kept = queue desk; } work.submit(kept, "more") else {}; route to else stop "not routed"; }'
)
for name in "${!worked_out[@]}"; do echo "${worked_out[$name]}" >$name.gcx; done
for name in mixed submits "${!worked_out[@]}"; do "$gcxc" build $name.gcx -o $name.gcxb || cleanup 1; done
broken warns directory.sql 's/+4930555/+331/g' 'the DN of queue desk'
broken warns gcx.conf 's/"calls.gcxb"/&, "mixed.gcxb", "submits.gcxb", "list.gcxb", "map.gcxb", "pairs.gcxb", "given.gcxb", "called.gcxb", "value.gcxb", "beside.gcxb"/' 'mixed.gcx:2: the exchange cannot call +331, the DN of queue desk'
for name in list map pairs given called; do
    wanted+=(warns $name.gcx "$name.gcx:1: the exchange cannot call +331, the DN of queue desk")
    cases=$((cases + 1))
done
told
! grep '\(submits\|value\|beside\).gcx:1: the exchange' everything || say_failed "work that is submitted is told as a call"
# The table of numbers that may be dialled is held against the exchange.
sed -i '1s/$/ table outside { key prefix number: str; allowed: bool; }/' site.gcx
echo "strategy allows on voice { let there = dn.outside(\"+4930777\", outside); if there != none { route there else {}; } stop \"told\"; }" >allows.gcx
"$gcxc" build allows.gcx -o allows.gcxb || cleanup 1
broken warns gcx.conf 's/"calls.gcxb"/&, "allows.gcxb"/' 'table outside allows numbers that begin with +33, and none of them is dialled'
broken warns directory.sql "\$a create table table_outside (number text primary key, allowed text); insert into table_outside values ('+33', 'true'), ('+4930', 'true'), ('+', 'true'), ('+44', 'false');" 'table outside allows numbers that begin with +33, and none of them is dialled'
told
! grep 'outside allows .*with \(+4930\|+\|+44\),' everything || say_failed "numbers of the table that are dialled, or not allowed, are told"
sed -i '1s/ table outside.*//' site.gcx
# These end the look at the adapter.
sample=$(cd "$top_builddir" && pwd)/tests/unit/.libs/adapter_sample.so
[ ! -e "$sample" ] || broken fails gcx.conf 's#^adapter sip#adapter more { plugin = "'"$sample"'" ani = "1" dies = "END" }\n&#' 'cannot be loaded'
broken fails gcx.conf 's/ours.key/other.key/' 'key values mismatch'
told
broken fails gcx.conf 's/tls.pem/mixed.pem/' 'key values mismatch'
told
broken fails gcx.conf 's/tls.pem/open.pem/' 'may be read by everybody'
told

# A text is said by the menu, by the step and by the whisper, and nowhere else.
[ "$(grep -o 'gcx:[0-9]*: a text is said' everything | sort -t: -k2n -u | tr -d '\n')" = \
    "gcx:5: a text is saidgcx:6: a text is saidgcx:11: a text is said" ] || say_failed "texts that are said: $(grep 'a text is said' everything)"
(ulimit -n 900; "$gcxvm" --check gcx.conf 2>&1) | tee -a everything | grep -q 'need 1064 open files, and 900 are allowed' || say_failed "files that may be open"

# ---- a campaign ----

mv campaign.conf gcx.conf; mv campaign.sql directory.sql
whole "a campaign" 'adapter sip (trunks 127.0.0.2), adapter sip (outbound 127.0.0.2:5070)'
broken warns directory.sql "s/'preview', null/'preview', 'none'/" 'has no calling list none'
broken fails directory.sql "s/'callers', 'hours'/null, 'hours'/" 'its column `agents` is empty'
broken warns directory.sql "s/'hours', 'mon..fri /'hours', '2020-01-01 /" 'its schedule hours does not open within a year'
broken fails directory.sql "s/'UTC'/'Asia\/Tokyo'/" "does not name the zone 'Asia/Tokyo'"
broken fails gcx.conf '/outbound/d' 'campaign remind cannot dial: set `outbound`'
told
# A package that was rolled back: tables of a later program, in whichever database a setting names.
newer() { # FILE TABLE PROGRAM
    rm -f "newer.$1" && cp "$1" "newer.$1" && sqlite3 "newer.$1" "update $2 set version = 99"
    told_newer="$1: its tables are of version 99; this $3 writes version"
}
newer lists.db gcx_lists gcxlists
# A file may have tables of others that this setting does not open.
cp lists.db shared.db && sqlite3 shared.db 'create table gcx_records(version integer); insert into gcx_records values (99)'
sed -i 's/lists.db/shared.db/' gcx.conf
whole "a file of two programs" 'adapter sip (trunks 127.0.0.2), adapter sip (outbound 127.0.0.2:5070)'
sed -i 's/shared.db/lists.db/' gcx.conf
broken fails gcx.conf 's/lists.db/newer.lists.db/' "$told_newer"
cp lists.db no.lists.db && sqlite3 no.lists.db 'delete from gcx_lists'
broken fails gcx.conf 's/^adapter dialer/adapter other { plugin = "dialer" lists = "sqlite:no.lists.db" }\n&/' 'no.lists.db: its table gcx_lists says no version'
sqlite3 records.db 'create table gcx_records(version integer); insert into gcx_records values (2)'
newer records.db gcx_records gcxrecords
broken fails gcx.conf 's/^http.*/&\nrecords = "sqlite:newer.records.db"/' "$told_newer"
told
broken fails gcx.conf 's/lists.db/prompts/' 'cannot be read'
broken fails gcx.conf '/dialable/d' 'campaign remind cannot dial: set `dialable`'
told
broken fails gcx.conf '/^adapter sip/,/^}/d' 'campaign remind cannot dial: no adapter can'
broken fails directory.sql "s/'attempt < 3'/'attempts < 3'/" 'campaign remind gets no record'
broken fails directory.sql '/into group_member/d' 'nobody is in group callers'
told
broken fails gcx.conf 's/, remind"/"/' 'campaign remind cannot dial: its routing point'
broken fails gcx.conf '/^adapter dialer/d' 'campaign remind gets no record: no adapter has calling lists'
told
broken warns directory.sql "s/'preview', null/'power', null/" 'campaign remind does not dial'
# Of a column that is misspelt its table is named: it may be made on another line.
sed "\$a alter table campaign add column rule_set text; create table rule_set (name text primary key, abandoned_permile integer);" directory.sql >other.sql
sed 's/"directory.sql"/"other.sql"/' gcx.conf >other.conf
cases=$((cases + 1))
"$gcxvm" --check other.conf 2>&1 | grep -q '^warning: other.sql: table rule_set has no column abandoned_permile; did you mean abandoned_permille?' && told=$((told + 1)) ||
    say_failed "a column that is misspelt"
echo 'strategy figures on voice { if dials(campaign remind) > dials(campaign summer) { stop "more"; } stop "told"; }' >figures.gcx
"$gcxc" build figures.gcx -o figures.gcxb || cleanup 1
broken warns gcx.conf 's/"calls.gcxb"/&, "figures.gcxb"/' 'figures.gcx:1: campaign summer is in no row of table campaign'
cat >books.gcx <<'G'
strategy books on voice { callback.book("{ani}", at: now + 1h, strategy: called) else {}; stop "booked"; }
strategy called on callback { callback.dial() else {}; stop "called"; }
strategy writes on voice { query customers exec `insert into customer values ({ani}, 'new')` timeout 2s else {}; stop "written"; }
G
"$gcxc" build books.gcx -o books.gcxb || cleanup 1
broken warns gcx.conf 's/{"calls.gcxb"/{"books.gcxb", "calls.gcxb"/' 'books.gcx:1: callback.book takes any number'
broken fails gcx.conf 's/customers.db"/& write = false/' 'source customers: books.gcxb writes by'
broken warns gcx.conf 's/^    dialable/    redirects = "1800"\n&/' 'calls.gcx:10: ivr.music is never done for calls of 1800'
told
for step in 'call.answer()' 'recording.start()' 'route queue desk whisper "A customer"'; do
    echo "strategy answers on voice { $step else {}; stop \"answered\"; }" >answers.gcx
    "$gcxc" build answers.gcx -o answers.gcxb || cleanup 1
    broken warns gcx.conf 's/{"calls.gcxb"/{"answers.gcxb", "calls.gcxb"/; s/^    dialable/    redirects = "1800"\n&/' "answers.gcx:1: $(case $step in *whisper*) echo whisper ;; *) echo "${step%()}" ;; esac) is never done for calls of 1800"
    sed -i "s/'1800', 'calls'/'1800', 'answers'/" directory.sql
    told
    sed -i "s/'1800', 'answers'/'1800', 'calls'/" directory.sql
done
cat >values.gcx <<'G'
strategy values on voice { ivr.play(prompt ask) else {}; ivr.play(prompt ask, 7) else {}; stop "said"; }
G
"$gcxc" build values.gcx -o values.gcxb || cleanup 1
broken warns gcx.conf 's/{"calls.gcxb"/{"values.gcxb", "calls.gcxb"/' 'values.gcx:1: ivr.play says values, and there is no piece of them such as say_1.wav: the step fails'
told
broken warns gcx.conf 's/{"calls.gcxb"/{"values.gcxb", "calls.gcxb"/; /^    prompts/d' 'values.gcx:1: ivr.play says values, and there is no piece of them such as say_1.wav: the step fails, as not_applied; set `prompts` to a folder'
wanted+=(fails gcx.conf 'no folder of prompts is set')
cases=$((cases + 1))
told
mkdir prompts/de; wave prompts/de/say_1.wav
sed -i 's/{"calls.gcxb"/{"values.gcxb", "calls.gcxb"/' gcx.conf
! "$gcxvm" --check gcx.conf 2>&1 | grep 'says values' || say_failed "pieces of a language are told as none"
sed -i 's/{"values.gcxb", /{/' gcx.conf; rm -r prompts/de
# A name that a strategy spells as a text is nobody's, and nothing of it ever happens.
cat >spelled.gcx <<'G'
strategy spelled on voice {
    attached { hotline: str?; }
    let there = dn.named("7001"); let away = dn.named("18100"); let any = dn.named((hotline else "18101"));
    if there != none { route there else {}; }
    if away != none { route away else {}; }
    if any != none { route any else {}; }
    let who = agent.named("a name longer than any inlined"); if who == none { stop "nobody"; }
    stop "told";
}
G
"$gcxc" build spelled.gcx -o spelled.gcxb || cleanup 1
broken warns gcx.conf 's/"calls.gcxb"/&, "spelled.gcxb"/' 'spelled.gcx:3: dn 18100 is in no row of table dn'
wanted+=(warns spelled.gcx 'spelled.gcx:7: agent a name longer than any inlined is in no row of table agent')
cases=$((cases + 1))
told
! grep 'dn 7001 is in no row' everything || say_failed "a dn that is there is told"
# What a strategy writes as an argument is refused whoever asks. The last of each kind is good.
cat >literal.gcx <<'G'
strategy literal on voice {
    let away = zone.named("Europe/Berlni"); let here = zone.named("UTC");
    callback.book("+331234567", at: now + 1h, strategy: again, zone: (away else here)) else {};
    outbound.add("remind", "0301234567", ["zone": "Europe/Berlni", "day_from": "25:00", "asked": true]) else {};
    email.send("somebody", "We call", "Soon.") else {};
    callback.book("+4930111", at: now + 1h, strategy: again, zone: here) else {};
    callback.book("7001", at: now + 1h, strategy: again) else {}; callback.book("112", at: now + 1h, strategy: again) else {};
    outbound.add("remind", "+49301234567", ["zone": "Europe/Berlin", "day_from": "08:00", "day_till": "24:00", "asked": "yes"]) else {};
    email.send("somebody@example.com", "We call", "Soon.") else {};
    stop "told";
}
strategy again on callback { callback.dial() else {}; stop "called"; }
strategy choices on voice {
    attached { zed: str?; }
    let key = (zed else "zone"); let late: map<value> = ["zone": "nowhere"];
    outbound.add("remind", "+49301234567", ["zone": (zed else "nowhere"), "day_from": (zed else "08:00"), "day_till": "26:00"]) else {};
    outbound.add("remind", "+49301234567", ["zone": (zed else "UTC"), key: "27:00"]) else {};
    if zed == none { late = ["zone": "elsewhere"]; }
    outbound.add("remind", "+49301234567", late) else {};
    outbound.add("remind", "+49301234567", ["day_from": ((zed else user_data["28:00"].str) else "08:00")]) else {};
    let good: map<value> = ["day_from": "08:00"]; let other: map<value> = ["zone": "29:00"]; outbound.add("remind", "+49301234567", good) else {};
    stop "told";
}
G
"$gcxc" build literal.gcx -o literal.gcxb || cleanup 1
# Strategies that nothing of this site starts dial nothing: another one may share the image.
sed -i 's/"calls.gcxb"/&, "literal.gcxb"/' gcx.conf
! "$gcxvm" --check gcx.conf 2>&1 | grep 'which the exchange may not dial' || say_failed "a number is told that no strategy of the site dials"
# Beside the exchange a plugin that is not of this tree may dial it.
sed 's#^adapter sip#adapter doorbell { remote = true }\nremote_listen = "127.0.0.1:8444"\nremote_certificate = "ours.pem"\nremote_key = "ours.key"\nremote_ca = "ours.pem"\n&#; s#"directory.sql"#"bound.sql"#' gcx.conf >strange.conf
sed "\$a insert into dn values ('1898', 'routing_point'); insert into routing_point values ('1898', 'literal', '7001');" directory.sql >bound.sql
! "$gcxvm" --check strange.conf 2>&1 | tee said | grep 'which the exchange may not dial' || say_failed "a number is told that another switch may dial"
# Of two dialers the other one may have the country by which it reads the number.
sed 's#^adapter dialer#adapter other { plugin = "dialer" lists = "sqlite:more.db" country = "DE" tenant = "b" }\n&#' gcx.conf >dialers.conf
! "$gcxvm" --check dialers.conf 2>&1 | grep 'the dialer cannot read' || say_failed "a number is told that another dialer may read"
sed -i 's# country = "DE" tenant# tenant#' dialers.conf
"$gcxvm" --check dialers.conf 2>&1 | grep -q 'the dialer cannot read' || say_failed "a number is not told that no dialer reads"
grep -q '^strange.conf: good' said || { say_failed "a site with another switch is not good"; cat said; }
sed -i 's/, "literal.gcxb"//' gcx.conf
broken fails directory.sql "\$a insert into dn values ('1898', 'routing_point'); insert into routing_point values ('1898', 'literal', '7001');" 'literal.gcx:3: callback.book names +331234567, which the exchange may not dial; add it'
broken fails gcx.conf 's/"calls.gcxb"/&, "literal.gcxb"/; s/^    dialable/    emergency = "112"\n&/' 'literal.gcx:3: callback.book names +331234567, which the exchange may not dial'
for text in 'literal.gcx:7: callback.book names 7001, which the exchange may not dial; strategies dial no telephone' 'literal.gcx:7: callback.book names 112' 'literal.gcx:2: the site of this strategy does not name the zone Europe/Berlni' \
    'literal.gcx:4: outbound.add is refused whenever it is asked: `Europe/Berlni`: there is no such time zone' \
    'literal.gcx:4: outbound.add is refused whenever it is asked: `25:00`: the hours of a record' \
    'literal.gcx:4: outbound.add is refused whenever it is asked: `asked`: a field is neither' \
    'literal.gcx:4: outbound.add is refused whenever it is asked: the dialer cannot read `0301234567`' \
    'literal.gcx:16: outbound.add is refused where a field is `nowhere`: there is no such time zone' \
    'literal.gcx:16: outbound.add is refused whenever it is asked: `26:00`: the hours of a record' \
    'literal.gcx:5: email.send is refused whenever it is asked: `somebody`: it has no address'; do
    severity=warns
    case $text in *names*) severity=fails ;; esac
    wanted+=($severity literal.gcx "$text")
    cases=$((cases + 1))
done
told
! grep 'literal.gcx:[689]: .*\(names\|refused whenever\)' everything || say_failed "good numbers, zones and addresses are told"
! grep 'literal.gcx:1[5789]:\|literal.gcx:2[01]:\|`nowhere`.*whenever\|whenever.*`nowhere`' everything || say_failed "a value is told that is none, or not always"
echo 'strategy applies on voice { let answer = ivr.application("billing") else none; stop "applied"; }' >applies.gcx
"$gcxc" build applies.gcx -o applies.gcxb || cleanup 1
broken warns gcx.conf 's/{"calls.gcxb"/&, "applies.gcxb"/' 'ivr.application fails whenever it is asked: no adapter here can that (it can play, say and ask); add `adapter tserver'
broken warns directory.sql "s/'attempt < 3'/'attempt > 3'/" "takes none of the list's open ones"
broken fails gcx.conf 's/+49\*/+4930999, +4930555/' 'campaign remind cannot dial one of the first 2 numbers'
told
broken warns directory.sql "\$a alter table campaign add column consent text default 'offers';" 'has consented to offers'
broken warns gcx.conf 's/+49\*/+4930999, +4930555, +4930111/' 'campaign remind cannot dial 1 of the first 2 numbers of its list, such as +4930112'
told

# ---- a mail, a text, a chat ----

cat >site.gcx <<'G'
site { default zone "UTC"; default timeout 1m; queue mails, texts; workbin drafts; category complaint; skill Sales; vq service; template thanks, unsent; capacity phone { voice 1; } }
G
cat >texts.gcx <<'G'
strategy answers on email, chat, sms { connect in vq service { skill Sales >= 1; } timeout 1m else stop "nobody"; }
strategy questions on im { connect in vq service { skill Sales >= 1; } timeout 1m else stop "nobody"; }
strategy posts on social { stop "read"; }
strategy chosen on social { connect in vq service { skill Sales >= 1; } timeout 1m else stop "nobody"; }
strategy backs on callback { stop "called"; }
strategy asked on sms { attached { order: str?; } sms.send("We are here.") else {}; stop "asked"; }
strategy thank on email { email.acknowledge(template thanks) else stop "not sent"; stop "sent"; }
G
"$gcxc" build texts.gcx -o texts.gcxb || cleanup 1
cat >directory.sql <<'Q'
create table skill (name text primary key);
create table agent (name text primary key, display text);
create table agent_skill (agent text, skill text, level integer);
create table dn (number text primary key, type text);
create table queue (name text primary key, dn text);
create table routing_point (dn text primary key, strategy text, defaults text);
insert into skill values ('Sales');
insert into agent values ('kim', 'Kim');
insert into agent_skill values ('kim', 'Sales', 1);
insert into dn values ('mails', 'queue'), ('texts', 'queue'), ('asks', 'queue'), ('none', 'queue'), ('blog', 'queue'), ('4711', 'queue');
insert into queue values ('mails', 'mails'), ('texts', 'texts'), ('asks', '4711'), ('none', 'none'), ('blog', 'blog');
insert into routing_point values ('mails', 'answers', ''), ('texts', 'answers', ''), ('4711', 'questions', ''), ('blog', 'posts', '');
Q
echo 'kim kim@example.com' >workers
echo 'gateway secret' >peers
printf '[complaint]\nmoney back\n' >rules
echo secret >word
echo "kim agent agent=kim certificate=kim password=$(echo secret | "$gcxvm" --hash-password)" >users
printf 'category,name,language,subject,text\n,thanks,,Thanks,We have it.\n' >responses.csv
"$gcxstore" import "sqlite:$dir/contacts.db" responses.csv >said 2>&1 || { cat said; cleanup 1; }
cat >gcx.conf <<CONF
directory = "directory.sql"
strategies = {"texts.gcxb"}
plugins = "$plugins"
state = "state"
adapter email {
    lmtp = "127.0.0.1:8024"
    addresses = "us@example.com=mails"
    store = "sqlite:$dir/contacts.db"
    submission = "smtp://127.0.0.1:8025"
    submission_insecure = "yes"
    from = "us@example.com"
    rules = "$dir/rules"
}
adapter sms {
    numbers = "+4930111=texts, 4930111=texts"
    listen = "127.0.0.1:8026"
    peers = "$dir/peers"
    store = "sqlite:$dir/contacts.db"
    sessions = "*"
    state = "$dir/state/sms.open"
}
adapter chat {
    listen = "127.0.0.1:8028"
    certificate = "$dir/ours.pem"
    key = "$dir/ours.key"
    queues = "texts"
    origins = "https://www.example.com"
    store = "sqlite:$dir/contacts.db"
}
adapter desk {
    listen = "127.0.0.1:8031"
    certificate = "$dir/ours.pem"
    key = "$dir/ours.key"
    names = "ours"
    users = "$dir/users"
    queues = "texts"
    media = "email, chat, sms"
    outbound = "mails"
    store = "sqlite:$dir/contacts.db"
}
adapter im {
    domain = "experts.example.com"
    secret_file = "$dir/word"
    queues = "asks"
    workers = "$dir/workers"
    store = "sqlite:$dir/contacts.db"
}
CONF
whole texts 'adapter email (submission smtp://127.0.0.1:8025)'
# Two houses have a store, a desk, lists and a tenant each; a server is one in whatever words. A site without a switch has
# a vendor's T-Server on this machine, and mails of a whole domain are answered from one of its addresses.
cp gcx.conf one.conf
sed -i "s#^adapter sms {#&\n    lists = \"sqlite:$dir/lists.db\"\n    tenant = \"a\"#
    s#^adapter desk {#&\n    tserver = \"127.0.0.1:8044\"\n    from = \"kim@shop.example\"#; s/=mails\"/=mails, *@shop.example=mails\"/" gcx.conf
cat >>gcx.conf <<CONF
adapter dialer { lists = "sqlite:$dir/lists.db" tenant = "a" store = "sqlite:$dir/contacts.db" }
adapter dialer2 { plugin = "dialer" lists = "sqlite:$dir/lists2.db" tenant = "b" store = "sqlite:$dir/contacts2.db" }
adapter sms2 { plugin = "sms" numbers = "+4930222=texts" listen = "127.0.0.1:8038" peers = "$dir/peers"
    lists = "sqlite:$dir/lists2.db" tenant = "b" store = "sqlite:$dir/contacts2.db" state = "$dir/state/sms2.open" }
adapter desk2 { plugin = "desk" listen = "127.0.0.1:8039" users = "$dir/users" outbound = "mails" store = "sqlite:$dir/./contacts2.db" }
CONF
whole "two houses" 'adapter email (submission smtp://127.0.0.1:8025), adapter desk (tserver 127.0.0.1:8044)'
sed 's#sqlite:[^"]*contacts.db#host=db.example dbname=gcx user=one#; /^adapter desk/,/^}/s#host=[^"]*#postgresql://two@db.example/gcx#' one.conf >gcx.conf
! "$gcxvm" --check gcx.conf 2>&1 | grep 'are two:' || say_failed "one server in two words is two"
# Agents may ask each other at the desk, without an adapter `im`.
sed '/^adapter im/,$d; s/media = .*/media = "email, chat, sms, im"\n    asks = "asks"/' one.conf >gcx.conf
whole "questions at the desk" 'adapter email (submission smtp://127.0.0.1:8025)'
mv one.conf gcx.conf
broken fails gcx.conf 's/lmtp = .*/lmtp = "none"/' 'no mail comes in'
broken warns rules 's/complaint/complaints/' "no strategy declares its category complaints"
broken warns rules '2d' "category complaints has no words"
broken warns gcx.conf 's#'"$dir"'/workers#workers#' 'workers is found from the folder of this command alone'
broken warns gcx.conf 's/contacts.db/other-contacts.db/' 'no standard response thanks'
broken warns gcx.conf '/submission/d' 'no mail of strategies or agents can be sent'
broken warns gcx.conf 's/=mails"/=mails, *@shop.example=mails"/; s/from = .*/from = "me@example.com"/' 'me@example.com is none of `addresses`'
broken warns gcx.conf 's/=mails"/=mails, US@example.com=texts"/' 'so that it never leads to texts'
broken warns gcx.conf 's/^    lmtp = /    retry = "3600"\n    give_up = "600"\n    held = "1048576"\n&/' 'retry: it is not below `give_up`, 600: what was refused'
wanted+=(warns gcx.conf 'size: it is not below `held`, 1048576: what is as large' warns gcx.conf 'forms_size: it is not below `held`, 1048576: a form')
cases=$((cases + 2))
broken fails gcx.conf 's/sessions = .*/sessions = "*:text"/' '`text` is no queue of the directory'
broken warns gcx.conf 's/, 4930111=texts"/, 4930111=mails"/' '4930111 leads to texts, so that it never leads to mails'
broken fails gcx.conf 's/listen = "127.0.0.1:8026"/&\nprovider = "localhost:8026"\nsystem_id = "us"/' 'is where this adapter listens itself'
broken fails gcx.conf 's/queues = "texts"/queues = "chats"/' '`chats` is no queue'
broken warns gcx.conf 's/127.0.0.1:8028/127.0.0.1:0/' 'the kernel chooses another port'
broken warns gcx.conf 's/names = .*/names = "desk.example.com"/' 'is not of desk.example.com: browsers refuse it'
broken fails gcx.conf 's/outbound = "mails"/outbound = "asks"/' 'strategy questions is not on email'
broken warns directory.sql "s/'kim'/'mia'/g" '`kim` is in no row of table agent'
broken warns directory.sql "s/('texts', 'queue')/&, ('back', 'routing_point')/; s/('texts', 'answers', '')/&, ('back', 'backs', '')/" 'booked at routing point back is never called back'
broken fails directory.sql "\$a alter table queue add column elsewhere integer not null default 0; update queue set elsewhere = 1 where name = 'none';" 'what is sent to queue none stays here'
broken warns gcx.conf '/^adapter im/,$s#contacts.db#contacts2.db#' "contacts2.db and sqlite:$dir/other-contacts.db, the store of adapter \`email\`, are two"
broken warns gcx.conf 's/outbound = "asks"/&\n    texts = "texts"\n    texts_way = "udh16"/' 'short messages go by udh8'
broken warns gcx.conf 's/^adapter im/adapter dialer { lists = "sqlite:LISTS" tenant = "us" }\n&/; s#sqlite:LISTS#sqlite:'"$dir"'/lists.db#' 'whoever refuses calls in sqlite:'
broken warns gcx.conf 's/sessions = /lists = "sqlite:LISTS"\n    &/; s#sqlite:LISTS#sqlite:'"$dir"'/lists.db#' '`` and `us`, that of adapter `dialer`, are two'
told
broken fails gcx.conf '/lmtp/d' 'no mail comes in'
broken warns gcx.conf 's/^    submission = /    classifier_sure = "70"\n&/' 'it does nothing without `classifier`'
broken warns gcx.conf "s#^    sessions = #    token_file = \"$dir/peers\" base = \"https://sms.example.com\"\n&#" 'it does nothing without `network`'
broken warns gcx.conf 's/media = .*/media = "email, sms"/' 'no desk has chat in its `media`'
broken warns gcx.conf 's/^    outbound = "mails"/    parameters = "patience"\n&/' '`patience` is no parameter'
broken warns gcx.conf 's/^    parameters = .*/&\n    admin = "other-state\/admin.sock"/' 'is not the admin socket of this gcxvm'
broken warns gcx.conf 's/^adapter im/adapter dialer { lists = "sqlite:lists.db" }\n&/; s/sessions = /lists = "sqlite:lists2.db"\n    &/' 'those of adapter `sms`, are two'
broken fails gcx.conf '/^adapter im/,$s/sqlite://' 'it names no database; write sqlite:FILE'
broken fails gcx.conf 's/=mails"/=mail"/' '`mail` is no queue'
broken fails gcx.conf 's/contacts.db/no-folder\/contacts.db/' 'cannot be written'
broken fails gcx.conf 's/listen = "127.0.0.1:8026"/&\nprovider = "127.0.0.1:0"\nsystem_id = "us"/' 'has no port to connect to'
broken fails gcx.conf 's/state\/sms.open/none\/sms.open/' 'cannot be written'
broken warns rules 's/.*//' "its text has no words"
broken fails peers 's/.*/# nobody yet/' 'nobody can bind; add one'
broken fails gcx.conf 's/=texts"/=asks"/' 'strategy questions is not on sms'
broken fails gcx.conf 's/queues = "asks"/queues = "mails"/' 'strategy answers is not on im'
broken fails gcx.conf 's/listen = "127.0.0.1:8028"/&\nport_file = "no-folder\/port"/' 'cannot be written'
broken fails gcx.conf 's/origins = /callbacks = "4712"\n    callback_numbers = "+33"\n&/' '`4712` is no routing point'
broken warns users 's/$/\nmia agent agent=mia certificate=mia/' 'user mia acts for mia'
told
broken fails gcx.conf 's#submission = .*#&\nsubmission_user = "us"\noauth = "https://us:sesame@127.0.0.1/to ken?key=sesame"\noauth_client = "us"\noauth_secret_file = "'"$dir"'/word"#' 'https://****@127.0.0.1/to ken?key=****` is no URL'
newer contacts.db gcx_store gcxstore
broken fails gcx.conf 's/contacts.db/newer.contacts.db/' "$told_newer"
told
broken fails gcx.conf 's/contacts.db/workers/' 'is no database of SQLite'
broken warns users 's/ password=.*//' 'nobody can log in'
broken warns gcx.conf 's/'"${dir//\//\\/}"'\/peers/.\/peers/' './peers is found from the folder of this command alone'
broken fails gcx.conf 's/submission = .*/submission = "smtp:\/\/localhost:8024"/' 'what is sent comes back'
broken warns gcx.conf "s/^state.*/&\njournal = \"host=none dbname=gcx\"\nkey_file = \"site.key\"/" 'is a file of this machine'
broken warns peers 's/$/\ngateway another/' 'gateway stands there twice'
broken fails gcx.conf 's/^adapter sms.*/adapter more { plugin = "sms" numbers = "+4930112=texts" listen = "127.0.0.1:8027" peers = "PEERS" store = "sqlite:contacts.db" state = "STATE" }\n&/; s#PEERS#'"$dir/peers#; s#STATE#$dir/state/sms.open#" 'state/sms.open is taken by adapter `more`: state'
broken warns gcx.conf 's/queues = "asks"/queues = "asks, none"/' 'what comes to queue none waits there for ever'
broken fails gcx.conf 's/origins = /callbacks = "texts"\n    callback_numbers = "+33"\n&/' 'strategy answers is not on callback'
told
broken fails directory.sql "s/('mails', 'answers', '')/('mails', 'thank', '')/" 'outbound: what comes to queue mails waits there, and nothing works on it: strategy thank is not on email.reply'
broken warns directory.sql "\$a alter table agent add column capacity text; update agent set capacity = 'phone';" 'texts.gcx:1: nobody with skill Sales takes what comes here'
told
sed "s/^state = .*/state = \"fresh\"/; s#^    outbound = .*#&\n    admin = \"$dir/fresh/admin.sock\"#" gcx.conf >fresh.conf
! "$gcxvm" --check fresh.conf 2>&1 | grep 'is not the admin socket' || say_failed "before the first start the desk's admin is another one"
# Names of the site in settings of the desk. Who is shown a queue sends nothing from it.
broken warns gcx.conf '/^adapter desk/,/^}/s/queues = "texts"/queues = "texts, none"/; s/outbound = "mails"/outbound = "none"/' 'outbound: what is put into queue none is never sent'
broken warns gcx.conf 's/outbound = "none"/&\n    texts = "none"/' 'texts: what is put into queue none is never sent'
broken warns gcx.conf 's/outbound = "none"/&\n    workbins = "drafts, draffts, returned"/' '`draffts` is no workbin'
broken warns gcx.conf 's/outbound = "none"/&\n    data = "order, ordr"/' '`ordr` is no key'
told
! grep -e '`drafts` is no' -e '`order` is no' -e '`returned` is no' everything || say_failed "names of the site are told"
printf 'category,name,language,subject,text\n,thanks,,Thanks,"Dear {contact.nmae}, {agent.name}"\nmore,by,,,{agent.name}\n' >odd.csv
"$gcxstore" import "sqlite:$dir/odd.db" odd.csv >said 2>&1 || { cat said; cleanup 1; }
broken warns gcx.conf 's/contacts.db/odd.db/' 'standard response thanks: no contact has {contact.nmae}, which stays as it stands; write a value by gcxstore, or write {contact.name}'
wanted+=(warns gcx.conf 'standard response thanks: no contact has {agent.name}')
cases=$((cases + 1))
told
! grep 'response more/by' everything || say_failed "the agent's name is told where agents send"
# These end the look at the adapter.
broken fails gcx.conf 's/us@example.com=/us@=/' '`us@` is not ADDRESS=QUEUE'
broken fails gcx.conf 's/peers"/users-none"/' 'No such file'
broken fails gcx.conf 's/ours.key/other.key/' 'key values mismatch'
told
broken fails gcx.conf 's/"+4930111=texts, /"+49abc=texts, /' '`+49abc` is no number'
broken fails gcx.conf 's/=texts"/=texts, 4930 112=texts"/' '`4930 112` is no number'
broken fails word 's/.*//' 'is empty'
told
sed -i '/^adapter/,$d' gcx.conf
cat >>gcx.conf <<CONF
adapter tserver {
    switch = "127.0.0.1:8029"
    listen = "127.0.0.1:8030"
}
adapter webhook {
    network = "$networks/microblog.json"
    token_file = "$dir/word"
    listen = "127.0.0.1:8032"
    base = "https://127.0.0.1:8033"
    queue = "blog"
    store = "sqlite:$dir/contacts.db"
}
CONF
whole "a switch" 'adapter tserver (switch 127.0.0.1:8029), adapter webhook (base https://127.0.0.1:8033)'
broken fails gcx.conf 's/^adapter webhook {/&\n    ca = "nowhere.pem"/' 'no certificate can be read in nowhere.pem'
echo 'strategy told on voice { sms.send("We call.") else {}; stop "told"; }' >told.gcx
"$gcxc" build told.gcx -o told.gcxb || cleanup 1
broken warns gcx.conf 's/{"texts.gcxb"/&, "told.gcxb"/' 'told.gcx:1: sms.send fails whenever it is asked'
echo 'strategy rung on voice { connect in vq rung { group helpers; } ring 2 answer 20s timeout 5m else stop "nobody"; }' >rung.gcx
echo 'site { vq rung; group helpers; }' >rung_site.gcx
"$gcxc" build --site rung_site.gcx rung.gcx -o rung.gcxb || cleanup 1
broken warns gcx.conf 's/{"texts.gcxb"/&, "rung.gcxb"/' 'rung.gcx:1: ring fails whenever it is asked: no adapter here can that (it can ring several telephones for one call, and the first to answer has it); add `adapter sip'
echo 'site { place lodge; group porters; }' >porters_site.gcx
echo 'strategy lodged on voice { route place lodge answer 15s else {}; stop "nobody"; }' >lodged.gcx
echo 'strategy ported on voice { route group porters answer 15s else {}; stop "nobody"; }' >ported.gcx
for built in lodged ported; do "$gcxc" build --site porters_site.gcx $built.gcx -o $built.gcxb || cleanup 1; done
broken warns gcx.conf 's/{"texts.gcxb"/&, "lodged.gcxb"/' 'lodged.gcx:1: place lodge has no telephone: a route there fails with invalid_destination where no agent is; give it one'
broken warns gcx.conf 's/{"texts.gcxb"/&, "ported.gcxb"/' 'ported.gcx:1: group porters has no telephone'
broken fails directory.sql "s/'blog', 'posts'/'blog', 'answers'/" 'strategy answers is not on social'
broken fails gcx.conf 's/8033/8032/' 'is where this adapter listens itself; name the network'
broken warns gcx.conf 's#^adapter tserver {#adapter desk { users = "'"$dir"'/users-of-desk" outbound = "mails" tserver = "127.0.0.1:8030" listen = "127.0.0.1:8037" store = "sqlite:'"$dir"'/contacts.db" }\n&\n    users = "'"$dir"'/users-of-switch"#' 'user lee of the desk cannot log in'
broken warns gcx.conf 's#^adapter webhook#adapter desk2 { plugin = "desk" users = "'"$dir"'/users-of-desk" outbound = "mails" tserver = "127.0.0.1:8044" listen = "127.0.0.1:8039" store = "sqlite:'"$dir"'/contacts.db" }\n&#' 'no adapter here lets desktops in at 127.0.0.1:8044'
broken warns directory.sql 's/.mails., .answers.,/ &/' 'no adapter here has the medium email'
told
broken fails gcx.conf 's/8030/8029/' 'name the switch'
broken fails gcx.conf 's#127.0.0.1:8033#&/ v1#' '8033/ v1` is no URL'
broken fails gcx.conf 's/^adapter tserver/adapter mails { plugin = "email" lmtp = "127.0.0.1:8035" addresses = "us@example.com=blog" store = "sqlite:contacts.db" from = "us@example.com" submission = "smtp:\/\/localhost:99999" }\n&/' 'localhost:99999` is not an address'
broken fails gcx.conf 's/^adapter webhook/adapter third { plugin = "tserver" switch = "127.0.0.1 :8034" }\n&/' '127.0.0.1 :8034` is not an address'
broken warns directory.sql "s/'blog', 'posts'/'blog', 'chosen'/" 'no desk has social in its `media`: what comes to queue blog is offered to no agent'
broken warns gcx.conf 's/^adapter tserver.*/&\n    users = "users"/' 'users is found from the folder of this command alone'
broken fails gcx.conf 's/^adapter tserver.*/adapter more { plugin = "tserver" switch = "127.0.0.1:8029" }\n&/' '127.0.0.1:8029 is taken by adapter `more`: switch'
told
# A site that no strategy has for mails may only send them.
cp gcx.conf one.conf; cp directory.sql one.sql
sed -i "s/'answers'/'asked'/g; s/'thank'/'asked'/g" directory.sql
sed -i 's/^adapter tserver/adapter mails { plugin = "email" lmtp = "none" addresses = "us@example.com=blog" store = "sqlite:contacts.db" from = "us@example.com" submission = "smtp:\/\/127.0.0.1:8025" }\n&/' gcx.conf
"$gcxvm" --check gcx.conf >said 2>&1
grep -q 'smtp://127.0.0.1:8025' said || say_failed "the adapter that sends is not asked: $(cat said)"
! grep 'no mail comes in' said || say_failed "a site that only sends mails lacks a door for them"
mv one.conf gcx.conf; mv one.sql directory.sql

# What a strategy picks among 800 queues is found for all of them at once: a walk for each took a processor's 11 seconds.
mkdir many
(umask 077; echo '7001 secret' >many/telephones)
awk 'BEGIN {
    for (i = 0; i < 800; i++) names = names (i ? ", " : "") "q" i
    print "site { default zone \"Europe/Paris\"; default timeout 10m; queue " names "; }" >"many/site.gcx"
    print "strategy s on voice {\n    let aim = queue q0;" >"many/s.gcx"
    for (i = 1; i < 800; i++) print "    if dnis == \"" i "\" { aim = queue q" i "; }" >"many/s.gcx"
    print "    route aim else stop \"no\";\n}" >"many/s.gcx"
    print "create table queue (name text primary key, dn text); create table dn (number text primary key, type text);" >"many/directory.sql"
    print "create table routing_point (dn text primary key, strategy text, defaults text);" >"many/directory.sql"
    print "insert into dn values (\x271800\x27, \x27routing_point\x27); insert into routing_point values (\x271800\x27, \x27s\x27, \x27\x27);" >"many/directory.sql"
    for (i = 0; i < 800; i++) print "insert into dn values (\x27" 5000 + i "\x27, \x27queue\x27); insert into queue values (\x27q" i "\x27, \x27" 5000 + i "\x27);" >"many/directory.sql"
}'
"$gcxc" build --site many/site.gcx many/s.gcx -o many/s.gcxb || say_failed "many queues do not compile"
printf 'state = "%s/many"\nlinks = "%s/many/l.sock"\nplugins = "%s"\ndirectory = "directory.sql"\nstrategies = {"s.gcxb"}\nadapter sip { numbers = "1800" telephones = "%s/many/telephones" }\n' \
    "$dir" "$dir" "$plugins" "$dir" >many/gcx.conf
(ulimit -t 5; exec "$gcxvm" --check many/gcx.conf) >said 2>&1
[ "$(grep -c 'the exchange cannot call 5[0-9]*, the DN of queue q' said)" = 800 ] || { say_failed "of 800 queues not all are told"; head -3 said; }
# A skill in the data, of the name of a queue, is no destination, wherever it is that another queue comes from.
sed -i '1s/ }$/ skill q1; vq v; }/' many/site.gcx
cat >many/t.gcx <<'G'
function pick(first: bool): queue { if first { return queue q0; } return queue q0; }
strategy t on voice {
    let needed = [skill q1];
    for one in needed { select in vq v { skill[one] >= 1; } timeout 1s else {}; }
    let aim = pick(dnis == "1");
    route aim else stop "no";
}
G
"$gcxc" build --site many/site.gcx many/t.gcx -o many/t.gcxb || say_failed "a skill of a queue's name does not compile"
sed -i 's/s.gcxb/t.gcxb/' many/gcx.conf; sed -i "s/'1800', 's'/'1800', 't'/" many/directory.sql
"$gcxvm" --check many/gcx.conf >said 2>&1
grep -q 'the DN of queue q0' said && ! grep -q 'the DN of queue q1' said || { say_failed "a skill is told as a queue of its name"; head -3 said; }

! grep sesame everything || say_failed "a password of a URL is told"
# Each row of the table has a case above; but for those of a user who may not, as the tests are often root's.
awk -v passed="state_user key_user file_user" '
    BEGIN { split(passed, names, " "); for (i in names) skip[names[i]] = 1 }
    NR == FNR { said[NR] = $0; count = NR; next }
    /^CHECK\(/ {
        id = $0; sub(/^CHECK\(/, "", id); sub(/,.*/, "", id)
        text = $0; sub(/"\)$/, "", text); sub(/.*", "/, "", text)
        n = split(text, part, /%[0-9]/); found = id in skip
        for (i = 1; i <= count && !found; i++) {
            rest = said[i]; found = 1
            for (k = 1; k <= n && found; k++) { at = index(rest, part[k]); found = at > 0 || part[k] == ""; if (part[k] != "") rest = substr(rest, at + length(part[k])) }
        }
        if (!found) { print "no case tells: " id; bad = 1 }
    }
    END { exit bad }' everything "$top_srcdir/runtime/adapter/checks.def" || failures=$((failures + 1))

echo "broken configurations told of: $told of $cases"
cleanup $((failures > 0))
