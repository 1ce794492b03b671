# tests/flows/kind_common.sh - Scripts of one kind share what they only look at: a daemon, a database server. NAME.tap begins
# it once and then runs its parts, scripts that find it in the environment; where one of them is run alone, it begins its
# own. Each part is a test of the result, and one that fails hides none: what it may have broken is begun anew.
# Sourced by bash.

# Where what they need is not installed, which a common file finds before anything is begun, all are skipped.
trap 'if [ $? = 77 ]; then echo "1..0 # SKIP what they need is not installed"; exit 0; fi' EXIT

# parts COMMAND NAME...: runs these scripts one after another; COMMAND begins anew what they share.
parts() {
    local again=$1 number=0 broken='' part status
    shift
    echo "1..$#"
    for part; do
        [ -z "$broken" ] || "$again" >"$dir/again" 2>&1
        bash "$top_srcdir/tests/flows/$part.sh" >"$dir/part" 2>&1; status=$?
        broken=''
        case $status in
        0) echo "ok $((++number)) - $part" ;;
        77) echo "ok $((++number)) - $part # SKIP $(tail -n 1 "$dir/part")" ;;
        *) echo "not ok $((++number)) - $part"; broken=yes ;;
        esac
        sed 's/^/# /' "$dir/part"
    done
}

# postgres_parts NAME...: these share a PostgreSQL server, which they stop and start.
postgres_parts() {
    . "$top_srcdir/tests/flows/postgres_common.sh"
    trap pg_end EXIT
    trap 'exit 1' INT TERM
    dir=$pg_dir
    pg_begin || exit 1
    export GCX_POSTGRES=$pg_dir
    parts pg_again "$@"
}
pg_again() { pg_stop immediate; rm -rf "$pg_data"; pg_begin; }
