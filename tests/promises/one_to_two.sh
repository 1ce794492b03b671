#!/bin/bash
# gcx-standby(7) is followed to the letter: from one machine to two, an upgrade in both ways, a folder that is begun anew, a
# leader whose machine died. The commands and files are those of the page's blocks, while calls wait: none loses its place.
# Left out, and stood in for: systemd (a loop that starts gcxvm again, as Restart=on-failure does, and reads drop-ins at
# daemon-reload only); machines (folders of this one); scp, chown and runuser (one user); the value of `journal` (this
# test's server); another version of gcxvm (the same one again).
. "$top_srcdir/tests/flows/standby_common.sh"
page=$top_srcdir/man/gcx-standby.7
mkdir "$dir/bin"
also_end() {
    local machine pid
    for machine in first second; do
        touch "$dir/$machine/stopped"
        for pid in $(cat "$dir/$machine/gcxvm.pid" "$dir/$machine/loop.pid" 2>/dev/null); do kill -9 "$pid"; done
    done 2>/dev/null
    cluster_end
}

# ---- what stands in ----
cat >"$dir/bin/systemctl" <<'END'
#!/bin/bash
# systemctl ACT [gcxvm]: of the machine whose folder is $ROOT.
alive() { grep -qsE '^State:[[:space:]]+[^ZX[:space:]]' "/proc/$(cat "$ROOT/$1.pid" 2>/dev/null || echo none)/status"; }
end() {
    touch "$ROOT/stopped"
    ! alive gcxvm || kill "$(cat "$ROOT/gcxvm.pid")"
    while alive loop; do sleep 0.05; done
}
begin() {
    local line
    line=$(sed -n "s,/usr/bin/,${0%/*}/,; s, /etc/, $ROOT/etc/,; s/^ExecStart=//p" "$ROOT/unit" | tail -n 1)
    rm -f "$ROOT/stopped"
    (
        while :; do
            $line >>"$ROOT/log" 2>&1 &
            echo $! >"$ROOT/gcxvm.pid"
            wait $!
            code=$?
            [ ! -e "$ROOT/stopped" ] || exit
            case $code in 0 | 1 | 2 | 3) exit ;; esac # RestartPreventExitStatus
            sleep 1
        done
    ) >/dev/null 2>&1 &
    echo $! >"$ROOT/loop.pid"
}
case $1 in
daemon-reload) cat "$ROOT/etc/systemd/system/gcxvm.service.d/follow.conf" >>"$ROOT/unit" ;;
start) alive gcxvm || begin ;;
stop) end ;;
restart) end && begin ;;
*) echo "systemctl $1 is not stood in for" >&2 && exit 2 ;;
esac
END
printf '#!/bin/bash\nexec cp -p "$2" "%s/second${3#*:%s/first}"\n' "$dir" "$dir" >"$dir/bin/scp"
printf '#!/bin/bash\n[ -f "$2" ]\n' >"$dir/bin/chown"
printf '#!/bin/bash\nshift 3 && exec "$@"\n' >"$dir/bin/runuser"
printf '#!/bin/bash\nexec "%s" --socket "$ROOT/var/lib/gcx/admin.sock" "$@"\n' "$(realpath "$gcxctl")" >"$dir/bin/gcxctl"
ln -s "$(realpath "$gcxvm")" "$dir/bin/gcxvm"
chmod 755 "$dir/bin"/*

# ---- the page ----
# block HEADING NUMBER: so many blocks behind the line with that heading.
block() {
    awk -v heading="$1" -v number="$2" '$0 == heading {on = 1} on && /^\.Bd/ && ++count == number {inside = 1; next} /^\.Ed/ && inside {exit} inside' \
        "$page" | grep . || die "the page has no block $2 behind $1"
}
# on MACHINE COMMAND...: with the machine's folders for /etc, /var and /usr.
on() {
    local machine=$1; shift
    ROOT=$dir/$machine PATH=$dir/bin:$PATH bash -c "$(sed -E "s,(^|[ :\"=])/(etc|var|usr)/,\1$dir/$machine/\2/,g" <<<"$*")"
}
with_role() { local machine; for machine in first second; do on "$machine" gcxctl cluster 2>&1 | grep -q "^this one *$1" && echo $machine; done; }
serves() { on "$1" gcxctl status --json | grep -q '"ready": true'; }
both_there() { [ "$(on "$1" gcxctl cluster --json | grep -c '"behind"')" = 2 ]; }
up_to_date() { on "$1" gcxctl cluster --json | tr -d ' \n' | grep -q '"role":"follower","term":[0-9]*,"batch":[0-9]*,"behind":0,'; }
# follow_page HEADING NUMBER: its commands, each at the machine that its comment, or one before, names.
follow_page() {
    local line machine=first
    while read -r line; do
        case $line in
        *'# at the first'*) machine=first ;;
        *'# at the other'*) machine=second ;;
        *'# at the follower'*) machine=$(with_role follower) ;;
        *'# at the leader'*) machine=$(with_role leader) ;;
        *'# at the mended one'*) machine=$dead ;;
        esac
        echo "$machine: ${line%%#*}"
        case $line in
        *' until '*) await on "$machine" "${line%%#*}" ;;
        *) on "$machine" "${line%%#*}" || say_failed "at $machine: $line" ;;
        esac
        case $line in
        *'# until it serves'*) await serves "$machine" ;;
        *'# until both are there'*) await both_there "$machine" ;;
        *'# until it is behind by 0'*) await up_to_date "$machine" ;;
        esac
    done < <(block "$@")
}
led_by() { [ "$(with_role leader)" = "$1" ] && ln -sfn "$1/var/lib/gcx" "$dir/state" && serves "$1" && link_is_up; }
# nothing_lost LEADER WHAT
nothing_lost() {
    await led_by "$1"
    rows >"$dir/after"
    same_rows "$dir/before" "$dir/after" "the waiting calls are not where they were after $2"
    await both_there "$1"
    whole "after $2"
}

# ---- one machine ----
server
pg_standby || die "the standby of the database does not start"
build_flow "$top_srcdir/tests/flows/postgres_leads.gcx"
clock_stands 2
provision "calls wait while others lead"
sed -i "/into \"routing_point\"/s/10, 60/60, 60/" "$dir/directory.sql"
play "calls wait while others lead"
for machine in first second; do
    mkdir -p "$dir/$machine"/{etc/gcx,etc/systemd/system/gcxvm.service.d,var/lib} && mkdir -m 700 "$dir/$machine/var/lib/gcx"
    echo 'ExecStart=/usr/bin/gcxvm /etc/gcx/gcxvm.conf' >"$dir/$machine/unit"
    conf_more="state = \"$dir/$machine/var/lib/gcx\"
node = \"$machine\""
    configure
    sed "s,\"\(directory.sql\|customers.db\)\",\"$dir/\1\",g" "$dir/gcx.conf" >"$dir/$machine/etc/gcx/gcxvm.conf"
done
on first systemctl start gcxvm
ln -sfn first/var/lib/gcx "$dir/state"
await ready
await link_is_up
await are_waiting 3
rows >"$dir/before"

# ---- to two ----
heading='.Sh FROM ONE MACHINE TO TWO'
follow_page "$heading" 1
for machine in first second; do
    block "$heading" 2 | sed -E "s,^journal .*,journal = \"$pg_conninfo\",; s,/etc/gcx,$dir/$machine&," >"$dir/lines"
    cat "$dir/$machine/etc/gcx/gcxvm.conf" >>"$dir/lines" && cp "$dir/lines" "$dir/$machine/etc/gcx/gcxvm.conf"
    block "$heading" 3 >"$dir/$machine/etc/systemd/system/gcxvm.service.d/follow.conf"
done
follow_page "$heading" 4
expect 'copies: 2' on first gcxctl cluster
nothing_lost first "the second machine came"

# ---- and on ----
follow_page '.It An upgrade' 1
nothing_lost second "an upgrade by a handover"
await up_to_date second
follow_page '.It An upgrade' 2
nothing_lost first "an upgrade by two restarts"
dead=first
kill -9 "$(cat "$dir/first/loop.pid")" "$(cat "$dir/first/gcxvm.pid")"
await led_by second
follow_page '.It The leader'"'"'s machine is dead' 1
nothing_lost second "the leader's machine died"
on first systemctl stop gcxvm # as where it has ended with 3
dead=first
sed -n '/^\.It The follower ends with 3/,$p' "$page" >"$dir/rest" && page=$dir/rest
block '.It The follower ends with 3' 1 >"$dir/again"
while read -r line; do on first "$line" || say_failed "at first: $line"; done <"$dir/again"
nothing_lost second "a folder was begun anew"

ready_now 7001
played
finish
