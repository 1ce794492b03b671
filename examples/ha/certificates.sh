#!/bin/bash
# certificates.sh FOLDER NAME=ADDRESS[,ADDRESS]... - A certification authority, and a certificate with its key per
# machine, for 825 days: FOLDER/ca.crt, ca.key, NAME.crt, NAME.key. A file that is there stays, so that a later call adds a
# machine, or renews one whose files were removed. ca.key stays where this runs, away from the others. The authority has a
# name that no other has, so that whoever refuses another's certificate can say so.
set -eu
[ $# -ge 2 ] || { sed -n '2s/^# //p' "$0"; exit 2; }
quietly() { local said; said=$("$@" 2>&1) || { echo "$said" >&2; exit 1; }; }
folder=$1; shift
umask 077
mkdir -p "$folder"
cd "$folder"
ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
[ -f ca.key ] || quietly openssl req -x509 "${ec[@]}" -days 3650 -subj "/CN=gcx ${PWD##*/} $(openssl rand -hex 4)" -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout ca.key -out ca.crt
for machine; do
    name=${machine%%=*} addresses=${machine#*=}
    [ ! -f "$name.crt" ] || continue
    printf '%s\n' "subjectAltName=DNS:$name,IP:${addresses//,/,IP:}" 'extendedKeyUsage=serverAuth,clientAuth' >"$name.ext"
    quietly openssl req "${ec[@]}" -subj "/CN=$name" -keyout "$name.key" -out "$name.csr"
    quietly openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -extfile "$name.ext" -out "$name.crt"
    rm "$name.csr" "$name.ext"
done
chmod 644 ./*.crt
