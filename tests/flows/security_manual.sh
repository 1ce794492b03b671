#!/bin/bash
# tests/flows/security_manual.sh - The commands and the file of users in gcx-security(7) are good as they stand there.
for program in mandoc openssl; do command -v "$program" >/dev/null || exit 77; done
page=$top_builddir/man/gcx-security.7 gcxvm=$top_builddir/gcxvm plugin=$top_builddir/.libs/tserver.so
[ -f "$page" ] && [ -e "$plugin" ] || exit 77
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-security-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
failures=0
say_failed() { echo "FAILED: $*"; failures=$((failures + 1)); }

# What stands between .Bd and .Ed; a backslash is \e there.
sed -n '/^\.Bd/,/^\.Ed/p' "$page" | grep -v '^\.' | sed 's/\\e$/\\/; s/\\e/\\/g' >"$dir/displays"
# Commands: from `openssl`, `echo` or `chmod` on, with the lines that go on.
awk '/^(openssl|echo|chmod) / {on = 1} on {print} on && !/\\$/ {on = 0}' "$dir/displays" >"$dir/commands"
[ "$(grep -c '^openssl' "$dir/commands")" = 5 ] || say_failed "the manual has other commands than this test knows"
(cd "$dir" && umask 077 && sh -e ./commands) >"$dir/said" 2>&1 || { say_failed "a command of the manual"; cat "$dir/said"; }
for name in tserver marie; do
    openssl verify -CAfile "$dir/ca.pem" "$dir/$name.pem" >"$dir/said" 2>&1 || { say_failed "the certificate of $name"; cat "$dir/said"; }
done
openssl x509 -in "$dir/tserver.pem" -noout -checkhost tserver.example.org | grep -q 'does match' || say_failed "the server's name"
openssl x509 -in "$dir/tserver.pem" -noout -checkip 192.0.2.10 | grep -q 'does match' || say_failed "the server's address"

# The file of users, with a password that is one.
hash=$(echo 'open sesame' | "$gcxvm" --hash-password) || say_failed "gcxvm --hash-password"
grep -E '^(marie|paul|anne|board) ' "$dir/displays" | sed "s|password=[^ ]*|password=$hash|" >"$dir/users"
[ "$(wc -l <"$dir/users")" = 4 ] || say_failed "the manual has other users than this test knows"
chmod 600 "$dir/users"
check() { "$gcxvm" --adapter "$plugin" --check "$@" --set switch=127.0.0.1:9 --set users="$dir/users" --set certificate="$dir/tserver.pem" \
    --set key="$dir/tserver.key" --set client_ca="$dir/ca.pem" 2>&1; }
said=$(check --set listen=0.0.0.0:0) || say_failed "the manual's files are not good: $said"
said=$(check --set switch=192.0.2.1:7000) && say_failed "plain text to another machine is good"
[[ $said == 'switch_ca: is missing'* ]] || say_failed "plain text to another machine: $said"
said=$(check --set insecure=perhaps) && say_failed "insecure = perhaps"
[[ $said == 'insecure: `perhaps` is neither yes nor no' ]] || say_failed "insecure = perhaps: $said"
said=$(printf '\n' | "$gcxvm" --hash-password 2>&1) && say_failed "an empty password: $said"
exit $((failures > 0))
