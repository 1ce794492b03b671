# tests/flows/security_common.sh - What the tests of wire security share, beyond enterprise_common.sh: authorities and
# certificates in the test's folder, users, and clients that are `openssl s_client`. Sourced by bash.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v openssl >/dev/null || exit 77
clients=''
end_clients() { for pid in $clients; do kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; done; clients=''; }
also_end() { end_clients; }
mkdir "$dir/tls" || exit 1

# authority NAME: NAME.pem signs.
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$1 authority" \
        -keyout "$dir/tls/$1.key" -out "$dir/tls/$1.pem" 2>/dev/null || die "openssl req -x509"
}
# certificate NAME [SIGNER [CN [OPTION...]]]: NAME.pem and NAME.key, good for 127.0.0.1, signed by `ours`.
certificate() {
    local name=$1 signer=${2-ours} subject=${3-$1}
    shift; shift; shift
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$subject" \
        -keyout "$dir/tls/$name.key" -out "$dir/tls/$name.csr" 2>/dev/null &&
        openssl x509 -req -in "$dir/tls/$name.csr" -CA "$dir/tls/$signer.pem" -CAkey "$dir/tls/$signer.key" -days 2 \
            -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:$subject.example.org") "$@" -out "$dir/tls/$name.pem" 2>/dev/null ||
        die "openssl x509 -req"
    chmod 600 "$dir/tls/$name.key"
}
# hashed PASSWORD: as a file of users wants it. One of low cost, so that tests are quick under the sanitizers, may do.
hashed() { printf '%s\n' "$1" | "$gcxvm" --hash-password || die "gcxvm --hash-password"; }
users() { (umask 077; cat >"$dir/users.new") && mv "$dir/users.new" "$dir/users"; } # from standard input

tls_settings() { # of the clients' door
    printf ' certificate = "%s/tls/server.pem" key = "%s/tls/server.key" client_ca = "%s/tls/ours.pem" users = "%s/users"' "$dir" "$dir" "$dir" "$dir"
}

# client NAME [OPTION...]: connects by TLS, with options of s_client such as -cert; `say NAME JSON` and `hears NAME TEXT`
# then speak to it. The lines that it has heard are in $dir/NAME.out.
declare -A client_fd client_pid client_reference
client() {
    local name=$1 fd; shift
    rm -f "$dir/$name.in" "$dir/$name.out"
    mkfifo "$dir/$name.in" && exec {fd}<>"$dir/$name.in"
    openssl s_client -quiet -verify_quiet -CAfile "$dir/tls/ours.pem" -verify_return_error "$@" \
        -connect "127.0.0.1:$(cat "$dir/cti.port")" <"$dir/$name.in" >"$dir/$name.out" 2>"$dir/$name.err" &
    client_pid[$name]=$!
    client_fd[$name]=$fd
    client_reference[$name]=0
    clients="$clients $!"
}
shows() { echo -cert "$dir/tls/$1.pem" -key "$dir/tls/$1.key"; } # NAME: options for its certificate
say() { printf '%s\n' "$2" >&"${client_fd[$1]}"; }
has_heard() { grep -q -e "$2" "$dir/$1.out"; }
hears() { await has_heard "$1" "$2"; }
is_gone() { ! kill -0 "${client_pid[$1]}"; }
leave() { kill "${client_pid[$1]}" 2>/dev/null; wait "${client_pid[$1]}" 2>/dev/null; exec {client_fd[$1]}>&-; }
# request NAME REQUEST [JSON-MEMBERS]: asks, and prints the answer.
request() {
    local reference=$((${client_reference[$1]} + 1)) tries=1800
    client_reference[$1]=$reference
    say "$1" '{"Message":"'"$2"'","ReferenceID":'"$reference${3:+,$3}}"
    while ((tries-- > 0)); do
        grep -h -m 1 -e "\"ReferenceID\":$reference[,}]" "$dir/$1.out" && return 0
        sleep 0.05
    done
    echo "no answer to $2"
}
# grants NAME EVENT REQUEST [JSON-MEMBERS]; refuses NAME CODE REQUEST [JSON-MEMBERS]
grants() {
    local who=$1 event=$2 answer; shift 2
    answer=$(request "$who" "$@")
    client_reference[$who]=$((${client_reference[$who]} + 1))
    [[ $answer == *"\"Message\":\"$event\""* ]] || say_failed "$who should be granted $*: $answer"
}
refuses() {
    local who=$1 code=$2 answer; shift 2
    answer=$(request "$who" "$@")
    client_reference[$who]=$((${client_reference[$who]} + 1))
    [[ $answer == *'"EventError"'*"\"ErrorCode\":\"$code\""* ]] || say_failed "$who should be refused $* ($code): $answer"
}
