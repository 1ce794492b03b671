#!/bin/bash
# tests/flows/https_wire.sh - Endpoints over TLS: a server is asked whose certificate the installation trusts and that is
# named so; one of another name, out of date, or of an unknown authority is not, and the log says why. A request
# that is redirected to a server without TLS is not asked there.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null && command -v openssl >/dev/null || exit 77

server=''
also_end() { [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }; }

# An authority, and who has a certificate of it; `own` has one of its own, `system` a good one, but nobody says whom to trust.
certs=$dir/certs
mkdir "$certs"
authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" -subj "/CN=$2" -days 2 "${@:3}" 2>&1; }
signed() { # signed NAME ALT-NAME [OPTION...]
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$certs/$1.key" -out "$dir/$1.csr" -subj "/CN=$1" 2>&1 &&
        printf 'subjectAltName=%s\n' "$2" >"$dir/$1.ext" &&
        openssl x509 -req -in "$dir/$1.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -extfile "$dir/$1.ext" -out "$certs/$1.pem" "${@:3}" 2>&1
}
{ authority "$dir/ca" "tests" && authority "$certs/own" own -addext "subjectAltName=IP:127.0.0.1" &&
    signed good IP:127.0.0.1 -days 2 && signed system IP:127.0.0.1 -days 2 && signed other DNS:other.example -days 2 &&
    signed expired IP:127.0.0.1 -days -1; } >"$dir/openssl.log" || { cat "$dir/openssl.log"; die "openssl"; }
openssl x509 -in "$certs/expired.pem" -checkend 0 -noout >/dev/null && die "the certificate that should have ended has not"

python3 "$top_srcdir/tests/flows/https_server.py" "$certs" "$dir/ports" "$dir/requests" &
server=$!
await test -s "$dir/ports"
port_of() { sed -n "s/^$1=//p" "$dir/ports"; }

mkdir -p "$flow"
cp "$enterprise"/*.sql "$flow"
image=$dir/https.gcxb source=$top_srcdir/tests/flows/https_wire.gcx
"$gcxc" build --site "$source" "$source" -o "$image" || die "gcxc build"
asked() { # asked ENDPOINT SERVER [CA-FILE]
    echo "endpoint $1 { url = \"https://127.0.0.1:$(port_of "$2")/base/\" connect_ms = 50000${3:+ ca_file = \"$3\"} }"
}
endpoints="$(asked good good ca.pem)
$(asked good_post good ca.pem)
$(asked other other ca.pem)
$(asked expired expired ca.pem)
$(asked own own ca.pem)
$(asked own_put own ca.pem)
$(asked system system)
$(asked plain plain ca.pem)"
conf_more="$endpoints
log_level = \"debug\""
begin tls
played
await logged 'told="good 7 7"'
await logged 'told="moved status"'
await logged 'told="moved_post status"'
for name in other expired own own_put system plain; do
    await logged "told=\"$name unavailable\""
done
why() { logged "warning host .*EventError .*text=\"$1: .*$2" || { say_failed "the log should say of $1: $2"; grep -a "text=\"$1: " "$dir/gcxvm.log"; }; }
why other 'no alternative certificate subject name matches'
why expired 'certificate has expired'
why own 'self.signed certificate'
why own_put 'self.signed certificate'
why system 'unable to get local issuer certificate'
why plain 'wrong version number\|record'
# How long each is good is known of those, too, that were never believed.
ends() { # ENDPOINT SIGN: it has a row, whose time left is positive, or negative
    ctl status --json | python3 -c 'import json, sys
rows = {row["name"]: row["left_us"] for row in json.load(sys.stdin)["certificates"] if row["adapter"] == "gcxvm"}
sys.exit(not (sys.argv[1] in rows and (rows[sys.argv[1]] < 0) == (sys.argv[2] == "over")))' "$1" "$2"
}
for name in good other own system; do await ends $name left; done
await ends expired over
stop

# Only the good one was asked anything, the redirections led nowhere, and what was not sent was not kept in doubt.
[ "$(sed 's/ .*//' "$dir/requests" | sort -u)" = good ] || { say_failed "who was asked"; cat "$dir/requests"; }
grep -q elsewhere "$dir/requests" && say_failed "a redirection was followed"
[ "$(grep -c . "$dir/requests")" = 4 ] || { say_failed "four requests were made"; cat "$dir/requests"; }

# A file of certificates that is none is refused before the first call.
echo 'no certificate' >"$dir/none.pem"
for file in none.pem missing.pem; do
    conf_more="$endpoints
$(asked more good "$file")"
    configure
    expect "endpoint .more.: ca_file .*$file" "$gcxvm" --check "$dir/gcx.conf"
done
finish
