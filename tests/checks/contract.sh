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
    grep -q "^ADAPTER(${row%%_*}, " $table || fail "$table has the limit $row of no adapter"
    grep -rqw "LIMIT_$row" runtime/adapters runtime/lists || fail "no adapter reads the limit $row of $table"
    # A text of the core never needs as many parts as there are, which sms/parts.c asserts.
    [ "$row" = sms_PARTS ] || grep -rqw "LIMIT_$row" runtime/sim || fail "the simulated world does not know the limit $row of $table"
done
[ "$limits" = "$(grep -c '^LIMIT(' $table)" ] && [ "$limits" -gt 0 ] || fail "only $limits limits can be read"

# What an ability wants is a setting of its adapter, and who needs one is a step.
while read -r adapter setting; do
    grep -q "^SETTING($setting, " "runtime/adapters/$adapter/settings.def" || fail "$adapter has no setting $setting"
done <<END
$(sed -n 's/^WANTS(\([a-z]*\), [a-z]*, \([a-z_]*\))/\1 \2/p' $table)
END
for step in $(sed -n 's/^NEEDS("\([a-z._]*\)", .*/\1/p' $table); do
    grep -q "^STEP([a-z_]*, \"$step\", " vm/steps.def || fail "there is no step $step"
done

found=$(grep -rnE 'caps\[\] = \{"|writer_list_text\([a-z]+, span_of\("(calls|treatments|dial|mail)"' runtime)
[ -z "$found" ] || fail "a list of abilities by hand: $found"
[ $status = 0 ] && echo "contract: $adapters adapters, $abilities abilities and $limits limits are as the table says"
exit $status
