#!/bin/sh
# tests/fuzz/words.sh NAME - A target's dictionary for libFuzzer, out of the tables and readers of what it is fed.
set -u
cd "$(dirname "$0")/../.." || exit 1
# What stands between quotes in these files; names in the tables' rows.
quoted() { grep -ohE '"[][A-Za-z0-9_$ .{}()<>=?:;,|!+*/%@-]{1,40}"' "$@"; }
named() { sed -nE 's/^ *[A-Z_]+\(("?)([A-Za-z_][A-Za-z0-9_.]*)\1[,)].*/"\2"/p' "$@"; }
# The head of each kind's frame without fields: length, kind, zero.
heads() {
    awk -F '[(,]' '/^(CONTROL|EVENT|EFFECT)\(/ {printf "\"\\x04\\x00\\x00\\x00\\x%02x\\x%02x\\x00\\x00\"\n", $3 % 256, int($3 / 256)}' "$@"
}
values() { sed -nE 's/^ *[A-Z_]+\([a-zA-Z_]+, *"?([A-Za-z_][A-Za-z0-9_.]*)"?[,)].*/"\1"/p' "$@"; }
case $1 in
source)
    { named compiler/syntax/words.def vm/attributes.def; quoted compiler/syntax/words.def vm/steps.def; named vm/steps.def
      quoted compiler/syntax/lexer.l compiler/language/types.c compiler/check/name.c
      printf '"%s"\n' '{x}' '..' '?.' '->' '??' '///' '2026-03-02 09:00' '1h' '50%' 'ring -> release' 'else stop \"\";' \
        'select in vq service { skill Sales >= 1; } timeout 1m' 'test \"a\" { ' 'strategy s on voice {' \
        ' by everyone preview 10s' ' until limit > 1' ' busy { mandatory {' 'race {' 'parallel { let a = ' ' share 50%' ' timeout 1m' \
        'connect in vq service { group overflow; } answer 9s' 'priority += 1 every 10s to 5;' 'count c[ani];' 'counter c[str] over 1h;' \
        'native function f(x: int): int from \"l\";' 'endpoint e(a: str): int = get \"/{a}\";' 'http.e(ani)' 'callback.book(' 'callback.slots(' \
        'callback.dial(' 'callback.keep_place(ani)' 'contact.' 'strategy c on callback {' 'ivr.record(' 'ivr.replay(' 'outbound.add(' 'blob' 'place p1;' 'dn.named(' \
        'target.place' 'parties' 'table t { key prefix k: str; n: int? }' 't[ani]?.n' 'schedule h { mon..fri 08:00..12:00; }' 'h.open()' \
        ' in h ->' 'sample(10%)' 'on signal paid(p) {' 'wait for paid' 'switch to s(1)' ' then s where ' ' whisper \"a\"' 'main.ani' \
        'secret k: str;' 'exclude queue desk for 1m;' 'parameter p: percent(0%..50%) = 5%;' 'parameter p: percent = 5% within 0%..50%;' 'language 2;' 'user_data[\"a\"][\"b\"].int' ; } ;;
adapter) { heads runtime/vocabulary/controls.def runtime/vocabulary/events_*.def runtime/vocabulary/effects_*.def
      printf '"%s"\n' '\xff\xff\xff\xff' '\x00\x00\x04\x00' '\x01\x00\x04\x00' '\x80\x01' '\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01'; } ;;
image) quoted vm/debug.c ;;
cti) { quoted runtime/adapters/cti/*.c runtime/adapters/tserver/*.c; printf '"%s"\n' '0010000000000001' '\x0as' '\x0a1' '\x0aa' \
        '7001' '7002' '1800' '5000' 'marie' '{\"$time_us\":1}' '[[\"k\",1]]' '\"callID\":\"1\"' '\"ThisDN\":\"7001\"' ; } ;;
conf) { values runtime/daemon/site/conf.def runtime/daemon/protocol/words.def; named runtime/daemon/site/conf.def; quoted runtime/daemon/site/conf.c runtime/daemon/base/log.c; printf '"%s"\n' 'source ' 'adapter ' \
        'log {' ' = ' '{\"' '\"}' '/*' '*/' '//' '${HOME}' '+=' 'include(\"a\")'; } ;;
scenario) quoted runtime/scenario/scenario.def runtime/scenario/codec.c runtime/sim/expr.c runtime/sim/values.c ;;
postgres) { quoted runtime/sources/pgtypes.c; printf '"%s"\n' 'infinity' 'NaN' ' day ' ' mon ' ' years' '+00' 'BC' '0x' '\\x' '-02:03:04' '9223372036854775808' ; } ;;
head) { quoted base/head.c; printf '"%s"\n' 'Content-Length: 5' 'Transfer-Encoding: chunked' 'Host: a' '\x0d\x0a\x0d\x0a' '\x0d\x0a' ' HTTP/1.1' ; } ;;
http) { quoted runtime/daemon/watch/http.c tests/fuzz/fuzz_http.c; printf '"%s"\n' '\x0d\x0a\x0d\x0a' '\x0a\x0a' ' HTTP/1.1' '/metrics' ; } ;;
import) { quoted runtime/daemon/directory/import.c; printf '"%s"\n' 'create table ' 'create view ' 'insert into ' 'values (' 'text' ' as select ' \
        'null' 'primary key' 'union all ' 'pragma ' 'begin;' 'commit;' 'drop table ' 'alter table ' "x'00'" '-- ' '/* ' '5000,5001' '\"group\"'; } ;;
admin) { quoted runtime/daemon/protocol/commands.def runtime/daemon/admin/*.c; sed -nE 's/^ +(ARGUMENT|OPTION)\([a-z_]+, ([a-z_]+),.*/"\\"\2\\":"/p' runtime/daemon/protocol/commands.def; } ;;
lsp) { quoted compiler/lsp/*.c compiler/lsp/requests.def; named compiler/syntax/words.def; printf '"%s"\n' '\"uri\":\"file:///nowhere/site.gcx\"' '\"character\":' '\"line\":' '!' ; } ;;
mm7) { quoted runtime/adapters/mms/mm7.c runtime/adapters/mms/message.c; printf '"%s"\n' '--out\x0d\x0a' '--out--' 'Content-Type: text/xml' 'Content-Type: multipart/mixed; boundary=in' \
        'Content-Type: application/smil' 'Content-ID: <a>' 'Content-Location: ' 'image/png' '\xff\xd8\xff' '<Sender>' '<To>' '<Number>' '</' '/>' '<![CDATA[' ']]>' '<!DOCTYPE ' '<!ENTITY ' '&amp;' '&#x' \
        '<par dur=\"5s\">' '<img src=\"cid:a\"/>' 'xmlns:m=\"' '\xff\xfe<\x00' ; } ;;
smil) { quoted runtime/adapters/mms/smil.c; printf '"%s"\n' '<par dur=\"5s\">' '</par>' '<seq>' '<img src=\"cid:a\"/>' '<text src=\"b\"/>' '<![CDATA[' ']]>' '<!DOCTYPE smil [' '<!ENTITY ' '&#38;' 'indefinite' '1:02:03.5' ; } ;;
mail) printf '"%s"\n' 'Content-Type: ' 'multipart/' 'mixed' 'alternative' 'report' 'boundary=' 'message/rfc822' 'text/html' 'charset=' 'iso-2022-jp' 'utf-16' \
    'Content-Transfer-Encoding: ' 'base64' 'quoted-printable' 'filename*0*=' '=?utf-8?B?' '=?utf-8?Q?' '?=' 'From: ' 'Subject: ' 'References: ' 'Message-ID: <' \
    '\x0d\x0a' '\x0d\x0a\x0d\x0a' '--' '<a href=' '<script' '<!--' '-->' '&#x' '&amp;' 'Final-Recipient: ' 'message/delivery-status' ;;
dialogue) printf '"%s"\n' 'EHLO a\x0d\x0a' 'LHLO a\x0d\x0a' 'MAIL FROM:<' 'RCPT TO:<' 'DATA\x0d\x0a' '\x0d\x0a.\x0d\x0a' 'RSET\x0d\x0a' 'QUIT' ' SIZE=' ' BODY=8BITMIME' '@' '>' ;;
imap) printf '"%s"\n' '* 1 FETCH (' 'UID 5' 'BODY[] {3}\x0d\x0a' 'FLAGS (\\Seen gcx-try1)' 'RFC822.SIZE ' '* SEARCH 1 2' '* OK [UIDVALIDITY 7]' '\x0d\x0a' ')' '\"' ;;
work) { quoted runtime/adapters/work/application.c; printf '"%s"\n' '{\"id\":\"' '\",\"queue\":\"q\"' '\"data\":{\"' '{\"$time_us\":1}' '{\"$binary\":\"AA==\"}' '[[\"k\",1]]' '2026-03-02T10:00:00Z' 'Authorization: Bearer secret' '\x0d\x0a' 'POST /work' ; } ;;
sip_stream) printf '"%s"\n' 'Content-Length: ' 'l: ' 'Content-Length : 5' '\x0d\x0a' '\x0d\x0a\x0d\x0a' '\x0a\x0a' '\x0d\x0d' '\x0d\x0a ' '4294967296' '18446744073709551617' '65536' '-1' '+5' '0x5' \
    'SIP/2.0 200 OK' 'OPTIONS sip:a SIP/2.0' 'Via: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK1' 'CSeq: 1 OPTIONS' 'Call-ID: 1' 'From: <sip:b>;tag=1' 'To: <sip:a>' ;;
smpp) printf '"%s"\n' '\x04\x24\x00' '\x04\x27\x00\x01\x02' '\x00\x1e\x00' '\x05\x00\x03' '\x06\x08\x04' 'id:1 stat:DELIVRD err:000' '\x00\x00\x00\x10' '\x80\x00\x00\x04' '\x1b\x65' ;;
body) printf '"%s"\n' '\x00[' '\x00{\"' '\":' '\\u00e9' '1e-7' 'true' 'null' 'item' 'https://' 'http://' '{1}' '{2}' '?a=' '\x0anumber' '[::1]:8080' '%20' '@' '#' ;;
table) printf '"%s"\n' 'k,name,n,d,p,b,f,day,at' '\x0a' '\x0d\x0a' '\"\"' '\",\"' '2026-12-25' '9999-12-31' '23:59:59' '1h30m' '12.5%' 'true' 'false' ';' '1e300' '-9223372036854775808' '\xef\xbb\xbf' ;;
debugger) { named runtime/debugger/commands.def runtime/debugger/requests.def; quoted tests/debugger/dap.py; printf '"%s"\n' '{\"type\":\"request\",\"seq\":1,\"command\":\"' '\",\"arguments\":{\"' '\x0a' 'world\x0a' ' if ' '{n}'; } ;;
store) printf '"%s"\n' '{contact.name}' '@' '<' '>' '+49' '00' 'OR' 'NEAR' '\xef\xbf\xbd' 'sha256:' ;;
flow) { named compiler/import/kinds.def compiler/import/functions.def; quoted compiler/import/*.c; printf '"%s"\n' '<blocks xmi:type=\"ird:' 'xmi:id=\"' \
        '<links xmi:type=\"ird:WorkflowOutputLink\" fromBlock=\"' 'toBlock=\"' 'Variable(' 'script=\"' '&lt;' '<!DOCTYPE ' '<state id=\"' 'function () {' 'switch (' ; } ;;
dialplan) { named compiler/import/asterisk/applications.def compiler/import/asterisk/queues.def; quoted compiler/import/asterisk/*.c; printf '"%s"\n' 'exten => ' 'same => n,' 'include => ' '#include \"1\"\x0a' '#exec ' '${EXTEN:1}' '$[\"${A}\" = \"1\"]' '${ARG1}' '_X.' 's,1' '?a:b' '\x0a' '\x0c' '(!)' ; } ;;
workflow) { named compiler/import/taskrouter/workflow.def; printf '"%s"\n' '{\"task_routing\":{\"filters\":[{\"expression\":\"' '\"targets\":[{\"queue\":\"' 'worker.' 'task.' 'workers.available == 0' '1==1' ' AND ' ' OR ' ' HAS ' ' IN [' '\x0c' ; } ;;
contact_flow) { named compiler/import/connect/actions.def; printf '"%s"\n' '{\"StartAction\":\"a\",\"Actions\":[{\"Identifier\":\"a\",\"Type\":\"' '\"Parameters\":{\"' '\"Transitions\":{\"NextAction\":\"a\"' '\"Errors\":[{\"NextAction\":\"' '\"Conditions\":[{\"Condition\":{\"Operator\":\"Equals\",\"Operands\":[\"1\"]}' '$.Attributes.' '$.External.' '\x0c' ; } ;;
studio) { named compiler/import/studio/studio.def; printf '"%s"\n' '{\"initial_state\":\"a\",\"states\":[{\"name\":\"a\",\"type\":\"' '\"properties\":{\"' '\"transitions\":[{\"event\":\"' '\",\"next\":\"a\"}' '\"conditions\":[{\"type\":\"equal_to\",\"arguments\":[\"{{' '\"],\"value\":\"1\"}' '{{flow.variables.' '{{widgets.a.Digits}}' '.parsed.' '\"variables\":[{\"key\":\"a\",\"value\":\"' '\x0c' ; } ;;
aside) printf '"%s"\n' '2026-12-25' '9999-12-31' '2026-02-29' '\x0a' '\x0d\x0a' '#' 'SF:' 'DA:' 'DA:6,1' 'BRDA:' 'end_of_record' '18446744073709551615' ;;
pulled) { quoted compiler/sql/pulled.c; quoted compiler/sql/postgres.c; printf '"%s"\n' '  |' '\x0a' '\"\"' 'gcx schema 1\x0a'; } ;;
esac | LC_ALL=C sort -u
