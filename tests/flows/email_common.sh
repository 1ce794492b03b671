# tests/flows/email_common.sh - What the scripts of the plugin `email` share: an Exim that takes what we send, by STARTTLS
# with a certificate of an authority of ours, and gives it to a Dovecot by LMTP; Dovecot keeps it, and has IMAP.
# Sourced behind daemon_common.sh.
PATH=$PATH:/usr/sbin
for program in swaks exim4 dovecot setpriv openssl python3; do
    command -v "$program" >/dev/null || { echo "$program is not installed"; cleanup 77; }
done
[ -f "$top_builddir/.libs/email.so" ] && [ "$(id -u)" = 0 ] || cleanup 77 # Dovecot and Exim are started as nobody
[ -f /usr/lib/dovecot/imap ] || { echo "dovecot-imapd is not installed"; cleanup 77; }
exim=
dovecot=
mail_end() { for pid in $exim $dovecot; do kill -CONT "$pid"; kill "$pid"; wait "$pid"; done 2>/dev/null; }
also_end() { mail_end; }
as_nobody() { exec setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$dir/mail" "$@"; }
ports=$(python3 "$top_srcdir/tests/flows/free_ports.py" 3)
smtp=${ports%% *} imap=${ports##* } lmtp=${ports#* } lmtp=${lmtp% *}

mkdir "$dir/mail" && chmod 755 "$dir" && chown nobody:nogroup "$dir/mail"
authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/$1.key" -out "$dir/$1.pem" -subj "/CN=$1" -days 2; }
{ authority ca && authority other &&
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/mail/mx.key" -out "$dir/mx.csr" -subj /CN=mx &&
    echo 'subjectAltName=IP:127.0.0.1' >"$dir/mx.ext" &&
    openssl x509 -req -in "$dir/mx.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -extfile "$dir/mx.ext" -days 2 \
        -out "$dir/mail/mx.pem"; } >"$dir/openssl.log" 2>&1 || { cat "$dir/openssl.log"; cleanup 1; }
chown nobody:nogroup "$dir"/mail/mx.*
cat >"$dir/dovecot.conf" <<CONF
base_dir = $dir/mail/run
state_dir = $dir/mail/state
log_path = $dir/mail/dovecot.log
protocols = lmtp imap
listen = 127.0.0.1
ssl = required
ssl_cert = <$dir/mail/mx.pem
ssl_key = <$dir/mail/mx.key
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
first_valid_uid = 1
mail_location = maildir:$dir/mail/box/%n
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $imap
  }
  inet_listener imaps {
    port = 0
  }
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
smtp_accept_queue_per_connection = 0
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = $dir/mail/mx.pem
tls_privatekey = $dir/mail/mx.key
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
  hosts_avoid_tls = *
begin retry
* * F,1h,1s
CONF
(umask 077 && echo pw >"$dir/password")
listens() { python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()' "$1"; }
dovecot_start() {
    as_nobody dovecot -c "$dir/dovecot.conf" -F >>"$dir/dovecot.out" 2>&1 &
    dovecot=$!
    await listens "$lmtp" && await listens "$imap"
}
exim_start() {
    as_nobody exim4 -C "$dir/exim.conf" -bdf -q1s >>"$dir/exim.out" 2>&1 &
    exim=$!
    await listens "$smtp"
}
dovecot_start && exim_start || { cat "$dir"/*.out "$dir"/mail/*log; cleanup 1; }

"$gcxc" build "$top_srcdir/tests/flows/email_wire.gcx" -o "$dir/mails.gcxb" || cleanup 1
# make_mails SETTINGS STORE: the configuration, the directory, and the standard response that answers.
make_mails() {
    make_world "adapter email {
  plugin = \"$top_builddir/.libs/email.so\"
  addresses = \"service@shop.example=service\"
  store = \"$2\"
  port_file = \"$dir/port\"
  submission = \"smtp://127.0.0.1:$smtp\"
  submission_ca = \"$dir/ca.pem\"
  retry = \"1\"
  $1
}"
    site_queues mails.gcxb service desk
    cat >>"$dir/directory.sql" <<'SQL'
insert into routing_point (dn, strategy) values ('service', 'mails');
SQL
    printf 'category,name,language,subject,text\nService,received,,We have it,"Dear {contact.name}, soon."\n' >"$dir/responses.csv"
    "$top_builddir/gcxstore" import "$2" "$dir/responses.csv" >/dev/null || say_failed "no responses"
    "$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
}
# deliver OPTION...: to the adapter's door, where there is one: swaks asks for a port that is empty for ever.
deliver() {
    local port
    port=$(cat "$dir/port") && [ "$port" ] || return 1
    swaks --protocol LMTP --server 127.0.0.1 --port "$port" --to service@shop.example "$@" >"$dir/swaks" 2>&1
}
# answered NAME: the mailbox of who wrote has an answer; answers_of NAME: how many.
answered() { grep -q "^Dear .*, soon" "$dir/mail/box/$1"/new/*; }
answers_of() { ls "$dir/mail/box/$1/new" | wc -l; }
