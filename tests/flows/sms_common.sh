# tests/flows/sms_common.sh - What the scripts of the plugin `sms` share: an SMSC of ours, a configuration, a strategy's image.
# Sourced behind daemon_common.sh.
command -v python3 >/dev/null || { echo "python3 is not installed"; cleanup 77; }
[ -f "$top_builddir/.libs/sms.so" ] || cleanup 77
smsc=
# authority NAME: $dir/NAME.pem signs. certificate NAME AUTHORITY ALT-NAME [DAYS]: $dir/NAME.pem and NAME.key, and both as NAME.both.
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/$1.key" -out "$dir/$1.pem" -subj "/CN=$1" -days 2 \
        >"$dir/openssl.log" 2>&1 || { cat "$dir/openssl.log"; cleanup 1; }
}
certificate() {
    { echo "subjectAltName=$3" >"$dir/alt" &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/$1.key" -out "$dir/csr" -subj "/CN=$1" &&
        openssl x509 -req -in "$dir/csr" -CA "$dir/$2.pem" -CAkey "$dir/$2.key" -CAcreateserial -extfile "$dir/alt" -days "${4-2}" \
            -out "$dir/$1.pem"; } >"$dir/openssl.log" 2>&1 || { cat "$dir/openssl.log"; cleanup 1; }
    chmod 600 "$dir/$1.key"
    cat "$dir/$1.pem" "$dir/$1.key" >"$dir/$1.both"
}
smsc_end() { [ -z "$smsc" ] || { kill "$smsc"; wait "$smsc"; } 2>/dev/null; smsc=; }
also_end() { smsc_end; }
# smsc_start [PORT]: with TLS where $smsc_certificate is set.
smsc_start() {
    rm -f "$dir/smsc.port"
    SMSC_CERTIFICATE=${smsc_certificate-} python3 "$top_srcdir/tests/flows/smsc.py" "$dir" "$@" 2>>"$dir/smsc.log" &
    smsc=$!
    await test -s "$dir/smsc.port"
}
"$gcxc" build "$top_srcdir/tests/flows/sms_wire.gcx" -o "$dir/texts.gcxb" || cleanup 1
# make_texts SETTINGS: the configuration and the directory.
make_texts() {
    make_world "adapter sms {
  plugin = \"$top_builddir/.libs/sms.so\"
  numbers = \"+4930123=service\"
  store = \"${texts_store-sqlite:$dir/contacts}\"
  reconnect = \"1\"
  $1
}"
    site_queues texts.gcxb service desk
    echo "insert into routing_point (dn, strategy) values ('service', 'texts');" >>"$dir/directory.sql"
    "$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
}
store_sql() { sqlite3 -readonly -cmd '.timeout 5000' "$dir/contacts" "$@"; }
came() { grep -qF -e "$2" "$dir/$1"; }                      # FILE TEXT
counted() { [ "$(grep -cF -e "$2" "$dir/$1")" = "$3" ]; }       # FILE TEXT COUNT
deliver() { printf '%s\n' "$*" >>"$dir/deliver"; }             # FROM TO TEXT
