# tests/flows/both_common.sh - One scenario, two players: tests under the virtual clock and over the wire, where each has a
# switch, a T-Server and a gcxvm of its own, side by side. Sourced by bash; brings enterprise_common.sh with it.
. "$top_srcdir/tests/flows/enterprise_common.sh"

pids=''
children() { for pid in $pids; do kill "$pid" 2>/dev/null; done; for pid in $pids; do wait "$pid" 2>/dev/null; done; }
also_end() { children; }

# wire TEST NAME: over the wire, in a folder of that name. Run in a subshell, which cleans up after itself.
wire() {
    dir=$dir/$2 failures=0
    mkdir "$dir"
    also_end() { :; }
    watch_end
    begin "$1"
    played && echo passed >"$dir.verdict"
    stop
    [ "$failures" = 0 ] || show_logs 60
    cleanup "$failures"
}

# both FILE: all its tests, by both players.
both() {
    build_flow "$1"
    virtual=0; "$gcxc" test "$flow/${1##*/}" >"$dir/virtual" 2>&1 || virtual=1
    tail -n 1 "$dir/virtual"
    [ $virtual = 0 ] || { say_failed "gcxc test"; cat "$dir/virtual"; }
    all_by_wire "${1##*/}"
}

# all_by_wire NAME: all tests of the image over the wire, four at once, in folders of that name.
all_by_wire() {
    # A fixed date alone does not keep a test from the wire; an injected fault does.
    "$gcxsim" list "$image" ${dates---any-date} >"$dir/list" || say_failed "gcxsim list"
    number=0 pids='' names=()
    while IFS=$'\t' read -r place name how; do
        if [ "$how" != wire ]; then
            echo "$name: $how"
            "$gcxsim" play "$image" --test "$name" ${dates---any-date} --cti 127.0.0.1:9 </dev/null | grep -q ': virtual only' || say_failed "it should say that it is virtual only: $name"
            continue
        fi
        number=$((number + 1)); names[number]=$name
        wire "$name" "$1.$number" </dev/null &
        pids="$pids $!"
        ((number % 4 == 0)) && wait $pids
    done <"$dir/list"
    wait $pids
    pids=''
    for n in $(seq 1 $number); do
        if [ -f "$dir/$1.$n.verdict" ]; then echo "${names[n]}: passed over the wire"; else say_failed "over the wire: ${names[n]}"; fi
    done
}
