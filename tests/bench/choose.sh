#!/bin/bash
# tests/bench/choose.sh redis|postgres AGENTS CALLS - The choice of `select decision` made by a server over a Unix socket:
# of the tenth of the agents that is ready, the longest idle one with skill[a] >= 8 and skill[b] >= 1, who is put behind
# the others. One client asks; nothing is made durable. Prints p50, p99, p99.9 of its answers in us; Redis's own
# benchmark tells no p99.9. Ends with 77 where the server is not installed.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
agents=$2 calls=$3 server=''
dir=$(mktemp -d /tmp/gcx-choose-XXXXXX) || exit 1
pg_end() { :; }
trap '[ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server"; pg_end; rm -rf "$dir"' EXIT

# AGENT SKILL LEVEL: five skills each, one of them at level 8 to 10.
awk -v agents="$agents" 'BEGIN {
    srand(1)
    for (i = 0; i < agents; i++) {
        split("", has)
        for (n = 0; n < 5; n++) {
            do skill = int(rand() * 20); while (skill in has)
            has[skill] = 1
            print i, skill, n == 0 ? 8 + int(rand() * 3) : 1 + int(rand() * 10)
        }
    }
}' >"$dir/skills"

redis() {
    command -v redis-server >/dev/null && command -v redis-benchmark >/dev/null || exit 77
    redis-server --port 0 --unixsocket "$dir/s" --dir "$dir" --save '' --appendonly no >"$dir/log" 2>&1 &
    server=$!
    until redis-cli -s "$dir/s" ping >/dev/null 2>&1; do kill -0 $server 2>/dev/null || exit 1; sleep 0.02; done
    { awk '{print "HSET l" $2, $1, $3}' "$dir/skills"; awk -v n=$((agents / 10)) 'BEGIN {for (i = 0; i < n; i++) print "ZADD idle", i, i}'
      echo "SET tick $agents"; } | redis-cli -s "$dir/s" --pipe >"$dir/filled" || exit 1
    # The random numbers that redis-benchmark puts in have twelve digits.
    cat >"$dir/choose.lua" <<'LUA'
        local a, b, from = 'l' .. tonumber(ARGV[1]), 'l' .. tonumber(ARGV[2]), 0
        while true do
            local some = redis.call('ZRANGE', 'idle', from, from + 15)
            if #some == 0 then return '' end
            local of_a, of_b = redis.call('HMGET', a, unpack(some)), redis.call('HMGET', b, unpack(some))
            for i, agent in ipairs(some) do
                if of_a[i] and of_b[i] and tonumber(of_a[i]) >= 8 then
                    redis.call('ZADD', 'idle', redis.call('INCR', 'tick'), agent)
                    return agent
                end
            end
            from = from + 16
        end
LUA
    script=$(redis-cli -s "$dir/s" -x SCRIPT LOAD <"$dir/choose.lua") || exit 1
    redis-benchmark -s "$dir/s" -c 1 -n "$calls" -r 20 --csv EVALSHA "$script" 0 __rand_int__ __rand_int__ 2>/dev/null |
        awk -F '","' 'NR == 2 {printf "%.0f %.0f ?\n", $5 * 1000, $7 * 1000}'
}

postgres() {
    . "$top/tests/flows/postgres_common.sh"
    [ -x "$pg_bin/pgbench" ] || exit 77
    pg_begin >&2 || exit 1
    tr ' ' '\t' <"$dir/skills" >"$dir/skills.tsv"
    { echo 'create unlogged table skill (agent int, skill int, level int, primary key (agent, skill));
        create unlogged table idle (tick bigint primary key, agent int unique); create sequence ticks;
        copy skill from stdin;'
      cat "$dir/skills.tsv"; echo '\.'
      echo "insert into idle select nextval('ticks'), agent from generate_series(0, $((agents / 10)) - 1) agent; analyze;"
    } >"$dir/fill.sql"
    pg_sql -f "$dir/fill.sql" >/dev/null || exit 1
    cat >"$dir/choose.sql" <<'SQL'
\set a random(0, 19)
\set b random(0, 19)
update idle set tick = nextval('ticks') where tick = (select i.tick from idle i
    where exists (select 1 from skill s where s.agent = i.agent and s.skill = :a and s.level >= 8)
      and exists (select 1 from skill s where s.agent = i.agent and s.skill = :b)
    order by i.tick limit 1 for update skip locked);
SQL
    (cd "$dir" && "$pg_bin/pgbench" -h "$pg_socket" -p "$pg_port" -U gcx -n -M prepared -f choose.sql -t "$calls" -l crm >/dev/null 2>&1) || exit 1
    cat "$dir"/pgbench_log.* | awk '{print $3}' | sort -n |
        awk '{us[NR] = $1} END {print us[int(NR * .5)], us[int(NR * .99)], us[int(NR * .999)]}'
}

case $1 in redis|postgres) "$1" ;; *) echo "usage: choose.sh redis|postgres AGENTS CALLS" >&2; exit 2 ;; esac
