#!/bin/sh
# A mail from swaks goes by LMTP to the adapter, is kept, submitted and acknowledged by a strategy; Exim takes the answer
# and gives it to Dovecot, for the sender's mailbox. The same mail again is no second one; a machine's is not answered.
. "$top_srcdir/tests/flows/daemon_common.sh"

PATH=$PATH:/usr/sbin
for program in swaks exim4 dovecot setpriv; do
    command -v "$program" >/dev/null || { echo "$program is not installed"; exit 77; }
done
[ -f "$top_builddir/.libs/email.so" ] && [ "$(id -u)" = 0 ] || exit 77 # Dovecot and Exim are started as nobody
exim=
dovecot=
also_end() { for pid in $exim $dovecot; do kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; done; }
as_nobody() { exec setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$dir/mail" "$@"; }
# Two ports that nobody has now.
ports=$(python3 -c 'import socket
held = [socket.create_server(("127.0.0.1", 0)) for i in range(2)]
print(*[one.getsockname()[1] for one in held])')
smtp=${ports% *} lmtp=${ports#* }

mkdir "$dir/mail" && chmod 755 "$dir" && chown nobody:nogroup "$dir/mail"
cat >"$dir/dovecot.conf" <<CONF
base_dir = $dir/mail/run
state_dir = $dir/mail/state
log_path = $dir/mail/dovecot.log
protocols = lmtp
listen = 127.0.0.1
ssl = no
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
first_valid_uid = 1
mail_location = maildir:$dir/mail/box/%n
service anvil {
  chroot =
}
service lmtp {
  inet_listener lmtp {
    port = $lmtp
  }
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$dir/mail/box/%n allow_all_users=yes
}
passdb {
  driver = static
  args = password=pw
}
CONF
cat >"$dir/exim.conf" <<CONF
primary_hostname = mx.example
spool_directory = $dir/mail/spool
log_file_path = $dir/mail/exim-%slog
pid_file_path = $dir/mail/exim.pid
exim_user = nobody
exim_group = nogroup
daemon_smtp_ports = $smtp
local_interfaces = 127.0.0.1
tls_advertise_hosts =
acl_smtp_rcpt = accept
begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.1
  transport = boxes
  self = send
begin transports
boxes:
  driver = smtp
  protocol = lmtp
  port = $lmtp
  allow_localhost
begin retry
* * F,1h,1s
CONF
as_nobody dovecot -c "$dir/dovecot.conf" -F >"$dir/dovecot.out" 2>&1 &
dovecot=$!
as_nobody exim4 -C "$dir/exim.conf" -bdf -q1s >"$dir/exim.out" 2>&1 &
exim=$!
listens() { python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()' "$1"; }
await listens "$lmtp"
await listens "$smtp"

"$gcxc" build "$top_srcdir/tests/flows/email_wire.gcx" -o "$dir/mails.gcxb" || cleanup 1
make_world "adapter email {
  plugin = \"$top_builddir/.libs/email.so\"
  addresses = \"service@shop.example=service\"
  store = \"sqlite:$dir/contacts\"
  port_file = \"$dir/port\"
  submission = \"smtp://127.0.0.1:$smtp\"
  insecure = \"yes\"
}"
sed -i 's/^strategies = .*/strategies = {"mails.gcxb"}/' "$dir/gcx.conf"
cat >>"$dir/directory.sql" <<'SQL'
create table dn (number text primary key, type text not null default 'extension');
create table queue (name text primary key, dn text);
create table routing_point (dn text primary key, strategy text not null, defaults text not null default '');
insert into dn values ('service', 'queue'), ('desk', 'queue');
insert into queue values ('service', 'service'), ('desk', 'desk');
insert into routing_point (dn, strategy) values ('service', 'mails');
SQL
printf 'category,name,language,subject,text\nService,received,,We have it,"Dear {contact.name}, soon."\n' >"$dir/responses.csv"
"$top_builddir/gcxstore" import "sqlite:$dir/contacts" "$dir/responses.csv" >/dev/null || say_failed "no responses"
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || {
    cat "$dir/check"
    cleanup 1
}
start
await link_is up
await test -s "$dir/port"

deliver() { swaks --protocol LMTP --server 127.0.0.1 --port "$(cat "$dir/port")" --to service@shop.example "$@"; }
anna="--from anna@example.org --h-From Anna<anna@example.org> --header Message-Id:<one@example.org> --body hello"
deliver $anna >"$dir/swaks" 2>&1 || { say_failed "the mail was not taken"; cat "$dir/swaks"; tail "$dir/log"; }
answered() { ls "$dir"/mail/box/anna/new/* && grep -q "^Dear Anna, soon" "$dir"/mail/box/anna/new/*; }
await answered
grep -q '^In-Reply-To: <one@example.org>' "$dir"/mail/box/anna/new/* || say_failed "the answer has no thread"
deliver $anna >"$dir/swaks" 2>&1 || say_failed "the same mail again was not taken"
deliver --from '<>' --header 'Message-Id: <robot@example.org>' --header 'Auto-Submitted: auto-replied' \
    --h-From 'anna@example.org' >"$dir/swaks" 2>&1 || say_failed "a machine's mail was not taken"
await logged 'a machine wrote, and is not answered by one'
[ "$(ls "$dir"/mail/box/anna/new | wc -l)" = 1 ] || say_failed "more than one answer"
expect 'email in' "$top_builddir/gcxstore" search "sqlite:$dir/contacts" hello
stop 0
[ "$failures" = 0 ] && cleanup 0
tail -n 20 "$dir/log" "$dir/swaks"
cleanup 1
