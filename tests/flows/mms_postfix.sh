#!/bin/bash
# Postfix delivers multimedia messages by MM4, and sends the answers that they ask for: each arrives once, with its slides,
# also where the adapter is not there yet, says that it cannot now, or is killed while the message is on its way. What is to
# nobody goes back to whom it came from. Postfix is installed, or unpacked in GCX_POSTFIX (`quickstart check` does it).
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/mms_common.sh"
for program in swaks sqlite3 python3; do
    command -v $program >/dev/null || { echo "$program is not installed"; cleanup 77; }
done
[ "$(id -u)" = 0 ] || { echo "Postfix is started by root alone"; cleanup 77; }
postfix=${GCX_POSTFIX-}/usr/lib/postfix
[ -x "$postfix/sbin/master" ] || { echo "Postfix is neither installed nor unpacked in GCX_POSTFIX"; cleanup 77; }
! LD_LIBRARY_PATH=$postfix ldd "$postfix/sbin/smtpd" | grep 'not found' || { echo "Postfix lacks libraries"; cleanup 77; }
ports=$(python3 "$top_srcdir/tests/flows/free_ports.py" 2)
smtp=${ports% *} door=${ports#* }
chmod 755 "$dir" && mkdir -p "$dir/mail/box" "$dir/mail/data" "$dir/mail/queue/pid" && cd "$dir/mail" || cleanup 1
for queue in active bounce corrupt defer deferred flush hold incoming maildrop private public saved trace; do mkdir "queue/$queue"; done
chmod 700 queue/* && chmod 755 queue/pid queue/public && chown -R nobody data queue/[!p]* queue/private queue/public && chown daemon box
# Its users are those of any Debian: the package's own are not made where it is only unpacked.
cat >main.cf <<CONF
compatibility_level = 3.6
queue_directory = $dir/mail/queue
data_directory = $dir/mail/data
daemon_directory = $postfix/sbin
shlib_directory = $postfix
meta_directory = $dir/mail
mail_owner = nobody
setgid_group = mail
default_privs = daemon
maillog_file = $dir/mail/log
maillog_file_prefixes = $dir
import_environment = MAIL_CONFIG LD_LIBRARY_PATH
export_environment = MAIL_CONFIG LD_LIBRARY_PATH
myhostname = mx.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtp_connection_cache_on_demand = no
smtp_tls_security_level = none
fast_flush_domains =
transport_maps = inline:{mms.example=smtp:[127.0.0.1]:$door}
virtual_mailbox_domains = mmsc.example
virtual_mailbox_maps = static:all
virtual_mailbox_base = $dir/mail/box
virtual_uid_maps = static:1
virtual_gid_maps = static:1
virtual_minimum_uid = 1
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
CONF
{
    echo "127.0.0.1:$smtp inet n - n - - smtpd"
    while read -r service program; do echo "$service unix - - n - - $program"; done <<SERVICES
rewrite trivial-rewrite
proxymap proxymap
smtp smtp
retry error
error error
SERVICES
    for bounces in bounce defer trace; do echo "$bounces unix - - n - 0 bounce"; done
    echo 'cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd'
} >master.cf
cd "$OLDPWD" || cleanup 1
master=
also_end() { [ -z "$master" ] || { kill "$master"; wait "$master"; } 2>/dev/null; }
MAIL_CONFIG=$dir/mail LD_LIBRARY_PATH=$postfix "$postfix/sbin/master" -d -c "$dir/mail" >"$dir/postfix.out" 2>&1 &
master=$!
listens() { python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()' "$1"; }
await listens "$smtp" || { cat "$dir/postfix.out" "$dir/mail/log"; cleanup 1; }
postfix_said() { grep -q "$1" "$dir/mail/log"; }
make_pictures "mm4 = \"127.0.0.1:$door\" mm4_answers = \"smtp://127.0.0.1:$smtp\"
  mm4_from = \"system@mms.example\" submit_timeout = \"1\"" "sqlite:$dir/contacts"
store_sql() { sqlite3 -readonly -cmd '.timeout 5000' "$dir/contacts" "$@"; }
kept() { [ "$(store_sql "select count(*) from interactions where external_id = 'mm4-$1'")" = 1 ]; }
acknowledged() { grep -A 9 "^X-Mms-Message-Type: MM4_forward.RES" "$dir/mail/box/all" | grep -c "^X-Mms-Transaction-ID: \"x-$1\""; }

send() { # ID TEXT [TO]
    printf '%s\r\n' 'From: <+491701234502/TYPE=PLMN@mmsc.example>' "To: <+4930123/TYPE=PLMN@mms.example>" 'Subject: by Postfix' 'MIME-Version: 1.0' \
        'X-Mms-Message-Type: MM4_forward.REQ' "X-Mms-Message-ID: \"$1\"" "X-Mms-Transaction-ID: \"x-$1\"" 'X-Mms-Ack-Request: Yes' \
        'X-Mms-Originator-System: system@mmsc.example' 'Content-Type: multipart/related; boundary=in' '' \
        '--in' 'Content-Type: application/smil' '' '<smil><body><par dur="5s"><text src="cid:words"/></par><par><img src="cid:shot"/></par></body></smil>' \
        '--in' 'Content-Type: image/jpeg' 'Content-ID: <shot>' 'Content-Transfer-Encoding: base64' '' "$(printf '\377\330\377 a picture' | base64)" \
        '--in' 'Content-Type: text/plain; charset=utf-8' 'Content-ID: <words>' '' "$2" '--in--' >"$dir/mm4"
    POSIXLY_CORRECT=1 swaks --server 127.0.0.1 --port "$smtp" --from 'customer@mmsc.example' --to "${3-+4930123}/TYPE=PLMN@mms.example" --data "@$dir/mm4" >"$dir/swaks" 2>&1 || { echo "Postfix has not taken it"; cat "$dir/swaks" "$dir/mail/log"; cleanup 1; }
}
# Nothing listens yet.
send m-1 "before you are there"
await postfix_said 'status=deferred (connect to 127.0.0.1.*refused'
start
await link_is up
await kept m-1
[ "$(store_sql "select bytes from pieces join parts on parts.id = part where role = 'slides'")" = '[{"ms":5000,"parts":[2]},{"ms":0,"parts":[1]}]' ] ||
    { say_failed "the slides"; store_sql "select role, type, content_id from parts; select bytes from pieces join parts on parts.id = part where role = 'slides'"; }
await acknowledged m-1

# The core stands still: Postfix hears 451 and keeps it. The adapter is killed while Postfix tries again.
adapter=$(adapter_pid)
kill -STOP "$vm"
send m-2 "while you stand still"
await postfix_said 'status=deferred (host 127.0.0.1.* said: 451'
tries() { [ -n "$(find "$dir/mail/queue/active" -type f)" ]; }
await tries
kill -KILL "$adapter"
kill -CONT "$vm"
await kept m-2
await acknowledged m-2

# To nobody of ours: for good, and told to whom it is from.
send m-3 "to nobody" +49999
await grep -q '^Final-Recipient: .*+49999' "$dir/mail/box/all"

empty() { [ -z "$(find "$dir"/mail/queue/{incoming,active,deferred} -type f)" ]; }
await empty
expect '2 live' ctl status
[ "$(store_sql "select count(*) from interactions")" = 2 ] || say_failed "something is kept twice, or what was to nobody"
[ "$(acknowledged m-1) $(acknowledged m-3)" = "1 0" ] || say_failed "the answers"
stop 0
[ "$failures" = 0 ] || { cat "$dir/mail/log"; head -n 40 "$dir/mail/box/all"; }
finish
