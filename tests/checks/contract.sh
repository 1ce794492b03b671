#!/bin/sh
# What links can and refuse is in one table (runtime/vocabulary/contract.def): each adapter of the tree has its row there and its
# `media` and `caps` from it, the core asks for nothing that the table does not say it asks for, and no list of abilities is
# written by hand.
cd "$top_srcdir" || exit 1
status=0
fail() { echo "contract: $*"; status=1; }
table=runtime/vocabulary/contract.def

adapters=0
for plugin in runtime/adapters/*/plugin.c; do
    adapter=${plugin%/plugin.c} adapter=${adapter##*/}
    adapters=$((adapters + 1))
    list=$(sed -n "s/^ADAPTER($adapter, \([a-z]*\), .*/\1/p" $table)
    [ -n "$list" ] || { fail "the adapter $adapter has no row in $table"; continue; }
    grep -q "\.media = media_of_$list,$" "$plugin" || fail "$plugin has not the media that $table says: media_of_$list"
    grep -q "\.caps = caps_of_$adapter,$" "$plugin" || fail "$plugin has not the caps that $table says: caps_of_$adapter"
done
[ "$adapters" = "$(grep -c '^ADAPTER(' $table)" ] || fail "$table has adapters that the tree has not"

# A way to customers is played in each state and by each fault of runtime/post/post.def.
ways=0
for folder in $(grep -lE '(office_new|conversations_init)\(' runtime/adapters/*/*.c | cut -d/ -f3 | sort -u); do
    [ "$folder" = conversation ] && continue # what those of conversations share
    ways=$((ways + 1))
    grep -q "^TRIAL($folder, " tests/unit/trials.def || fail "the way $folder has no row in tests/unit/trials.def"
done
[ "$ways" = "$(grep -c '^TRIAL(' tests/unit/trials.def)" ] || fail "tests/unit/trials.def has ways that the tree has not"

abilities=0
for row in $(sed -n 's/^ABILITY(\([A-Z_]*\), \([a-z_]*\), \([0-9]*\), \([A-Z]*\), .*/\1:\2:\3:\4/p' $table); do
    name=${row%%:*} asks=${row##*:}
    abilities=$((abilities + 1))
    if [ "$asks" = NONE ]; then
        ! grep -rqw "CAP_$name" runtime/core || fail "the core asks for CAP_$name, and $table says NONE"
    else
        grep -rqw "CAP_$name" runtime/core || fail "the core never asks for CAP_$name, and $table says $asks"
    fi
done
[ "$abilities" = "$(grep -c '^ABILITY(' $table)" ] && [ "$abilities" -gt 20 ] || fail "only $abilities abilities can be read"
[ "$(sed -n 's/^ABILITY([A-Z_]*, [a-z_]*, \([0-9]*\),.*/\1/p' $table | sort -n | uniq -d)" = "" ] || fail "two abilities have one number"

# Each limit is one of an adapter of the table, the adapter's side reads it from there, and so does what plays it.
limits=0
for row in $(sed -n 's/^LIMIT(\([a-z]*\), \([A-Z_]*\), .*/\1_\2/p' $table); do
    limits=$((limits + 1))
    case $row in *_ANSWERS) # the usual number of a setting, which adapters and tests count by denied_machine_often
        adapter=${row%_ANSWERS}
        grep -q "^NUMBER(answers, $(sed -n "s/^LIMIT($adapter, ANSWERS, \([0-9]*\),.*/\1/p" $table), " "runtime/adapters/$adapter/settings.def" ||
            fail "the usual \`answers\` of $adapter is not the limit ANSWERS of $table"
        continue ;;
    esac
    grep -q "^ADAPTER(${row%%_*}, " $table || fail "$table has the limit $row of no adapter"
    grep -rqw "LIMIT_$row" runtime/adapters runtime/lists || fail "no adapter reads the limit $row of $table"
    # A text of the core never needs as many parts as there are, which sms/parts.c asserts.
    [ "$row" = sms_PARTS ] || grep -rqw "LIMIT_$row" runtime/sim runtime/vocabulary/denied.c || fail "the simulated world does not know the limit $row of $table"
done
[ "$limits" = "$(grep -c '^LIMIT(' $table)" ] && [ "$limits" -gt 0 ] || fail "only $limits limits can be read"

# A setting that a row names is one of its adapter; what needs an ability, or is done with a setting, is a step, but for the
# words of a directory and of a selection that the table names at NEEDS.
rows() { sed -n "s/^$1(\(.*\))\$/\1/p" $table | tr -d '" '; }
while IFS=, read -r adapter setting; do
    [ "$setting" = NEVER ] || grep -q "^SETTING($setting, " "runtime/adapters/$adapter/settings.def" || fail "$adapter has no setting $setting"
done <<END
$(rows WANTS | cut -d, -f1,3; rows BESIDE | cut -d, -f1,3; rows DOES | cut -d, -f1,3; rows SAYS | cut -d, -f1,2)
END
for step in $( (rows NEEDS | cut -d, -f1; rows DOES | cut -d, -f2) | grep -vx 'campaign\|callback\|elsewhere\|ring'); do
    grep -q "^STEP([a-z_]*, \"$step\", " vm/steps.def || fail "there is no step $step"
done

# A step whose file of the core asks for an ability needs one, but for these, which ask the interaction's own link alone.
alone=" call.answer callback.slots outbound.retry outbound.next outbound.close chat.send social.reply im.send email.return_to_author agents.log_in agents.log_out agents.pause agents.ready "
asking=0
for file in $(grep -lE 'link_(can|that_can)\(' runtime/core/steps/*.c); do
    for family in $(sed -n 's/^const struct step_ops step_ops_\([a-z_]*\) = .*/\1/p' "$file"); do
        case $family in select | route | stop | reject | exclude | preview) continue ;; esac # they go on where no link can
        for step in $(tr '\n' ' ' <vm/steps.def | grep -oE "STEP\([^)]*, $family, *\"" | sed -n 's/^STEP([a-z_]*, "\([^"]*\)".*/\1/p' | tr ' ' '_'); do
            asking=$((asking + 1))
            case $alone in *" $step "*) continue ;; esac
            grep -q "^NEEDS(\"$step\", " $table || fail "$file asks for an ability at $step, and $table has no row NEEDS of it"
        done
    done
done
[ $asking -gt 25 ] || fail "only $asking steps of the core's files can be read"

# The queues and points of an adapter that brings something are those that a test reads.
for adapter in $(sed -n 's/^ADAPTER(\([a-z]*\), [a-z]*, BRINGS, .*/\1/p' $table); do
    [ -f "runtime/adapters/$adapter/settings.def" ] || continue # tserver's are those of the clients' wire: calls come to any point
    kinds=$(sed -n 's/^SETTING(\([a-z_]*\), [^,]*, \(routes\|queues\)(.*/\1/p' "runtime/adapters/$adapter/settings.def")
    for setting in $kinds; do
        grep -q "^SAYS($adapter, $setting, POINTS)" $table || fail "$table does not say that $adapter brings to $setting alone"
    done
done

# Who plays or checks a site knows adapters and abilities by the table: no adapter by its name, no more than two abilities
# in a file; the proving ground, too, but it has links of its own, which lack on purpose what it does not play.
players="compiler/cli runtime/sim runtime/daemon/check runtime/adapter"
found=$(grep -rnE 'strcmp\([^;]*"(sip|tserver|webhook|dialer|domains|work)"\)' $players tests/proving)
[ -z "$found" ] || fail "an adapter by its name, which is to be a row of $table: $found"
for file in $(grep -rlE '\<CAP_[A-Z]' $players); do
    [ "$(grep -oE '\<CAP_[A-Z_]+' "$file" | sort -u | wc -l)" -le 2 ] || fail "$file has a list of abilities beside $table"
done

# Each reason is one of an adapter, which says it by the table's words; each sender has a step.
for why in $(sed -n 's/^REASON(\([a-z_]*\), .*/\1/p' $table); do
    grep -q "^REFUSES([a-z]*, $why, " $table || fail "no adapter refuses for the reason $why of $table"
    grep -rqw "WHY_$why" runtime/adapters runtime/adapter runtime/post runtime/lists runtime/vocabulary/denied.c || fail "no adapter says the reason $why of $table"
    grep -rqw "WHY_$why" runtime/sim runtime/vocabulary/denied.c || fail "the simulated world does not know the reason $why of $table"
done
for row in $(rows REFUSES; rows OWNS); do
    grep -q "^ADAPTER(${row%%,*}, " $table || fail "$table has the row $row of no adapter"
done
for step in $(rows SENDS | cut -d, -f1); do
    grep -q "^STEP([a-z_]*, \"$step\", " vm/steps.def || fail "there is no step $step"
done

# Where else an adapter refuses a step: FUNCTION, and why no test knows it. A new place is a row REFUSES, or is told here.
refusing=$(awk '/^[a-z].*\(/ && !/;$/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
    /^[ \t].*(cause_(refused|invalid_number|invalid_destination|stale|throttled)|code_(refused|suppressed|invalid_number))/ && !/^[ \t]*(\/\*|\* )/ { print name }' \
    runtime/adapters/conversation/*.c runtime/adapters/email/*.c runtime/adapters/sms/*.c runtime/adapters/webhook/*.c \
    runtime/adapters/im/*.c runtime/adapters/chat/*.c runtime/adapters/mms/*.c runtime/post/*.c | sort -u)
for name in $refusing; do
    grep -q "^$name  *[A-Za-z]" tests/checks/refusing.list || fail "$name refuses: a reason of $table, or a line of tests/checks/refusing.list"
done
while read -r name _; do
    case $name in '#'*|'') continue ;; esac
    echo "$refusing" | grep -qx "$name" || fail "tests/checks/refusing.list: $name does not refuse any more"
done <tests/checks/refusing.list

found=$(grep -rnE 'caps\[\] = \{"|writer_list_text\([a-z]+, span_of\("(calls|treatments|dial|mail)"' runtime tests/proving)
[ -z "$found" ] || fail "a list of abilities by hand: $found"
[ $status = 0 ] && echo "contract: $adapters adapters, $ways ways to customers, $abilities abilities and $limits limits are as the table says"
exit $status
