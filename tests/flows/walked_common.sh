# tests/flows/walked_common.sh - A walk of agents at the desk over a site whose contact store is a PostgreSQL: the script does what
# the agents' program asks for, one line each (walked.py). Sourced by bash, before answers_common.sh.
. "$top_srcdir/tests/flows/postgres_common.sh"
pg_begin || { pg_end; exit 1; }
PATH=$pg_bin:$PATH
store=$pg_conninfo
people_PID=

walk_begins() {
    also_end() { [ -z "$people_PID" ] || kill "$people_PID" 2>/dev/null; mail_end; pg_end; }
    begin
}
post_one() { id=$2 post "$1"; }
has_answer() { [ "$(boxed "$1" "Answer to $2")" -ge 1 ]; }
# its_answer NAME ONE OTHER: NAME has the answer to ONE, once, which quotes ONE and not OTHER.
its_answer() {
    await has_answer "$1" "$2"
    [ "$(boxed "$1" "Answer to $2")" = 1 ] || say_failed "$1 has $(boxed "$1" "Answer to $2") answers to $2"
    answer=$(grep -l -x -r "Answer to $2.\?" "$dir/mail/box/$1/new" | head -n 1 | xargs cat)
    grep -q "^> from $2" <<<"$answer" || say_failed "the answer to $2 quotes something else: $answer"
    grep -q "from $3" <<<"$answer" && say_failed "the answer to $2 quotes $3: $answer"
    [ "$1" = "${3%%first}" ] || [ "$1" = "${3%%second}" ] || [ "$(boxed "$1" "Answer to $3")" = 0 ] || say_failed "$1 has the answer to $3"
}
# put_back [all]: the machine dies, its state folder is lost, and the backup is put back; `all`: the contact store, too.
put_back() {
    everything_killed
    pg_sql -c "update served set until = 0" # nobody puts a backup back within the lease of the core that died
    rm -rf "$dir/state"
    expect_exit 0 "$gcxctl" restore "$dir/copy" ${1:+--all}
    begin
}
backup() { rm -rf "$dir/copy"; expect_exit 0 ctl backup "$dir/copy"; }
walk() {
    local what
    coproc people { PYTHONDONTWRITEBYTECODE=1 top_builddir=$top_builddir timeout 900 python3 "$top_srcdir/tests/promises/$1" "$dir" "$top_srcdir"; }
    local in=${people[0]} out=${people[1]} pid=$people_PID
    while read -r -u "$in" what one two three; do
        [ "$what" = do ] || { echo "$what $one $two $three"; continue; }
        case $one in
        post) post_one $two $three ;;
        got) its_answer $two $three ;;
        core) vm_killed ;;
        email | desk | chat) adapter_killed "$one" ;;
        database) pg_stop immediate; pg_start ;;
        backup) backup ;;
        restore) backup; put_back ;;
        put_back) put_back $two ;;
        *) say_failed "nobody knows how to do: $one" ;;
        esac
        echo done >&"$out"
    done
    wait "$pid" || { say_failed "the agents did not come through"; tail -n 60 "$dir/log"; }
    people_PID=
}
