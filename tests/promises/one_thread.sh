#!/bin/bash
# A conversation is one thread: a customer's mail, our acknowledgement and answer, the customer's answer to it, and so on,
# each one interaction with one end, whoever ends it; in the contact store and in the mailboxes' headers. Core and adapter
# are killed between. ROUNDS: answers to and fro, 2 unless told.
. "$top_srcdir/tests/flows/answers_common.sh" || exit 1
begin
# header NAME TEXT: of Anna's mail that has the line TEXT.
header() { python3 - "$dir/mail/box/anna/new" "$@" <<'PY'
import email, os, sys
for name in os.listdir(sys.argv[1]):
    mail = email.message_from_file(open(f"{sys.argv[1]}/{name}"))
    if sys.argv[3] in mail.get_payload():
        print(" ".join(mail[sys.argv[2]].split()))
PY
}
acknowledged() { [ "$(ls "$dir/mail/box/anna/new" 2>/dev/null | wc -l)" -ge "$1" ]; }
# The ids of the thread so far, as a mail refers to them.
references=()
known=0
id=m0 post anna
agent answer 1 || say_failed "the agent did not come through"
for ((round = 0; round < ${ROUNDS:-2}; round++)); do
    await eval '[ "$(boxed anna "Answer to m$round")" = 1 ]' || agent shown anna
    ours=$(header Message-Id "Answer to m$round")
    [ "$(header In-Reply-To "Answer to m$round")" = "<m$round@example.org>" ] || say_failed "answer $round does not say what it answers"
    references+=("<m$round@example.org>")
    # The first one and the last ones stand there, as many as a header takes.
    named=$(header References "Answer to m$round")
    case "$named " in
    "${references[0]} "*) ;;
    *) say_failed "answer $round does not name the first one: $named" ;;
    esac
    case " $named" in
    *" ${references[-1]}") ;;
    *) say_failed "answer $round does not name what it answers: $named" ;;
    esac
    [ $round -gt 3 ] || [ "$named" = "${references[*]}" ] || say_failed "answer $round does not name all: $named"
    references+=("$ours")
    case $((round % 2)) in 0) adapter_killed email ;; *) vm_killed ;; esac
    id=m$((round + 1)) post anna "In-Reply-To: $ours" "References: ${references[*]}"
    agent answer 1 || say_failed "the agent did not come through"
done
await eval '[ "$(boxed anna "Answer to m$round")" = 1 ]'

# Others answer the acknowledgement, or the last answer: a supervisor, and an operator, end them.
await acknowledged $((2 * round + 2))
waits() { [ "$(sql "select count(*) from interactions where external_id = '$1@example.org' and ixn is not null")" = 1 ]; }
ended_in_store() { [ "$(sql "select count(*) from interactions where external_id = '$1@example.org' and ended is not null")" = 1 ]; }
ixn_of() { sql "select ixn from interactions where external_id = '$1@example.org'"; }
id=supervised post anna "In-Reply-To: $(header Message-Id soon | sed -n 1p)"
agent close anna || say_failed "the supervisor did not come through"
await ended_in_store supervised
id=operated post anna "References: $(header Message-Id "Answer to m$round")"
await waits operated
ctl end "$(ixn_of operated)" >"$dir/output" 2>&1 || { say_failed "gcxctl"; cat "$dir/output"; }
await ended_in_store operated

# It ends while its adapter hangs, and both are killed: the notice is lost.
id=unheard post anna "In-Reply-To: $ours"
await waits unheard
hung=$(pid_of email)
kill -STOP "$hung"
ctl end "$(ixn_of unheard)" >"$dir/output" 2>&1 || { say_failed "gcxctl"; cat "$dir/output"; }
kill -KILL "$hung"
vm_killed
await ended_in_store unheard

mails=$((3 * (round + 1) + 2 * 3))
await eval '[ "$(sql "select count(*) from interactions where ended is null")" = 0 ]' ||
    sql "select id, direction, external_id, ixn, agent, result from interactions where ended is null"
[ "$(sql 'select count(*) from interactions')" = $mails ] || { say_failed "not $mails interactions"; sql 'select * from interactions'; }
[ "$(sql 'select count(distinct thread) from interactions')" = 1 ] || { say_failed "more than one thread"; sql 'select id, parent, thread, direction, external_id from interactions'; }
[ "$(sql 'select count(*) from interactions where parent is null')" = 1 ] || { say_failed "others than the first have no parent"; sql 'select id, parent, thread, direction, external_id from interactions'; }
sql 'update interactions set ended = ended - 5 * 86400000000'
expect "$mails interactions removed" "$top_builddir/gcxstore" expire "$store" 2
stop 0
[ "$failures" = 0 ] && cleanup 0
tail -n 60 "$dir/log"
cleanup 1
