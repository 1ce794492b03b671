#!/bin/bash
# tests/flows/log_personal.sh - The log tells what happens to a caller without the caller's number, what was keyed, and
# what a database knows; with `personal = shown` it tells these, too.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$enterprise/tests.gcx"
# carried: one call from end to end.
carried() {
    begin "a gold French caller reaches Marie"
    played || die "the call was not carried"
    ctl signal 1-000000000001 pay 'who=Lagarde' 2>/dev/null # it comes too late, and is logged all the same
    stop
}
names() { grep -c -i -e '33145550101\|4711\|Dupont\|Lagarde\|\bgold\b' "$dir/gcxvm.log"; }

echo "masked"
conf_log=''
carried
[ "$(names)" = 0 ] || { say_failed "the log has a caller's number, digits or data"; grep -i -e '33145550101\|4711\|Dupont\|Lagarde\|\bgold\b' "$dir/gcxvm.log"; }
await logged 'EventCallCreated .*ani=\.\.01' || say_failed "the end of the number is not there"
await logged 'EventCallCreated .*dnis=1800' || say_failed "nobody could tell which service was dialled"
await logged 'signal: .*who=\.\.(7)' || say_failed "nobody could tell what a signal brought"
await logged 'EventTreatmentEnd .*digits=\.\.(' || say_failed "nobody could tell that something was keyed"
await logged 'EventDone .*name=\.\.(6)' || say_failed "nobody could tell that the database knew a name"

echo "shown"
conf_log='log { personal = shown }'
carried
for text in 'ani=+33145550101' 'digits=4711' 'name=Dupont' 'dnis=1800' 'who=Lagarde'; do logged "$text" || say_failed "not shown: $text"; done
finish
