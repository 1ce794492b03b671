# tests/flows/mms_common.sh - What the scripts of the plugin `mms` share: a configuration, a directory, a strategy's image, and
# messages of a provider. Sourced behind daemon_common.sh.
command -v curl >/dev/null || { echo "curl is not installed"; cleanup 77; }
[ -f "$top_builddir/.libs/mms.so" ] || cleanup 77
"$gcxc" build "$top_srcdir/tests/flows/mms_wire.gcx" -o "$dir/pictures.gcxb" || cleanup 1
(umask 077 && echo provider:secret >"$dir/password")
# make_pictures SETTINGS STORE: the configuration and the directory.
make_pictures() {
    make_world "adapter mms {
  plugin = \"$top_builddir/.libs/mms.so\"
  numbers = \"+4930123=service\"
  store = \"$2\"
  country = \"DE\"
  mm7 = \"127.0.0.1:0\"
  port_file = \"$dir/port\"
  password_file = \"$dir/password\"
  $1
}"
    site_queues pictures.gcxb service desk
    echo "insert into routing_point (dn, strategy) values ('service', 'pictures');" >>"$dir/directory.sql"
    "$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
}
# envelope ID TO SUBJECT: as some providers write it, with prefixes that are not declared and a bare `&`.
envelope() {
    printf '<?xml version="1.0" encoding="utf-16"?>\n<soap::Envelope><soap::Header><mm7:TransactionID>%s</mm7:TransactionID></soap::Header>' "$1"
    printf '<soap::Body><DeliverReq><MM7Version>6.8.0</MM7Version><Sender><Number>+491701234501</Number></Sender><Recipients><To><Number>%s</Number></To></Recipients>' "$2"
    printf '<Subject>%s</Subject></DeliverReq></soap::Body></soap::Envelope>' "$3"
}
# message ID TEXT [TO]: a picture and a text on two slides.
message() {
    printf -- '--out\r\nContent-Type: text/xml\r\nContent-ID: soap-start\r\n\r\n'
    envelope "$1" "${3-4930123}" "${subject-broken & wet}"
    printf -- '\r\n--out\r\nContent-Type: multipart/related; boundary="in"\r\n\r\n'
    printf -- '--in\r\nContent-Type: application/smil\r\n\r\n<smil><body><par dur="5s"><text src="cid:words"/></par><par><img src="cid:shot"/></par></body></smil>\r\n'
    printf -- '--in\r\nContent-Type: image/png\r\nContent-ID: <shot>\r\n\r\n\377\330\377 a picture\r\n'
    printf -- '--in\r\nContent-Type: text/plain; charset=utf-8\r\nContent-ID: words\r\n\r\n%s\r\n--in--\r\n\r\n--out--\r\n' "$2"
}
# post FILE [OPTION...]: to the adapter's door, as $type; the answer goes to $dir/answer behind its status.
post() {
    local file=$1 port
    shift
    port=$(cat "$dir/port") && [ "$port" ] || return 1
    curl -sS -o "$dir/body" -w '%{http_code}\n' --max-time 60 -u provider:secret -H "Content-Type: ${type-multipart/related; type=\"text/xml\"; start=soap-start; boundary=out}" \
        --data-binary "@$file" "$@" "http://127.0.0.1:$port/mm7" >"$dir/answer" 2>"$dir/curl"
    cat "$dir/body" >>"$dir/answer" 2>/dev/null
}
# taken ID: the last answer says that we have the message.
taken() { grep -q "^200" "$dir/answer" && grep -q ">$1</mm7:TransactionID>" "$dir/answer" && grep -q '<mm7:StatusCode>1000<' "$dir/answer"; }
