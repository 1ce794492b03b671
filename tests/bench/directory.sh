#!/bin/bash
# tests/bench/directory.sh BUILD [AGENTS] - A directory of 100,000 agents with five skills each, a file of SQL, imported
# while gcxvm runs: until it is in force and durable, s, and the bytes that gcxvm has more per agent afterwards; then the
# same file read by sqlite3 into a file, s.
set -u
build=$(cd "${1:-build}" && pwd) || exit 2
agents=${2:-100000}
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-directory-XXXXXX") || exit 1
daemon=
trap '[ -n "$daemon" ] && kill "$daemon" 2>/dev/null && wait "$daemon"; rm -rf "$dir"' EXIT
awk -v agents="$agents" 'BEGIN {
    print "create table skill (name text primary key);"
    print "create table agent (name text primary key, display text not null default \x27\x27);"
    print "create table agent_skill (agent text, skill text, level integer, primary key (agent, skill));"
    for (i = 0; i < 50; i++) printf "%s(\x27s%02d\x27)", i ? ", " : "insert into skill values ", i
    print ";"
    for (i = 0; i < agents; i++) {
        printf "%s(\x27a%06d\x27, \x27Agent %d\x27)%s", i % 500 ? ",\n" : "insert into agent values\n", i, i, i % 500 == 499 || i == agents - 1 ? ";\n" : ""
    }
    for (i = 0; i < agents; i++) {
        printf "insert into agent_skill values "
        for (k = 0; k < 5; k++) printf "%s(\x27a%06d\x27, \x27s%02d\x27, %d)", k ? ", " : "", i, (i * 7 + k * 11) % 50, (i + k) % 10 + 1
        print ";"
    }
}' >"$dir/agents.sql" || exit 1
echo 'create table agent (name text primary key);' >"$dir/nobody.sql"
printf 'directory = "nobody.sql"\ndirectory_s = 600\nstrategies = {}\n' >"$dir/gcx.conf"
"$build/gcxvm" "$dir/gcx.conf" >"$dir/log" 2>&1 &
daemon=$!
ctl() { "$build/gcxctl" --socket "$dir/state/admin.sock" "$@"; }
until ctl status --json 2>/dev/null | grep -q '"ready": true'; do
    kill -0 "$daemon" 2>/dev/null || { tail -n 3 "$dir/log" >&2; exit 1; }
    sleep 0.05
done
resident() { awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$daemon/status"; }
# took COMMAND...: its seconds
took() {
    local begin end
    begin=$(date +%s%N)
    "$@" >"$dir/said" 2>&1 || { cat "$dir/said" >&2; return 1; }
    end=$(date +%s%N)
    awk -v ns=$((end - begin)) 'BEGIN { printf "%.2f", ns / 1e9 }'
}
before=$(resident)
ours=$(took ctl --timeout 600 directory import "$dir/agents.sql") || exit 1
after=$(resident)
rival='?'
command -v sqlite3 >/dev/null && rival=$(took sqlite3 -cmd 'pragma journal_mode = off' -cmd begin "$dir/rival.db" ".read $dir/agents.sql" commit)
echo "$ours $(((after - before) / agents)) $rival"
