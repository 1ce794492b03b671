# tests/flows/sms_common.sh - What the scripts of the plugin `sms` share: an SMSC of ours, a configuration, a strategy's image.
# Sourced behind daemon_common.sh.
command -v python3 >/dev/null || { echo "python3 is not installed"; cleanup 77; }
[ -f "$top_builddir/.libs/sms.so" ] || cleanup 77
smsc=
smsc_end() { [ -z "$smsc" ] || { kill "$smsc"; wait "$smsc"; } 2>/dev/null; smsc=; }
also_end() { smsc_end; }
# smsc_start [PORT]
smsc_start() {
    rm -f "$dir/smsc.port"
    python3 "$top_srcdir/tests/flows/smsc.py" "$dir" "$@" 2>>"$dir/smsc.log" &
    smsc=$!
    await test -s "$dir/smsc.port"
}
"$gcxc" build "$top_srcdir/tests/flows/sms_wire.gcx" -o "$dir/texts.gcxb" || cleanup 1
# make_texts SETTINGS: the configuration and the directory.
make_texts() {
    make_world "adapter sms {
  plugin = \"$top_builddir/.libs/sms.so\"
  numbers = \"+4930123=service\"
  store = \"sqlite:$dir/contacts\"
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
