#!/bin/bash
# tests/flows/fairness.sh - Agents who prefer some queues to others serve as the textbooks' designs do: gcxc simulate is
# held against formulas, and against chains that fairness.awk computes. A figure is right if the textbook's is not farther
# from the mean of the days than twice the half of their 95 % interval; and the interval must be narrow enough to tell.
# Under the sanitizers, where days are the same and take five times as long, three of each design are played and not judged.
set -u
gcxc=$(cd "$top_builddir" && pwd)/gcxc
here=$(cd "$top_srcdir/tests/flows" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-fairness-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
failures=0 judged=yes
! grep -q __asan_init "$gcxc" || judged=no
wrong() { echo "FAILED: $*"; failures=$((failures + 1)); }

cat >"$dir/body" <<'END'
strategy first on voice { connect in vq sales { skill English >= 1; } timeout 1h else {}; route queue desk; }
strategy second on voice { connect in vq service { skill English >= 1; } timeout 1h else {}; route queue desk; }
END
# site NAME ORDER: a site of two queues with that order for agents.
site() {
    mkdir "$dir/$1"
    { echo "site { default timeout 10m; skill English; group own_sales, own_service, both; vq sales, service; queue desk; $2 }"
        cat "$dir/body"; } >"$dir/$1/site.gcx"
}
# played NAME ARGUMENT...: simulates the site; the figures are in $dir/played.
played() {
    local name=$1; shift
    [ $judged = yes ] || local days=3
    "$gcxc" simulate "$dir/$name" --replications "${days:-20}" --format csv "$@" >"$dir/played" 2>"$dir/said" ||
        { wrong "$name: it is not played"; cat "$dir/said"; }
}
# holds WHAT: the lines `QUEUE MEASURE FIGURE` of standard input are what was played.
holds() {
    [ $judged = yes ] || { cat >/dev/null; return; }
    awk -v what="$1" 'NR == FNR {textbook[$1 "," $2] = $3; lines++; next}
        {
            name = $2 "," $3
            gsub("\"", "", name)
            if (!(name in textbook)) next
            off = $5 - textbook[name]
            half = ($7 - $6) / 2
            if (off > 2 * half || off < -2 * half || half > 0.2 * $5) {
                printf "%s: %s is %g, %g to %g, and by the textbook %g\n", what, name, $5, $6, $7, textbook[name]
                bad = 1
            }
            found++
        }
        END {if (found != lines || lines == 0) printf "%s: %d of %d figures\n", what, found, lines; exit bad || found != lines || lines == 0}' \
        - FS=, "$dir/played" || wrong "$1"
}
chain() { [ $judged = no ] || awk "$@" -v mean=90 -v patience=180 -f "$here/fairness.awk"; }
times=(--handling 'exponential(90s)' --patience 'exponential(3m)')

# V: one pool, two queues. With priorities and one mean service time, in a station of c agents, the wait of class k is
# C / (c mu) / ((1 - s(k-1)) (1 - s(k))), where s is the load of the classes up to k and C is Erlang's (Kella and Yechiali
# 1985). Here 10 agents with 36 s each and 350 calls/h of each class.
site v 'order for agents { vq sales; vq service; }'
days=10 played v --arrivals first=350/h --arrivals second=350/h --agents '10 (English: 5)' --handling 'exponential(36s)'
awk 'BEGIN {
    c = 10; load = 7; b = 1
    for (n = 1; n <= c; n++) b = load * b / (n + load * b)
    late = b / (1 - load / c * (1 - b)); each = late * 36 / c
    printf "sales delayed %f\nservice delayed %f\n", late, late
    printf "sales mean %f\nservice mean %f\n", each / (1 - 0.35), each / (1 - 0.35) / (1 - 0.7)
}' | holds "V, by rank"
# By age nobody comes first: both wait as in one queue.
site age 'order for agents by age { vq sales; vq service; }'
played age --arrivals first=120/h --arrivals second=60/h --agents 'both=5 (English: 5)' "${times[@]}"
chain -v l1=180 -v l2=0 -v s1=0 -v s2=0 -v s3=5 >"$dir/one"
{ cat "$dir/one"; sed -n 's/^sales/service/p' "$dir/one"; } | holds "V, by age"

# N: sellers, and agents for service who help them. Sales is the sellers' first choice, so they are asked first.
site none ''
n=(--profile 'own_sales=vq sales; others never' --agents 'own_sales=3 (English: 5) profile own_sales'
    --arrivals first=130/h --arrivals second=60/h "${times[@]}")
played none "${n[@]}" --profile 'both=vq service; vq sales' --agents 'both=3 (English: 5) profile both'
chain -v l1=130 -v l2=60 -v s1=3 -v s2=0 -v s3=3 -v second_first=1 | holds "N"
mean() { awk -F, -v queue="\"$1\"" '$2 == queue && $3 == "mean" {print $5}' "$dir/played"; }
sales=$(mean sales) service=$(mean service)
# They help later: sellers' callers wait longer, the others less, and after an hour it is as if they did not help.
played none "${n[@]}" --profile 'both=vq service; vq sales after 30s' --agents 'both=3 (English: 5) profile both'
later=$(mean sales) sooner=$(mean service)
played none "${n[@]}" --profile 'both=vq service; vq sales after 1h' --agents 'own_service=3 (English: 5) profile both'
chain -v l1=130 -v l2=60 -v s1=3 -v s2=3 -v s3=0 | holds "N, apart"
[ $judged = no ] || awk -v a="$sales" -v b="$later" -v c="$(mean sales)" -v x="$service" -v y="$sooner" -v z="$(mean service)" \
    'BEGIN {exit !(a < b && b < c && x > y && y > z)}' ||
    wrong "N, after 30 s: sales $sales, $later, $(mean sales); service $service, $sooner, $(mean service)"

# W: both queues have agents of their own, and there are agents for both, who sell first. Profiles are the directory's.
cat >"$dir/people.sql" <<'END'
create table profile(profile, vq, rank, delay_s);
insert into profile values ('own_sales', 'sales', 1, null), ('own_sales', '*', 0, null), ('own_service', 'service', 1, 0),
    ('own_service', '*', 0, 0), ('both', 'sales', 2, null), ('both', 'service', 3, null);
create table agent(name, profile);
create table group_member("group", agent);
insert into group_member values ('own_sales', 'a1'), ('own_sales', 'a2'), ('own_service', 'b1'), ('own_service', 'b2'),
    ('both', 'c1'), ('both', 'c2');
insert into agent select agent, "group" from group_member;
create table agent_skill(agent, skill, level); insert into agent_skill select name, 'English', 5 from agent;
END
played none --directory "$dir/people.sql" --arrivals first=100/h --arrivals second=80/h "${times[@]}"
chain -v l1=100 -v l2=80 -v s1=2 -v s2=2 -v s3=2 | holds "W"
sed "s/'\*', 0, 0/'*', 101, 0/" "$dir/people.sql" >"$dir/wrong.sql"
"$gcxc" simulate "$dir/none" --directory "$dir/wrong.sql" --arrivals first=9/h 2>&1 | grep -q 'the table profile has a row that is none' ||
    wrong "a rank of 101"
[ "$failures" = 0 ]
