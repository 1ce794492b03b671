#!/bin/sh
# No adapter refuses its peer, or needs a neighbour, that the tables do not have: each answer that refuses goes through
# the function that counts and tells it; each row is used; each setting that names a server has its row, and each
# neighbour that is told has one.
cd "$top_srcdir" || exit 1
status=0
fail() { echo "refusals: $*"; status=1; }
sources() { ls runtime/adapters/*/*.c runtime/web/*.c runtime/mail/*.c; }

# ---- who may answer ----
# only PATTERN WHERE: a call that can refuse stands in these files only.
only() {
    found=$(sources | grep -v -E "^runtime/$2\$" | xargs grep -n -E "$1" | grep -v -E ':[0-9]+: *(/\*|\*)')
    [ -z "$found" ] || fail "by the table's own function, runtime/$2, and not here: $found"
}
only 'ua_answer_(once|kept)\(.*[^0-9](4(0[02-9]|[1-9][0-9])|[56][0-9][0-9]),' 'adapters/sip/refuse.c'
only 'session_reject\(.*[456][0-9][0-9],' 'adapters/sip/refuse.c'
only 'evhttp_new\(' 'web/door.c'
only 'evconnlistener_new' 'adapter/listener.c'
only 'evhttp_set_gencb\(' 'web/door.c'
only 'set_text\(event, "Message", "EventError"' 'adapters/cti/notify.c'
only 'g_string_append_printf\(dialogue->out, "%u ' 'mail/dialogue.c'
[ "$(grep -c 'refused(dialogue->calls.self' runtime/mail/dialogue.c)" = 1 ] || fail "a mail dialogue does not tell what it refuses"
grep -q 'evhttp_request_set_on_complete_cb(request, door_on_answered' runtime/web/door.c || fail "the door does not tell what is refused"

# ---- every row is used, and every adapter that somebody asks has rows ----
rows=$(sed -n 's/^REFUSAL(\([a-z]*\), \([a-z0-9_]*\),.*/\1_\2/p' runtime/adapter/refusals.def)
count=0
for row in $rows; do
    count=$((count + 1))
    case $row in http_*|smtp_*) continue ;; esac # by their codes
    grep -rqw "REFUSED_$row" runtime/adapters || fail "nobody refuses by $row"
done
[ "$count" -gt 60 ] || fail "only $count rows"
for plugin in runtime/adapters/*/plugin.c; do
    adapter=${plugin%/plugin.c} adapter=${adapter##*/}
    case $adapter in dialer|domains) continue ;; esac # whose databases ask nothing
    grep -q -E "^(REFUSAL|ROOM)\($adapter," runtime/adapter/refusals.def || fail "the adapter $adapter has no row"
done

# ---- counters are there from the beginning ----
for name in $(grep -rhoE '(services->count|[a-z]*_count)\([a-z>.-]+link, "[a-z_]+"' runtime/adapters runtime/post | sed 's/.*"\(.*\)"/\1/' | sort -u); do
    grep -q -E "^(FIGURE|COUNTED)\($name," runtime/adapter/figures.def || fail "the counter $name has no row in figures.def"
done

# A way of the post office has these under its own noun.
for noun in $(sed -n '/^const struct post_way/,/^}/s/.*\.noun = "\([a-z]*\)".*/\1/p' runtime/adapters/*/*.c); do
    for name in $(grep -oE 'g_strconcat\(noun, "[a-z_]+"' runtime/post/office.c | sed 's/.*"\(.*\)"/\1/'); do
        grep -q -E "^(FIGURE|COUNTED)\($noun$name," runtime/adapter/figures.def || fail "the figure $noun$name has no row in figures.def"
    done
    ways=$((${ways-0} + 1))
done
[ "${ways-0}" -gt 0 ] || fail "no way of the post office is found"

# ---- neighbours ----
neighbours=runtime/adapter/neighbours.def
for name in $(grep -rhoE '(probe_new\(.*|neighbour\([^"]*)"[a-z_]+"' runtime/adapters runtime/post | sed 's/.*"\(.*\)"/\1/' | sort -u); do
    grep -q -E "^NEIGHBOUR\([a-z]+, $name," $neighbours || fail "the neighbour $name has no row"
done
told=0
for row in $(sed -n 's/^NEIGHBOUR(\([a-z]*\), \([a-z_:*-]*\), .*/\1:\2/p' $neighbours); do
    adapter=${row%%:*} name=${row#*:}
    told=$((told + 1))
    case $name in *\**|endpoint|source) continue ;; esac
    looks=runtime/adapters/$adapter
    [ "$adapter" = post ] && looks=runtime/post
    grep -q '^const struct post_way' "$looks"/*.c && looks="$looks runtime/post" # the office looks for it
    # shellcheck disable=SC2086 # folders without blanks
    grep -rq --include='*.c' -e "\"$name\"" $looks || fail "$adapter never tells of $name"
done
for file in runtime/adapters/*/settings.def; do
    adapter=${file%/settings.def} adapter=${adapter##*/}
    for setting in store lists submission imap classifier provider base server database mm4_answers outbound providers tserver tts; do
        grep -q "^SETTING($setting," "$file" || continue
        [ "$adapter.$setting" = desk.outbound ] && continue # a queue
        rooms=$(sed -n "s/^ROOM($adapter, \([a-z]*\))\$/|\1/p" runtime/adapter/refusals.def | tr -d '\n')
        grep -q -E "^NEIGHBOUR\(($adapter$rooms), [^,]*, $setting," $neighbours || fail "$adapter: the setting $setting names a neighbour without a row"
    done
done

# ---- what agents read of it ----
sentences=runtime/adapters/desk/codes.def
for code in $(sed -n '/^ENUM(code)/,/^END_ENUM/p' runtime/vocabulary/enums.def | grep -o 'V(code, [a-z_]*' | sed 's/.* //'); do
    grep -q -E "^(SENTENCE|UNSAID)\($code[,)]" $sentences || fail "agents have no sentence for the code $code"
done
sed -n 's/^TOLD("\([^"]*\)", .*/\1/p' $sentences | while read -r text; do
    grep -rqF --include='*.c' "\"$text\"" runtime/adapters/cti runtime/adapters/sip runtime/adapters/tserver runtime/core || echo "$text"
done | grep . && fail "no source says these texts of $sentences"
[ "$status" = 0 ] && echo "refusals: $count reasons, $told neighbours"
exit $status
